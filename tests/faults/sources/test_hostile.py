"""Documents and addresses that attack: F15, F16, F17; and tokens, F25."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from given import Open, Raw, Read
from scripted import Conversation, answer, bounded, saying

from harvesters.errors import (
    ForbiddenAddressError,
    GarbledSourceError,
    RefusedBySourceError,
    SourceError,
    TooLargeSourceError,
    UnauthorisedSourceError,
)
from harvesters.http import Client
from harvesters.rdf.process import RdfReader, RdfTooLargeError
from hatinh.confined import Allowance

# -- F15: XML -------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
ENTITIES = {
    "laughs": f'<!ENTITY e0 "ha">{LAUGHS}',
    "quadratic": f'<!ENTITY e9 "{"x" * 100_000}">',
    "file": '<!ENTITY e9 SYSTEM "file:///etc/passwd">',
    "network": '<!ENTITY e9 SYSTEM "http://127.0.0.1:1/">',
    "parameter": '<!ENTITY % p SYSTEM "http://127.0.0.1:1/p.dtd"> %p; <!ENTITY e9 "x">',
    "harmless": '<!ENTITY e9 "x">',
}
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns:dct="http://purl.org/dc/terms/"><rdf:Description rdf:about="http://a.vn/1" '
    'dct:source="{0}"><rdf:type rdf:resource="http://www.w3.org/ns/dcat#Dataset"/>'
    "<dct:title>{0}</dct:title></rdf:Description></rdf:RDF>"
)
ISO = '<MD_Metadata xmlns="x" uuid="{0}"><fileIdentifier>{0}</fileIdentifier></MD_Metadata>'
DOCUMENTS = {"dcat": RDF, "iso": ISO, "csw": ISO}


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("entities", ENTITIES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_f15_entities_are_refused_at_once(
    raw: Raw,
    read: Read,
    called: list[tuple[str, int]],
    kind: str,
    entities: str,
    encoding: str,
) -> None:
    """Billion laughs, quadratic blow-up, nested entities, files and networks: within a second."""
    inner = DOCUMENTS[kind].format("&e9;" * (1000 if entities == "quadratic" else 1))
    text = f"<!DOCTYPE x [{ENTITIES[entities]}]>{inner}"
    text = f'<?xml version="1.0" encoding="{encoding}"?><!-- <a> --> {text}'
    server = raw(saying(answer(text.encode(encoding), "application/xml")))
    with bounded(5, 100, processor=1), pytest.raises(GarbledSourceError):
        read(kind, server.url)
    assert called == [("127.0.0.1", server.port)]


def test_f15_an_external_dtd_is_not_fetched(
    raw: Raw, read: Read, called: list[tuple[str, int]]
) -> None:
    """Neither by its address nor by its public name."""
    for head in ('SYSTEM "http://127.0.0.1:1/a.dtd"', 'PUBLIC "-//A" "file:///etc/passwd"'):
        said = answer(f"<!DOCTYPE x {head}>{ISO.format('a')}".encode(), "application/xml")
        with bounded(5, processor=1), pytest.raises(GarbledSourceError):
            read("iso", raw(saying(said)).url)
    assert len(called) == 2


def test_f15_includes_are_text_like_any_other(
    raw: Raw, read: Read, called: list[tuple[str, int]]
) -> None:
    """XInclude is not followed."""
    include = (
        '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/>'
    )
    said = answer(ISO.replace(">{0}<", f">a{include}<").format("a").encode(), "application/xml")
    (draft,) = read("iso", raw(saying(said)).url)
    assert draft.guid == "a"
    assert len(called) == 1


@pytest.mark.parametrize("kind", ["dcat", "iso"])
def test_f15_deep_xml_is_a_failure(raw: Raw, read: Read, kind: str) -> None:
    """Elements in elements: no crash, no long wait."""
    tags = b"<d:a>" * 50_000 + b"</d:a>" * 50_000
    rdf = b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="d">%s</r:RDF>'
    with bounded(5, processor=1), pytest.raises(SourceError):
        read(kind, raw(saying(answer(rdf % tags, "application/xml"))).url)


def test_f15_a_document_beyond_the_readers_memory_ends_the_reader(
    raw: Raw, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that reads RDF dies by its own limits; the source fails and nothing else."""
    monkeypatch.setattr("harvesters.rdf.process.ALLOWANCE", Allowance(80 << 20, 60, 1 << 20))
    body = "".join(f"<a:{n}> <b:{n}> <c:{n}> ." for n in range(70_000))
    with bounded(5, 200), pytest.raises(TooLargeSourceError):
        read("dcat", raw(saying(answer(body.encode(), "text/turtle"))).url)


def test_f15_a_reader_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock, whatever it waits for."""
    monkeypatch.setattr("harvesters.rdf.process.COMMAND", ("-c", "import time; time.sleep(60)"))
    reader = RdfReader(seconds=0.3)
    with bounded(3), pytest.raises(RdfTooLargeError):
        reader.read(b"", "turtle", "http://a.vn/")
    reader.close()


# -- F16: contexts --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "context",
    [
        "http://169.254.169.254/context",
        "https://www.w3.org/ns/dcat.jsonld",
        ["http://127.0.0.1:1/", {}],
        {"@import": "http://127.0.0.1:1/"},
        {"a": {"@id": "http://a.vn/a", "@context": "http://127.0.0.1:1/"}},
        "file:///etc/passwd",
        "context.jsonld",
    ],
)
def test_f16_a_context_elsewhere_is_refused_and_never_fetched(
    raw: Raw, read: Read, called: list[tuple[str, int]], context: object
) -> None:
    """Addresses in any place of a context, relative ones too."""
    document = {"@context": context, "@type": "http://www.w3.org/ns/dcat#Dataset"}
    server = raw(saying(answer(json.dumps(document).encode(), "application/ld+json")))
    with bounded(5, processor=2), pytest.raises(GarbledSourceError, match="context elsewhere"):
        read("dcat", server.url)
    assert called == [("127.0.0.1", server.port)]
    assert len(server.asked) == 1


# -- F17: addresses -------------------------------------------------------------------------------

INTERNAL = [
    "127.0.0.1",
    "127.1",
    "0.0.0.0",
    "0",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.01",
    "10.0.0.1",
    "172.16.5.5",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fc00::1]",
    "[fe80::1]",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "①②⑦.0.0.1",
    "203.162.0.1@127.0.0.1",
]


@pytest.mark.parametrize("host", INTERNAL)
def test_f17_an_internal_address_is_never_called(
    open_at: Open, called: list[tuple[str, int]], host: str
) -> None:
    """In every notation, by the real resolver: loopback, private, link-local, mapped."""
    with bounded(3), pytest.raises(SourceError):
        list(open_at("folder", f"http://{host}:8080/", allow_private=False).drafts())
    assert called == []


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "[::1]", "2130706433"])
def test_f17_a_file_may_not_lie_inside(
    raw: Raw, open_at: Open, called: list[tuple[str, int]], host: str
) -> None:
    """A source that may be private opens its own host and port, not those that it names."""
    server = raw(saying(answer(b"{}")))
    source = open_at("folder", server.url)
    with bounded(5, processor=2), pytest.raises(ForbiddenAddressError):
        source.client.get(f"http://{host}:1/a.csv")
    assert called == []


def test_f17_a_name_that_turns_is_called_as_it_was_checked(
    raw: Raw, client: Client, called: list[tuple[str, int]]
) -> None:
    """DNS rebinding: the name is asked once, and what was checked is what is called."""
    server = raw(saying(answer(b"{}")))
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"]])

    def turning(host: str, port: int) -> list[str]:
        del host, port
        return next(answers)

    hosts = frozenset({f"nguon.test:{server.port}"})
    bound = replace(client, resolve=turning, private_hosts=hosts)
    assert bound.get(f"http://nguon.test:{server.port}/").body == b"{}"
    assert called == [("127.0.0.1", server.port)]


# -- F25: tokens ----------------------------------------------------------------------------------

SERVICES = [
    {"path": f"/dv/{guid}", "guid": guid, "title": guid, "columns": ["ma"]} for guid in ("a", "b")
]
SECRETS = {"client_id": "khach", "client_secret": "bi-mat-cua-nguon"}


def gateway(tokens: list[str], accepted: str) -> Callable[[Conversation], None]:
    """A platform that gives these tokens in turn, and rows for the one that it accepts.

    The first call is answered whatever its token: it expires in the middle of the job.
    """
    given = iter(tokens)
    calls: list[str] = []

    def script(talk: Conversation) -> None:
        if talk.asked.path == "/token":
            token = next(given, "")
            said = json.dumps({"access_token": token, "expires_in": 3600}).encode()
            talk.send(answer(said) if token else answer(b"{}", status=500))
            return
        calls.append(talk.asked.path)
        if len(calls) == 1 or talk.asked.headers.get("Authorization") == f"Bearer {accepted}":
            talk.send(answer(b'{"objects": {"object": [{"ma": "1"}]}}'))
        else:
            talk.send(answer(b"{}", status=401))

    return script


@pytest.mark.parametrize(
    ("tokens", "error"),
    [
        (["the-cu", "the-moi"], None),
        (["the-cu", "the-cu", "the-moi"], UnauthorisedSourceError),
        (["the-cu"], RefusedBySourceError),
    ],
    ids=["renewed", "refused twice", "renewal fails"],
)
def test_f25_a_token_is_renewed_once_and_never_told(
    raw: Raw,
    open_at: Open,
    caplog: pytest.LogCaptureFixture,
    tokens: list[str],
    error: type[SourceError] | None,
) -> None:
    """401 once is an expired token, twice is a refusal; secrets are in no message and no log."""
    caplog.set_level(logging.DEBUG)
    server = raw(gateway(tokens, "the-moi"))
    source = open_at("lgsp", server.url, options={"services": SERVICES}, secrets=SECRETS)
    told = ""
    if error is None:
        told = repr(list(source.drafts()) or source)
    else:
        with pytest.raises(error) as raised:
            list(source.drafts())
        told = repr(raised.value) + repr(raised.value.as_problem())
    told += caplog.text + repr(source.config) + repr(source.client)
    assert [word for word in (*tokens, *SECRETS.values()) if word in told] == []
