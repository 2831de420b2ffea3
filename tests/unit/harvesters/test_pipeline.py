"""The line from drafts to judged candidates, without any network or portal."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import schemas
from harvesters import pipeline
from harvesters.errors import UnreachableSourceError
from harvesters.pipeline import Candidate, Judge, candidates
from harvesters.spool import Spool
from hatinh.dataset import Draft, Resource
from hatinh.dictionary.load import load, load_organizations
from hatinh.quality import load_formula
from hatinh.reading import Vocabulary

URL = "http://department.example/intest.csv"
FIELDS: dict[str, Any] = {
    "title": "Ngân hàng câu hỏi InTest",
    "notes": "Số câu hỏi theo cấp học và môn.",
    "publisher": "so-gddt",
    "themes": ["HT05"],
    "licence": "CC-BY-4.0",
    "frequency": "nam",
    "data_layer": "tong_hop",
    "sharing_level": "mo",
    "publication_class": "cong_khai",
    "pii_class": "none",
    "importance_class": "khac",
    "legal_basis": "Kế hoạch 731/KH-UBND",
    "contact": "Văn phòng Sở",
}
TABLE = "cap_hoc,so_cau_hoi\nTHPT,96938\nTHCS,3639\nTổng,{total}\n"
SCHEMA = {
    "columns": [
        {"name": "cap_hoc", "element": "CapHoc", "key": True},
        {"name": "so_cau_hoi", "element": "SoLuong"},
    ],
    "sums": [{"column": "so_cau_hoi", "total": {"cap_hoc": "Tổng"}, "parts": {}}],
}


@dataclass
class Shelf:
    """A source that is already at hand: its records, and its files by address."""

    records: list[Draft]
    files: dict[str, bytes] = field(default_factory=dict)

    def drafts(self) -> Iterator[Draft]:
        """All records."""
        yield from self.records

    def content(self, resource: Resource) -> bytes:
        """A file, or the error of one that is away."""
        if resource.url not in self.files:
            raise UnreachableSourceError("shelf", resource.url, "gone")
        return self.files[resource.url]


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The portal's own dictionary and formula, on a fixed day."""
    vocabulary = Vocabulary(
        load(schemas.ROOT),
        load_organizations(schemas.ROOT / "organizations.csv"),
        date(2026, 11, 22),
    )
    return Judge(vocabulary, load_formula(schemas.ROOT / "quality.yaml"))


def draft(guid: str = "intest", **changes: Any) -> Draft:
    """A good record with one table."""
    resource = {"guid": "bang", "url": URL, "format": "CSV", "schema": SCHEMA}
    return Draft(guid, FIELDS | changes, [resource], "row 2")


def judged(judge: Judge, shelf: Shelf) -> list[Candidate]:
    """Every candidate of a shelf."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "run")
        spool.begin()
        spool.drain(shelf.drafts(), {}, "1")
        return list(candidates(shelf, judge, {}, spool))


def table(total: int) -> dict[str, bytes]:
    """The file of the good record with a total of its own."""
    return {URL: TABLE.format(total=total).encode()}


def test_candidate_total_that_does_not_add_up_is_found_and_costs_points(judge: Judge) -> None:
    """The province's own report says 97,556 where its parts make 100,577 (REQ-40)."""
    wrong = judged(judge, Shelf([draft()], table(97556)))[0]
    right = judged(judge, Shelf([draft()], table(100577)))[0]
    assert [problem.code for problem in wrong.problems] == ["sum-differs"]
    assert right.problems == ()
    assert wrong.score is not None
    assert right.score is not None
    lower = {
        name
        for name, value in wrong.score.dimensions.items()
        if value is not None and value < (right.score.dimensions[name] or 0)
    }
    assert lower == {"dung"}


def test_candidates_same_guid_twice_refuses_the_second(judge: Judge) -> None:
    """One record, one dataset: the second claim on an id is an error (F08)."""
    first, second = judged(judge, Shelf([draft(), draft()], table(100577)))
    assert first.dataset is not None
    assert second.dataset is None
    assert [problem.code for problem in second.problems] == ["guid-duplicate"]


def test_candidate_file_away_is_a_warning_and_changes_the_hash(judge: Judge) -> None:
    """A file that is away does not keep its record out; it is tried again next time."""
    there = judged(judge, Shelf([draft()], table(100577)))[0]
    away = judged(judge, Shelf([draft()]))[0]
    assert away.dataset is not None
    assert [problem.code for problem in away.problems] == ["file-unreachable"]
    assert away.hash != there.hash
    assert (there.raw_hash != "", away.raw_hash) == (True, "")


def test_candidate_that_breaks_the_program_is_refused_and_the_rest_is_judged(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One record stops no run; it is judged again next time, whatever its words are."""
    real = pipeline.read

    def stumble(record: Draft, *given: Any) -> Any:
        return 1 // 0 if record.guid == "odd" else real(record, *given)

    monkeypatch.setattr(pipeline, "read", stumble)
    odd, good = judged(judge, Shelf([draft("odd"), draft()], table(100577)))
    assert [problem.code for problem in odd.problems] == ["package-crashed"]
    assert (odd.dataset, odd.raw_hash) == (None, "")
    assert good.dataset is not None


@pytest.mark.parametrize(
    "odd",
    [
        {"period_end": "9999"},
        {"modified": "0000"},
        {"period_start": "000005"},
        {"bbox": [10**400, 1, 2, 3]},
    ],
)
def test_candidate_with_a_day_or_place_that_is_none_is_judged(judge: Judge, odd: Any) -> None:
    """Such a value is a problem of its field, never the program's."""
    found = judged(judge, Shelf([draft(**odd)], table(100577)))[0]
    assert "package-crashed" not in {problem.code for problem in found.problems}


def test_candidate_not_public_has_no_files(judge: Judge) -> None:
    """The portal keeps no copy of what it may not hand on."""
    closed = judged(judge, Shelf([draft(publication_class="khong")], table(100577)))[0]
    assert closed.dataset is not None
    assert closed.files == {}


def test_candidate_refused_record_has_its_title_and_reasons(judge: Judge) -> None:
    """A refused record can be found again by whoever must mend it."""
    refused = judged(judge, Shelf([draft(publisher="")]))[0]
    assert refused.dataset is None
    assert refused.title == FIELDS["title"]
    assert [problem.code for problem in refused.problems] == ["publisher-missing"]


def test_candidates_source_that_breaks_off_gives_none(judge: Judge) -> None:
    """A partial list is never taken for a complete one (F01)."""

    class Broken(Shelf):
        def drafts(self) -> Iterator[Draft]:
            yield self.records[0]
            raise UnreachableSourceError("shelf", URL, "reset")

    with pytest.raises(UnreachableSourceError):
        judged(judge, Broken([draft()], table(100577)))
