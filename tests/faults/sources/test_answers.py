"""Answers that are none, or not all, or too much: F02, F08, F09, F10, F11, F12, F13, F14, F18."""

import csv
import gzip
import io
import json
import unicodedata
import zipfile
from typing import Any

import pytest
from given import Open, Raw, Read
from scripted import Conversation, answer, bounded, saying

from harvesters.conditional import Visited
from harvesters.errors import (
    GarbledSourceError,
    IncompleteSourceError,
    LoopingSourceError,
    SourceError,
    TooLargeSourceError,
)
from hatinh.tabular.encoding import LEGACY
from hatinh.text import clean

LOGIN = "<!DOCTYPE html><html><body><form>Tên đăng nhập <input></form></body></html>".encode()
BLOCKED = b"<html><head><title>Request Rejected</title></head><body>Support ID: 1</body></html>"
KINDS = ["ckan", "csw", "datajson", "dcat", "folder", "iso", "waf"]


def manifest(*records: dict[str, Any]) -> bytes:
    """An answer with the manifest of a folder."""
    return answer(json.dumps({"datasets": records}).encode())


def package_search(*packages: dict[str, Any], count: int) -> bytes:
    """An answer of CKAN's search."""
    result = {"count": count, "results": packages}
    return answer(json.dumps({"success": True, "result": result}).encode())


# -- F02: a page for people with status 200 -------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("page", [LOGIN, BLOCKED, b"", b"Bad gateway", b'{"error": "login"}'])
@pytest.mark.parametrize("media_type", ["text/html", "application/json"])
def test_f02_an_error_with_status_200_is_recognised(
    raw: Raw, read: Read, kind: str, page: bytes, media_type: str
) -> None:
    """Login pages, firewalls, empty answers and errors in JSON, under any type."""
    with bounded(5), pytest.raises(SourceError):
        read(kind, f"{raw(saying(answer(page, media_type))).url}/")


def test_f02_an_error_of_the_action_is_recognised(raw: Raw, read: Read) -> None:
    """``success: false`` is no empty list."""
    said = answer(b'{"success": false, "error": {"message": "Search error"}}')
    with pytest.raises(GarbledSourceError):
        read("ckan", raw(saying(said)).url)


# -- F08, F09: identities -------------------------------------------------------------------------


def test_f08_an_identity_given_twice_stays_two_records(raw: Raw, read: Read) -> None:
    """The adapter hides nothing: which of them is refused is the engine's to say."""
    first, second = {"id": "a", "title": "Một"}, {"id": "a", "title": "Hai"}
    one_page = package_search(first, second, count=2)
    assert [draft.guid for draft in read("ckan", raw(saying(one_page)).url)] == ["a", "a"]
    other = {"id": "b", "title": "Ba"}
    pages = saying(package_search(first, other, count=3), package_search(second, count=3))
    assert [draft.guid for draft in read("ckan", raw(pages).url)] == ["a", "b", "a"]


def test_f09_changed_identities_are_a_changed_source(raw: Raw, open_at: Open) -> None:
    """All identities at once are read as they are; the guard of the engine stops them."""
    server = raw(saying(manifest({"id": "a"}, {"id": "b"})))
    first = open_at("folder", server.url)
    assert [draft.guid for draft in first.drafts()] == ["a", "b"]
    server.script = saying(manifest({"id": "x-a"}, {"id": "x-b"}))
    again = open_at("folder", server.url)
    again.visited = Visited.from_json(first.visited.as_json())
    assert [draft.guid for draft in again.drafts()] == ["x-a", "x-b"]


# -- F10: numbers that do not add up --------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_f10_a_count_that_is_wrong_is_a_failure(raw: Raw, read: Read, count: int) -> None:
    """Half a catalogue, or an empty page where more were promised."""
    pages = saying(
        package_search({"id": "a"}, {"id": "b"}, count=count), package_search(count=count)
    )
    with pytest.raises(IncompleteSourceError):
        read("ckan", raw(pages).url)


def test_f10_a_count_that_changes_on_the_way_is_a_failure(raw: Raw, read: Read) -> None:
    """The list changed under our hands: what was read is of no one moment."""
    first, second = package_search({"id": "a"}, count=2), package_search({"id": "b"}, count=3)
    with pytest.raises(IncompleteSourceError):
        read("ckan", raw(saying(first, second, package_search(count=3))).url)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("ckan", b'{"success": true, "result": {"count": 0, "results": []}}'),
        ("folder", b'{"datasets": []}'),
        ("datajson", b'{"dataset": []}'),
    ],
)
def test_f10_an_empty_list_is_a_list(raw: Raw, read: Read, kind: str, body: bytes) -> None:
    """A sound empty catalogue has no records; the guard of the engine asks a person."""
    assert read(kind, raw(saying(answer(body))).url) == []


# -- F11: pages that come again -------------------------------------------------------------------


def test_f11_the_same_page_for_ever_ends(raw: Raw, read: Read) -> None:
    """Records that were read already are no next page."""
    server = raw(saying(package_search({"id": "a"}, count=1_000_000)))
    with bounded(3), pytest.raises(LoopingSourceError):
        read("ckan", server.url)
    assert len(server.asked) == 2


@pytest.mark.parametrize("target", ["", "?trang=1"], ids=["itself", "backwards"])
def test_f11_a_next_page_that_was_read_ends(raw: Raw, read: Read, target: str) -> None:
    """``next`` that points to the page itself or backwards."""

    def paging(talk: Conversation) -> None:
        page = int(talk.asked.query.get("trang", "0"))
        base = f"http://{talk.asked.headers['Host']}/c.ttl"
        following = f"{base}?trang={page + 1}" if page < 3 else base + target
        talk.send(
            answer(
                (
                    f"<{base}> a <http://www.w3.org/ns/dcat#Catalog> ;"
                    f"<http://www.w3.org/ns/dcat#dataset> <{base}#{page}> ."
                    f"<{base}#{page}> a <http://www.w3.org/ns/dcat#Dataset> ."
                    f"<> <http://www.w3.org/ns/hydra/core#next> <{following}> ."
                ).encode(),
                "text/turtle",
            )
        )

    with bounded(5), pytest.raises(LoopingSourceError):
        read("dcat", f"{raw(paging).url}/c.ttl")


def test_f11_pages_without_end_end(raw: Raw, read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """New records on every page, and always one more page."""
    monkeypatch.setattr("harvesters.paging.MAX_PAGES", 30)

    def endless(talk: Conversation) -> None:
        start = int(talk.asked.query["start"])
        talk.send(package_search({"id": str(start)}, count=10**9))

    with bounded(5), pytest.raises(TooLargeSourceError, match="30 pages"):
        read("ckan", raw(endless).url)


# -- F12: encodings -------------------------------------------------------------------------------

TITLE = "Danh mục cơ sở giáo dục, đất đai và quy hoạch của tỉnh Hà Tĩnh"
TEXT = json.dumps({"datasets": [{"id": "a", "title": TITLE}]}, ensure_ascii=False)


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=iso-8859-1"])
@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        unicodedata.normalize("NFD", TEXT).encode(),
        json.dumps(json.loads(TEXT)).encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "utf-16-be", "utf-32", "nfd", "escaped"],
)
def test_f12_unicode_is_read_by_its_own_marks(
    raw: Raw, read: Read, body: bytes, charset: str
) -> None:
    """Whatever charset the server claims."""
    said = answer(body, f"application/json{charset}")
    (draft,) = read("folder", raw(saying(said)).url)
    assert clean(draft.fields["title"]) == TITLE


def test_f12_windows_1258_is_read_as_vietnamese(raw: Raw, read: Read) -> None:
    """What is no Unicode is the old encoding that makes Vietnamese of it."""
    decomposed = "".join(
        letter if letter in "ăâêôơưđĂÂÊÔƠƯĐ" else unicodedata.normalize("NFD", letter)
        for letter in _marks_apart(TEXT)
    )
    (draft,) = read("folder", raw(saying(answer(decomposed.encode("cp1258")))).url)
    assert clean(draft.fields["title"]) == TITLE


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_f12_fonts_of_old_are_read_as_vietnamese(raw: Raw, read: Read, encoding: str) -> None:
    """TCVN3 and VNI, in which letters were a matter of the font."""
    with (LEGACY / f"{encoding}.csv").open(encoding="utf-8") as table:
        letters = {row["text"]: bytes.fromhex(row["bytes"]) for row in csv.DictReader(table)}
    body = b"".join(letters.get(letter) or letter.encode("ascii") for letter in TEXT)
    (draft,) = read("folder", raw(saying(answer(body))).url)
    assert clean(draft.fields["title"]) == TITLE


def _marks_apart(text: str) -> str:
    """Letters with their tone beside them, as Windows-1258 has them."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    apart = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in tones)
        base = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in tones))
        apart.append(base + tone)
    return "".join(apart)


@pytest.mark.parametrize("kind", ["iso", "dcat"])
def test_f12_xml_is_read_as_it_declares(raw: Raw, read: Read, kind: str) -> None:
    """The declaration in the document decides, not the header of the server."""
    inner = {
        "iso": '<MD_Metadata xmlns="x"><fileIdentifier>a</fileIdentifier><identificationInfo><y>'
        f"<citation><z><title>{TITLE}</title></z></citation></y></identificationInfo></MD_Metadata>",
        "dcat": '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:d="http://purl.org/dc/terms/"><r:Description r:about="http://a.vn/a"><r:type '
        f'r:resource="http://www.w3.org/ns/dcat#Dataset"/><d:title>{TITLE}</d:title>'
        "</r:Description></r:RDF>",
    }[kind]
    for encoding in ("utf-8", "utf-16", "windows-1258"):
        text = f'<?xml version="1.0" encoding="{encoding}"?>{inner}'
        told = _marks_apart(text) if encoding == "windows-1258" else text
        said = answer(told.encode(encoding), "application/xml; charset=iso-8859-1")
        (draft,) = read(kind, raw(saying(said)).url)
        title = draft.fields["title"]
        assert clean(title if isinstance(title, str) else title["vi"]) == TITLE


@pytest.mark.parametrize(
    "body",
    [b'{"datasets": [{"id": "a", "title": "\xff\xfe\x81\x8d"}]}', b'\x80{"datasets": []}'],
)
def test_f12_bytes_that_are_no_text_are_a_failure(raw: Raw, read: Read, body: bytes) -> None:
    """Nothing is guessed beyond the encodings of Vietnam."""
    with pytest.raises(GarbledSourceError):
        read("folder", raw(saying(answer(body))).url)


@pytest.mark.parametrize("kind", ["folder", "datajson", "dcat"])
def test_f12_halves_of_characters_and_nul_are_replaced(raw: Raw, read: Read, kind: str) -> None:
    """What JSON and Turtle can write and no database can hold."""
    bodies = {
        "folder": rb'{"datasets": [{"id": "a", "title": "Tr\ud800ng \u0000"}]}',
        "datajson": rb'{"dataset": [{"identifier": "a", "title": "Tr\ud800ng \u0000"}]}',
        "dcat": rb"<http://a.vn/> a <http://www.w3.org/ns/dcat#Dataset> ; "
        rb'<http://purl.org/dc/terms/title> "Tr\uFFFDng \u0000" .',
    }
    media_type = "text/turtle" if kind == "dcat" else "application/json"
    (draft,) = read(kind, raw(saying(answer(bodies[kind], media_type))).url)
    title = draft.fields["title"]
    assert (title["vi"] if isinstance(title, dict) else title) == "Tr\ufffdng \ufffd"


# -- F13, F18: too much ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_f13_a_body_without_end_is_cut_off(raw: Raw, read: Read, kind: str) -> None:
    """Five gigabytes, of which no more than the limit are ever held."""

    def flood(talk: Conversation) -> None:
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")
        talk.drip(b" " * 65536, 0)

    with bounded(5, 60), pytest.raises(TooLargeSourceError):
        read(kind, raw(flood).url)


@pytest.mark.parametrize("depth", [10_000, 100_000])
@pytest.mark.parametrize("kind", ["ckan", "datajson", "dcat", "folder"])
def test_f13_json_nested_too_deep_is_a_failure(raw: Raw, read: Read, kind: str, depth: int) -> None:
    """Lists in lists and objects in objects: no crash, no long wait."""
    for opening, closing in ((b"[", b"]"), (b'{"dataset":', b"}")):
        nested = opening * depth + b"1" + closing * depth
        body = b'{"dataset": [%s], "datasets": [%s]}' % (nested, nested)
        said = answer(body, "application/ld+json" if kind == "dcat" else "application/json")
        with bounded(3), pytest.raises(SourceError):
            read(kind, f"{raw(saying(said)).url}/c.json")


def test_f13_a_million_extras_are_bounded(raw: Raw, read: Read) -> None:
    """They are more than an answer may have."""
    extras = [{"key": str(n), "value": "x" * 10} for n in range(60_000)]
    said = package_search({"id": "a", "extras": extras}, count=1)
    with bounded(3), pytest.raises(TooLargeSourceError):
        read("ckan", raw(saying(said)).url)


def test_f13_more_headers_than_an_answer_needs_are_a_failure(raw: Raw, read: Read) -> None:
    """And a header line without end."""
    for headers in ({f"X-{n}": "1" for n in range(200)}, {"X": "x" * 100_000}):
        with bounded(3), pytest.raises(SourceError):
            read("folder", raw(saying(answer(b"{}", headers=headers))).url)


def test_f18_a_record_with_everything_in_excess_is_one_record(raw: Raw, read: Read) -> None:
    """20,000 files, 10,000 keywords: read within bounds; what of it may be kept is said later."""
    files = [{"id": str(n), "url": f"http://a.vn/{n}"} for n in range(20_000)]
    tags = [{"name": f"tu-khoa-{n}"} for n in range(10_000)]
    said = package_search(
        {"id": "a", "title": "A" * 100_000, "tags": tags, "resources": files}, count=1
    )
    with bounded(3, 100):
        (draft,) = read("ckan", raw(saying(said)).url)
    assert len(draft.resources) == 20_000
    assert len(draft.fields["keywords"]) == 10_000


# -- F14: bombs -----------------------------------------------------------------------------------


def test_f14_a_gzip_bomb_is_not_unpacked(raw: Raw, read: Read) -> None:
    """By its ratio before the limit, by the limit at the latest."""
    packed = gzip.compress(b" " * 200_000_000)
    said = answer(packed, headers={"Content-Encoding": "gzip"})
    with bounded(3, 60), pytest.raises(TooLargeSourceError):
        read("folder", raw(saying(said)).url)


def test_f14_gzip_in_gzip_is_unpacked_once(raw: Raw, read: Read) -> None:
    """What comes out is no JSON, and an encoding of two layers is not known."""
    packed = gzip.compress(gzip.compress(b" " * 1_000_000))
    for encoding in ("gzip", "gzip, gzip"):
        said = answer(packed, headers={"Content-Encoding": encoding})
        with bounded(3, 60), pytest.raises(GarbledSourceError):
            read("folder", raw(saying(said)).url)


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "a.zip"])
def test_f14_a_zip_bomb_in_place_of_a_workbook_is_a_failure(
    raw: Raw, read: Read, name: str
) -> None:
    """A workbook is a zip: what it would unfold to is looked at first."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b" " * 300_000_000)
    said = answer(out.getvalue(), "application/vnd.ms-excel")
    columns = {"columns": {"Mã": "guid", "Tên": "title"}}
    with bounded(10, 100), pytest.raises(SourceError):
        read("inventory", f"{raw(saying(said)).url}/kk.xlsx", options=columns)
