"""Editions of a catalogue: entries, difference, what stands against issuing, the package."""

import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest

from hatinh.dictionary.load import load, load_organizations
from hatinh.editions import (
    Action,
    Annulment,
    AnnulmentState,
    Edition,
    Entry,
    Names,
    Record,
    Standing,
    State,
    Step,
    SubjectState,
    asking_refusals,
    bundle,
    confirming_refusals,
    difference,
    entry_of,
    fingerprint,
    load_form,
    load_subjects,
    printed,
    standing,
    state_of,
)
from hatinh.editions.rules import issue_refusals, overdue, sending_refusals
from schemas import ROOT

DICTIONARY = load(ROOT)
FORM = load_form(ROOT, DICTIONARY.code_lists["open_catalogue_entry_fields"])
OFFICES = load_organizations(ROOT / "organizations.csv")
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
NAMES = Names(DICTIONARY.code_lists, OFFICES, TODAY)
RECORD = Record(
    id="a",
    name="truong",
    uri="https://data.hatinh.gov.vn/id/dataset/a",
    title="Danh sách  trường học",
    organization="so-gddt",
    provider="Sở nào đó",
    publication_class="cong_khai",
    licence="CC-BY-4.0",
    frequency="nam",
    modified=date(2026, 9, 5),
    formats=("XLSX", "CSV", "CSV"),
    served=True,
    keywords=("trường", "lớp"),
    columns=("Mã trường", "Tên trường"),
)


def entry(id_: str, **fields: str) -> Entry:
    """A whole entry, with some fields otherwise."""
    made = entry_of(replace(RECORD, id=id_, name=id_, title=f"Bộ {id_}"), KIND, NAMES)
    return replace(made, fields={**made.fields, **fields})


KIND = FORM.kinds["du-lieu-mo"]
DRAFTED = (Step(Action.DRAFT, "an", NOW),)
FORMER = Edition(
    "du-lieu-mo", 1, (entry("a"), entry("b"), entry("c")), state=State.ISSUED,
    decision="1/QĐ-UBND", decided=date(2025, 11, 1), steps=DRAFTED,
)  # fmt: skip
NEXT = Edition(
    "du-lieu-mo", 2, (entry("a"), entry("b", license="ODbL"), entry("d")), based_on=1,
    decision="2/QĐ-UBND", decided=date(2026, 11, 20), dropped={"c": "Gộp vào b"}, steps=DRAFTED,
)  # fmt: skip


def codes(edition: Edition, in_force: Edition | None = FORMER, actor: str = "binh") -> list[str]:
    """Codes of what stands against issuing."""
    return [p.code for p in issue_refusals(edition, in_force, actor, TODAY, FORM)]


def test_entry_says_every_field_in_printed_words() -> None:
    """All fields of the code list but the day of sending, with names in place of codes."""
    made = entry_of(RECORD, KIND, NAMES)
    assert {*made.fields} == {*FORM.fields} - {"sent_to_bca_date"}
    assert made.title == "Danh sách trường học"
    assert made.fields["publication_class"] == "Công khai"
    assert made.fields["provider"] == "Sở Giáo dục và Đào tạo"
    assert made.fields["format_and_sharing"] == "CSV, XLSX, API"
    assert made.fields["updated_at"] == "05/09/2026"
    assert made.fields["expected_headers"] == "Mã trường; Tên trường"


def test_difference_names_added_changed_dropped_and_kept() -> None:
    """Matched by id, field by field, with the reason of what was dropped."""
    found = difference(FORMER, NEXT).as_dict()
    assert [e["id"] for e in found["added"]] == ["d"]
    assert [(c["id"], c["field"], c["after"]) for c in found["changed"]] == [
        ("b", "license", "ODbL")
    ]
    assert [(e["id"], e["reason"]) for e in found["dropped"]] == [("c", "Gộp vào b")]
    assert found["kept"] == 1


def test_first_edition_adds_everything() -> None:
    """Without a former edition every entry is new."""
    found = difference(None, FORMER)
    assert (len(found.added), found.changed, found.dropped, found.kept) == (3, (), (), 0)


def test_whole_draft_of_another_person_can_be_issued() -> None:
    """Nothing stands against it."""
    assert codes(NEXT) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": State.ISSUED}, "catalogue-closed"),
        ({"state": State.WITHDRAWN}, "catalogue-closed"),
        ({"decision": ""}, "catalogue-decision-missing"),
        ({"decided": None}, "catalogue-decision-missing"),
        ({"decided": date(2026, 11, 23)}, "catalogue-day-wrong"),
        ({"decided": date(2025, 10, 31)}, "catalogue-day-wrong"),
        ({"based_on": 0}, "catalogue-base-stale"),
        ({"dropped": {}}, "catalogue-reason-missing"),
        ({"entries": FORMER.entries}, "catalogue-unchanged"),
        ({"entries": (), "dropped": dict.fromkeys("abc", "x")}, "catalogue-empty"),
        ({"entries": (*NEXT.entries, entry("e", license=""))}, "catalogue-field-missing"),
    ],
)
def test_faulty_draft_is_not_issued(change: dict[str, Any], code: str) -> None:
    """Each fault alone is told, and only it."""
    assert codes(replace(NEXT, **change)) == [code]


def test_whoever_wrote_the_draft_does_not_issue_it() -> None:
    """Drafting and amending both make an author."""
    amended = replace(NEXT, steps=(*DRAFTED, Step(Action.AMEND, "binh", NOW)))
    assert codes(NEXT, actor="an") == ["catalogue-own-issue"]
    assert codes(amended) == ["catalogue-own-issue"]
    assert codes(amended, actor="chi") == []


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "3/QĐ-UBND"},
        {"decided": date(2026, 11, 21)},
        {"entries": NEXT.entries[:2]},
        {"entries": NEXT.entries[::-1]},
        {"entries": (*NEXT.entries[:2], entry("d", keywords="khác"))},
        {"dropped": {"c": "Khác"}},
        {"kind": "du-lieu-dung-chung"},
        {"number": 3},
    ],
)
def test_hash_changes_with_all_that_is_frozen(change: dict[str, Any]) -> None:
    """Nothing that the decision froze changes without its hash; who took the steps is no part."""
    changed = replace(NEXT, **change)
    assert fingerprint(changed) != fingerprint(NEXT)
    assert fingerprint(replace(NEXT, steps=(), state=State.ISSUED)) == fingerprint(NEXT)


def test_sending_needs_issued_edition_letter_and_possible_day() -> None:
    """Sent after the decision and not in the future, by a letter with a number."""
    day = date(2026, 11, 21)
    issued = replace(NEXT, state=State.ISSUED)
    found = {
        "draft": sending_refusals(NEXT, "9/SKHCN", day, TODAY),
        "letter": sending_refusals(issued, "", day, TODAY),
        "day": sending_refusals(issued, "9/SKHCN", None, TODAY),
        "early": sending_refusals(issued, "9/SKHCN", date(2026, 11, 19), TODAY),
        "late": sending_refusals(issued, "9/SKHCN", date(2026, 11, 23), TODAY),
    }
    assert {case: [p.code for p in problems] for case, problems in found.items()} == {
        "draft": ["catalogue-not-issued"],
        "letter": ["catalogue-letter-missing"],
        "day": ["catalogue-letter-missing"],
        "early": ["catalogue-day-wrong"],
        "late": ["catalogue-day-wrong"],
    }
    assert sending_refusals(issued, "9/SKHCN", day, TODAY) == []


IN_FORCE = replace(NEXT, state=State.ISSUED)
ANNULMENT = Annulment(
    "du-lieu-mo", 2, "3/QĐ-UBND", TODAY, "Trái thẩm quyền", AnnulmentState.ASKED,
    (Step(Action.ANNUL, "an", NOW),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("edition", "change", "before", "code"),
    [
        (NEXT, {}, None, "catalogue-not-issued"),
        (IN_FORCE, {}, ANNULMENT, "catalogue-annulled"),
        (IN_FORCE, {"decision": ""}, None, "catalogue-decision-missing"),
        (IN_FORCE, {"decided": None}, None, "catalogue-decision-missing"),
        (IN_FORCE, {"decided": date(2026, 11, 19)}, None, "catalogue-day-wrong"),
        (IN_FORCE, {"decided": date(2026, 11, 23)}, None, "catalogue-day-wrong"),
        (IN_FORCE, {"reason": ""}, None, "catalogue-reason-missing"),
    ],
)
def test_annulment_needs_issued_edition_later_decision_and_reason(
    edition: Edition, change: dict[str, Any], before: Annulment | None, code: str
) -> None:
    """Each fault alone is told, and only it."""
    found = asking_refusals(edition, replace(ANNULMENT, **change), before, TODAY)
    assert [p.code for p in found] == [code]
    assert asking_refusals(IN_FORCE, ANNULMENT, None, TODAY) == []


def test_whoever_asked_for_an_annulment_does_not_confirm_it() -> None:
    """Four eyes, as with issuing."""
    assert [p.code for p in confirming_refusals(ANNULMENT, "an")] == ["catalogue-own-annulment"]
    assert confirming_refusals(ANNULMENT, "binh") == []


@pytest.mark.parametrize(
    ("state", "annulled", "newest", "expected"),
    [
        (State.DRAFT, False, True, Standing.DRAFT),
        (State.WITHDRAWN, False, True, Standing.WITHDRAWN),
        (State.ISSUED, False, True, Standing.IN_FORCE),
        (State.ISSUED, False, False, Standing.REPLACED),
        (State.ISSUED, True, True, Standing.ANNULLED),
        (State.ISSUED, True, False, Standing.ANNULLED),
    ],
)
def test_standing_follows_from_what_came_later(
    state: State, annulled: bool, newest: bool, expected: Standing
) -> None:
    """Each has its word in the form."""
    assert standing(state, annulled=annulled, newest=newest) is expected
    assert FORM.states[expected]
    assert {*AnnulmentState} <= {*FORM.states}


def test_annulled_edition_says_so_above_its_table() -> None:
    """Whoever holds the file sees by which decision it is worth nothing any more."""
    made = printed(IN_FORCE, FORM, None, annulled=ANNULMENT)
    assert [text.vi for text in made.preamble] == [
        "(Kèm theo Quyết định số 2/QĐ-UBND ngày 20/11/2026)",
        "(Đã bị bãi bỏ theo Quyết định số 3/QĐ-UBND ngày 22/11/2026)",
    ]
    assert made.rows == printed(IN_FORCE, FORM, None).rows


def test_edition_older_than_a_year_is_overdue() -> None:
    """REQ-11: the catalogue is brought up to date at least once a year."""
    assert overdue(FORMER.decided, TODAY, FORM)
    assert not overdue(FORMER.decided, date(2026, 11, 1), FORM)


def test_package_lists_its_files_and_is_the_same_each_time() -> None:
    """The manifest has size and hash of every file; equal files give equal bytes."""
    files = {"a.csv": "mã\n".encode(), "b.ttl": b""}
    made = bundle(files, {"kind": "du-lieu-mo"})
    assert made == bundle(files, {"kind": "du-lieu-mo"})
    with zipfile.ZipFile(BytesIO(made)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["kind"] == "du-lieu-mo"
        assert {*archive.namelist()} == {"manifest.json", *files}
        for name, listed in manifest["files"].items():
            body = archive.read(name)
            assert listed == {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_printed_form_has_each_entry_once_in_order() -> None:
    """A number, then the fields; on paper only some; the decision stands above."""
    whole = printed(NEXT, FORM, date(2026, 11, 21))
    paper = printed(NEXT, FORM, None, paper=True)
    assert [row[0] for row in whole.rows] == [1, 2, 3]
    assert [row[1] for row in whole.rows] == ["Bộ a", "Bộ b", "Bộ d"]
    assert [c.id for c in whole.columns] == ["tt", *FORM.fields]
    assert [c.id for c in paper.columns] == ["tt", *FORM.paper]
    assert "21/11/2026" in whole.rows[0]
    assert "2/QĐ-UBND ngày 20/11/2026" in whole.preamble[0].vi


def test_subject_is_listed_when_one_of_its_datasets_is() -> None:
    """Nothing, a dataset, a dataset in the catalogue in force."""
    assert state_of([], ["x"]) is SubjectState.NOTHING
    assert state_of(["a"], ["x"]) is SubjectState.PUBLISHED
    assert state_of(["a", "x"], ["x"]) is SubjectState.LISTED


def test_mandated_subjects_are_those_of_the_plan() -> None:
    """Eleven, each with a source; owners are offices that there are."""
    subjects = load_subjects(ROOT)
    assert len(subjects) == 11
    assert all(subject.source for subject in subjects)
    assert all(OFFICES.known(s.owner) for s in subjects if s.owner)
