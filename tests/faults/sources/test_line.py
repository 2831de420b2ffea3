"""Faults of the line and of the server behind it: F01, F03, F04, F05, F06, F07, F26."""

import gzip
import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from given import Chaos, Open, Raw, Read
from scripted import Conversation, Script, answer, bounded, saying

from harvesters.conditional import Visited
from harvesters.errors import (
    ForbiddenAddressError,
    LoopingSourceError,
    RefusedBySourceError,
    SlowSourceError,
    SourceError,
    TruncatedSourceError,
    UnreachableSourceError,
)
from harvesters.http import Client
from hatinh.dataset import Resource
from hatinh.reading import as_text

BODY = json.dumps({"count": 2, "datasets": [{"id": "a"}, {"id": "b"}]}).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


# -- F01: down ------------------------------------------------------------------------------------


@pytest.mark.parametrize("faults", [{"refuse": True}, {"reset_after": 0}, {"cut_after": 0}])
def test_f01_down_before_the_first_byte_is_a_failure(
    raw: Raw, chaos: Chaos, portal: Script, read: Read, faults: dict[str, Any]
) -> None:
    """Nobody answers, or the line breaks before an answer begins."""
    line = chaos(raw(portal).port, **faults)
    with bounded(3), pytest.raises(UnreachableSourceError):
        read("ckan", line.url)


@pytest.mark.parametrize("fault", ["cut_after", "reset_after"])
def test_f01_down_in_a_page_is_a_failure(
    raw: Raw, chaos: Chaos, portal: Script, read: Read, fault: str
) -> None:
    """The line ends in the middle of the first page."""
    line = chaos(raw(portal).port, **{fault: 150})
    with bounded(3), pytest.raises((TruncatedSourceError, UnreachableSourceError)):
        read("ckan", line.url)


def test_f01_down_between_pages_is_a_failure(
    raw: Raw, chaos: Chaos, portal: Script, open_at: Open
) -> None:
    """What came before is no list: the failure comes where the list would have gone on."""
    line = chaos(raw(portal).port)
    drafts = open_at("ckan", line.url).drafts()
    assert next(drafts).guid == "a"
    line.refuse = True
    with bounded(3), pytest.raises(UnreachableSourceError):
        list(drafts)


def test_f01_a_line_that_comes_back_is_read_whole(
    raw: Raw, portal: Script, read: Read, pauses: list[float]
) -> None:
    """Broken twice, before the answer and in it: asked again after a while that grows."""

    def breaking(talk: Conversation) -> None:
        if talk.number == 1:
            talk.reset()
        elif talk.number == 2:
            talk.send(answer(b"{", headers={"Content-Length": "1000"}))
        else:
            portal(talk)

    assert [draft.guid for draft in read("ckan", raw(breaking).url)] == ["a", "b", "c", "d"]
    assert pauses == [1, 2]


def test_f01_a_file_that_is_gone_is_asked_for_once(
    raw: Raw, open_at: Open, pauses: list[float]
) -> None:
    """Of ten thousand files of strangers many are gone: waiting for each would take days."""
    server = raw(Conversation.reset)
    file = Resource("f", as_text("Tệp"), f"{server.url}/f.csv", "CSV")
    with pytest.raises(UnreachableSourceError):
        open_at("ckan", server.url).content(file)
    assert (len(server.asked), pauses) == (1, [])


def test_f01_a_late_line_is_no_fault(raw: Raw, chaos: Chaos, portal: Script, read: Read) -> None:
    """What is merely slow within the limits is read whole."""
    line = chaos(raw(portal).port, latency=0.05)
    with bounded(5):
        assert [draft.guid for draft in read("ckan", line.url)] == ["a", "b", "c", "d"]


# -- F03: lengths that lie ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        answer(BODY, headers={"Content-Length": str(len(BODY) + 10)}),
        answer(BODY, headers={"Content-Length": str(len(BODY) - 10)}),
        answer(BODY[:-5]),
        answer(gzip.compress(BODY)[:-6], headers={"Content-Encoding": "gzip"}),
        HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"cou',
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffff\r\n" + BODY,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY,
        answer(BODY, headers={"Content-Length": "-1"}),
    ],
    ids=["longer", "shorter", "cut", "gzip", "chunk", "large chunk", "no chunk", "negative"],
)
def test_f03_a_cut_answer_is_a_failure(raw: Raw, read: Read, said: bytes) -> None:
    """A length that does not fit, or content that ends early, is never the end of the list."""
    with bounded(3), pytest.raises(SourceError):
        read("folder", raw(saying(said)).url)


@pytest.mark.parametrize("kind", ["csw", "iso", "dcat", "datajson", "waf"])
def test_f03_a_cut_document_is_a_failure(raw: Raw, read: Read, kind: str) -> None:
    """Half of each format, delivered as if it were whole."""
    halves = {
        "csw": b"<GetRecordsResponse><SearchResults",
        "iso": b"<MD_Metadata><fileIdentifier>",
        "dcat": b"<http://a.vn/> a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/te",
        "datajson": b'{"dataset": [{"identifier": "a", "title": "A"}, {"identifier": "b"',
        "waf": b'<html><body><a href="a.xml">a</a>',
    }
    types = {"dcat": "text/turtle", "datajson": "application/json", "waf": "text/html"}
    said = answer(halves[kind], types.get(kind, "application/xml"))
    with bounded(5), pytest.raises(SourceError):
        read(kind, f"{raw(saying(said)).url}/")


# -- F04: slow ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        (HEAD + b"\r\n", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD, b"X-More: 1\r\n"),
        (b"", b"H"),
    ],
    ids=["body", "endless", "chunks", "headers", "status"],
)
def test_f04_a_byte_now_and_then_does_not_hold_the_harvest(
    raw: Raw, read: Read, head: bytes, drop: bytes
) -> None:
    """The body has a pace to keep, and the whole answer a deadline."""

    def drip(talk: Conversation) -> None:
        talk.send(head)
        talk.drip(drop, 0.05)

    with bounded(3), pytest.raises(SourceError) as raised:
        read("folder", raw(drip).url)
    assert isinstance(raised.value, SlowSourceError | UnreachableSourceError)


def test_f04_headers_without_end_are_cut_off(raw: Raw, read: Read) -> None:
    """As fast as they come, no more headers are read than an answer needs."""

    def flood(talk: Conversation) -> None:
        talk.send(HEAD)
        talk.drip(b"X-More: 1\r\n" * 1000, 0)

    with bounded(3, 50), pytest.raises(UnreachableSourceError):
        read("folder", raw(flood).url)


@pytest.mark.parametrize("faults", [{"deaf": True}, {"freeze_after": 0}, {"freeze_after": 200}])
def test_f04_a_line_that_falls_silent_is_left(
    raw: Raw, chaos: Chaos, read: Read, faults: dict[str, Any]
) -> None:
    """Half-open lines, before and in the answer: nobody says that they are dead."""
    line = chaos(raw(saying(answer(BODY + b" " * 1000))).port, **faults)
    with bounded(3), pytest.raises(SourceError):
        read("folder", line.url)


def test_f04_a_body_slower_than_its_pace_is_left(
    raw: Raw, chaos: Chaos, client: Client, open_at: Open
) -> None:
    """Below the least speed there is no use in waiting for the deadline."""
    line = chaos(raw(saying(answer(BODY + b" " * 100_000))).port, rate=200)
    source = open_at("folder", line.url)
    source.client = replace(source.client, limits=replace(client.limits, total=60, read=5))
    with bounded(3), pytest.raises(SlowSourceError):
        list(source.drafts())


# -- F05: busy ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("after", "seconds"),
    [("7", 7), ("-5", 0), ("315360000", 60), ("Tue, 22 Nov 2136 06:00:00 GMT", 60), ("x", 1)],
)
def test_f05_a_busy_source_is_asked_again_within_reason(
    raw: Raw, read: Read, pauses: list[float], status: int, after: str, seconds: float
) -> None:
    """In seconds, as a date, absurd, in the past, unreadable: never above a minute."""
    busy = answer(b"", status=status, headers={"Retry-After": after})
    server = raw(saying(busy, answer(BODY)))
    assert len(read("folder", server.url)) == 2
    assert pauses == [seconds]


# -- F06: one page always fails -------------------------------------------------------------------


def test_f06_a_page_that_always_fails_fails_the_source(
    raw: Raw, portal: Script, read: Read
) -> None:
    """No page is left out in silence."""

    def broken(talk: Conversation) -> None:
        if talk.asked.query["start"] == "2":
            talk.send(answer(b"oops", status=500))
        else:
            portal(talk)

    server = raw(broken)
    with pytest.raises(RefusedBySourceError) as raised:
        read("ckan", server.url)
    assert raised.value.status == 500
    assert [asked.query["start"] for asked in server.asked] == ["0", "1", "2"]


def test_f06_a_memory_does_not_hide_a_page_that_fails(
    raw: Raw, portal: Script, open_at: Open
) -> None:
    """A remembered source is as strict as any other."""
    server = raw(portal)
    first = open_at("ckan", server.url)
    list(first.drafts())
    server.script = saying(answer(b"oops", status=500))
    again = open_at("ckan", server.url)
    again.visited = Visited.from_json(first.visited.as_json())
    with pytest.raises(RefusedBySourceError):
        list(again.drafts())


# -- F07: redirects -------------------------------------------------------------------------------


def moved(location: str) -> bytes:
    """A redirect."""
    return answer(b"", status=302, headers={"Location": location})


def test_f07_a_redirect_in_a_circle_ends(raw: Raw, read: Read) -> None:
    """Five times, and no more."""
    server = raw(saying(moved("/")))
    with bounded(3), pytest.raises(LoopingSourceError):
        read("folder", server.url)
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://127.0.0.1:1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://2130706433:1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:1/x",
        "ftp://127.0.0.1/",
        "data:application/json,{}",
        "http://u:p@127.0.0.1/",
    ],
)
def test_f07_every_hop_is_checked(
    raw: Raw, read: Read, called: list[tuple[str, int]], location: str
) -> None:
    """A redirect opens nothing that the source itself may not name."""
    server = raw(saying(moved(location)))
    with bounded(3), pytest.raises(ForbiddenAddressError):
        read("folder", server.url)
    assert called == [("127.0.0.1", server.port)]


# -- F26: TLS -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """An authority that the client of these tests trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    return certificate("Cơ quan thử", key, None, days=30), key


def certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    days: int,
) -> x509.Certificate:
    """A certificate for an address, or of an authority without an issuer."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    building = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))])
        building = building.add_extension(names, critical=False)
    return building.sign(issuer[1] if issuer else key, hashes.SHA256())


@pytest.fixture
def tls(
    tmp_path: Path,
    raw: Raw,
    client: Client,
    authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
) -> Callable[..., Callable[[], bytes]]:
    """Starts a TLS server; gives what fetches its one document."""
    pem = authority[0].public_bytes(serialization.Encoding.PEM).decode()

    def starting(
        name: str = "127.0.0.1",
        days: int = 30,
        trusted: bool = True,
        version: Any = None,
        said: bytes = answer(b"{}"),
    ) -> Callable[[], bytes]:
        key = ec.generate_private_key(ec.SECP256R1())
        own = certificate(name, key, authority, days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_written(tmp_path, own, key))
        if version:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        server = raw(saying(said), wrap=lambda plain: context.wrap_socket(plain, server_side=True))
        asking = ssl.create_default_context(cadata=pem) if trusted else ssl.create_default_context()
        bound = replace(
            client,
            tls=lambda: asking,
            private_hosts=frozenset({f"127.0.0.1:{server.port}"}),
        )
        return lambda: bound.get(f"https://127.0.0.1:{server.port}/").body

    return starting


def _written(folder: Path, own: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Path:
    """A certificate and its key in one file."""
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + own.public_bytes(serialization.Encoding.PEM))
    return path


def test_f26_a_good_certificate_is_accepted(tls: Callable[..., Callable[[], bytes]]) -> None:
    """The faults below are the certificate's, not the test's."""
    assert tls()() == b"{}"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"days": -1}, "expired"),
        ({"name": "127.0.0.2"}, "mismatch"),
        ({"trusted": False}, "unable to get local issuer"),
        ({"version": ssl.TLSVersion.TLSv1}, "TLS"),
        ({"version": ssl.TLSVersion.TLSv1_1}, "TLS"),
    ],
    ids=["expired", "wrong host", "unknown authority", "TLS 1.0", "TLS 1.1"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_f26_a_bad_certificate_is_refused_and_named(
    tls: Callable[..., Callable[[], bytes]], changes: dict[str, Any], why: str
) -> None:
    """Whoever has to mend it reads what is wrong with it."""
    with bounded(3), pytest.raises(UnreachableSourceError, match=why):
        tls(**changes)()


def test_f26_a_server_without_tls_is_refused(raw: Raw, client: Client) -> None:
    """Plain words on an address of https."""

    def greet(plain: socket.socket) -> socket.socket:
        plain.sendall(answer(b"{}"))
        return plain

    server = raw(saying(b""), wrap=greet)
    bound = replace(client, private_hosts=frozenset({f"127.0.0.1:{server.port}"}))
    with bounded(3), pytest.raises(UnreachableSourceError, match="TLS"):
        bound.get(f"https://127.0.0.1:{server.port}/")


def test_f26_https_never_becomes_http(
    tls: Callable[..., Callable[[], bytes]], called: list[tuple[str, int]]
) -> None:
    """A redirect from https to http would lay open what was protected."""
    with pytest.raises(ForbiddenAddressError, match="https to http"):
        tls(said=moved("http://203.162.0.1/"))()
    assert len(called) == 1
