"""What a run keeps on disk: records that must be judged, files, and former files."""

import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from harvesters.spool import FormerFiles, Known, Spool, raw_hash
from hatinh.dataset import Draft


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """An empty spool."""
    spool = Spool(tmp_path / "run")
    spool.begin()
    return spool


def draft(guid: str = "g", origin: str = "row 1", **fields: Any) -> Draft:
    """A record with one file."""
    return Draft(guid, {"title": "Trường học"} | fields, [{"guid": "f", "version": "1"}], origin)


def test_raw_hash_same_words_same_hash_wherever_they_stand() -> None:
    """Composed or decomposed letters, another row, another order: the same record (F12)."""
    one = draft(contact="Sở", notes="a")
    other = draft(notes="a", contact=unicodedata.normalize("NFD", "Sở"), origin="row 9")
    assert raw_hash(one, "v") == raw_hash(other, "v")


@pytest.mark.parametrize(
    "other",
    [
        draft(title="Khác"),
        draft("h"),
        Draft("g", {"title": "Trường học"}, [{"guid": "f", "version": "2"}]),
    ],
    ids=["words", "identifier", "version of a file"],
)
def test_raw_hash_of_another_record_differs(other: Draft) -> None:
    """Whatever the source says counts, what it says of its files too."""
    assert raw_hash(draft(), "v") != raw_hash(other, "v")


def test_raw_hash_covers_what_records_are_judged_by() -> None:
    """A new mapping or a new dictionary has everything judged again (F30)."""
    assert raw_hash(draft(), "v") != raw_hash(draft(), "w")


def test_drain_leaves_out_what_is_as_before(spool: Spool) -> None:
    """Equal words are counted, not kept; a full run passes nothing as known."""
    records = [draft("a"), draft("b"), draft("c")]
    known = {
        "a": Known(raw_hash(records[0], "v")),
        "b": Known(raw_hash(records[1], "v"), rejected=True),
        "c": Known("another"),
    }
    intake = spool.drain(records, known, "v")
    assert (intake.total, intake.same, intake.same_rejected) == (3, 1, 1)
    assert [record.guid for record in spool.records()] == ["c"]


def test_drain_gives_records_back_as_they_came(spool: Spool) -> None:
    """Positions count all records; days and other values come back as text."""
    spool.drain([draft("a"), draft("b", day=date(2026, 1, 2), n=3, l=("x",))], {}, "v")
    _, record = spool.records()
    assert (record.position, record.draft.origin) == (1, "row 1")
    assert record.fields == {"title": "Trường học", "day": "2026-01-02", "n": 3, "l": ["x"]}


def test_drain_marks_identifiers_that_come_again_and_those_too_long(spool: Spool) -> None:
    """Such a record is never remembered, so it cannot stand for the first (F08)."""
    spool.drain([draft("a"), draft(" a "), draft(""), draft("x" * 5000)], {}, "v")
    found = [(bool(r.raw_hash), r.repeated) for r in spool.records()]
    assert found == [(True, False), (False, True), (False, False), (False, False)]


def test_drain_takes_letters_that_are_none(spool: Spool) -> None:
    """A lone surrogate cannot be written; the record is judged with a question mark (F12)."""
    spool.drain([draft("a", notes="\ud800!")], {}, "v")
    (record,) = spool.records()
    assert (record.fields["notes"], record.raw_hash) == ("?!", "")


def test_drain_source_that_breaks_off_raises(spool: Spool) -> None:
    """The error of the source is the caller's; nothing is judged (F01)."""

    def broken() -> Iterator[Draft]:
        yield draft()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        spool.drain(broken(), {}, "v")


def test_files_are_kept_once_by_their_content(spool: Spool) -> None:
    """Two resources with the same bytes are one file."""
    one, other = spool.keep(b"a,b\n"), spool.keep(b"a,b\n")
    assert one == other == spool.file(one.sha256)
    assert one.path.read_bytes() == b"a,b\n"
    assert spool.file("0" * 64) is None


def test_former_file_comes_back_as_it_was_first(tmp_path: Path) -> None:
    """Kept before the first attempt to replace it; a second attempt keeps nothing newer (F20)."""
    stored, former = tmp_path / "stored", FormerFiles(tmp_path / "former")
    stored.write_bytes(b"old")
    for number in (1, 2):
        former.keep("r", stored)
        fresh = tmp_path / "fresh"
        fresh.write_bytes(b"new %d" % number)
        fresh.replace(stored)
    former.restore("r", stored)
    former.restore("unknown", stored)
    assert stored.read_bytes() == b"old"


def test_notes_last_until_the_run_ends(spool: Spool) -> None:
    """Small values that the second half of a run needs."""
    spool.note("visited", {"url": {"etag": "x"}})
    assert spool.noted("visited") == {"url": {"etag": "x"}}
    spool.remove()
    assert spool.noted("visited") is None


def test_attempt_that_lost_its_place_leaves_the_records_of_the_later_one(tmp_path: Path) -> None:
    """A worker thought dead comes back where it would begin to read, and reads on."""
    late, newer = Spool(tmp_path / "run", 7), Spool(tmp_path / "run", 8)
    newer.begin()
    newer.drain([draft("a"), draft("b")], {}, "v")
    late.begin()
    late.drain([draft("c")], {}, "v")
    assert late.keep(b"x").path == newer.keep(b"x").path
    assert [record.guid for record in newer.records()] == ["a", "b"]


def test_new_attempt_forgets_what_the_one_before_has_read(tmp_path: Path) -> None:
    """Half of a source is no source."""
    Spool(tmp_path / "run", 7).begin()
    Spool(tmp_path / "run", 7).drain([draft("a")], {}, "v")
    Spool(tmp_path / "run", 8).begin()
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["files"]
