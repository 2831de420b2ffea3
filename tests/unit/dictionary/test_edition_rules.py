"""What an edition must keep by itself, and against the one before it."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from hatinh.dictionary.edition import Edition
from hatinh.dictionary.edition_rules import CodeUses, Uses, check_change, check_edition
from hatinh.dictionary.model import Code, CodeList, Datatype
from hatinh.dictionary.pattern import Trial
from hatinh.problem import Problem, refuses
from hatinh.text import NO_TEXT, Text

RED = Code("do", Text("Đỏ", "Red"))


def with_element(edition: Edition, key: str, **fields: object) -> Edition:
    """The edition with one element changed."""
    changed = replace(edition.elements[key], **fields)
    return replace(edition, elements={**edition.elements, key: changed})


def with_codes(edition: Edition, *codes: Code, **fields: object) -> Edition:
    """The edition with other colours."""
    colours = replace(edition.code_lists["colours"], codes=codes, **fields)
    return replace(edition, code_lists={"colours": colours})


def told(problems: list[Problem]) -> list[tuple[str, str]]:
    """Codes and paths."""
    return [(problem.code, problem.path) for problem in problems]


def test_shipped_edition_keeps_every_rule(shipped: Edition, offices: CodeList):
    """The files that the portal ships would pass as a proposal."""
    assert told(check_edition(shipped, offices)) == []


def test_small_edition_keeps_every_rule(small: Edition, offices: CodeList):
    """The edition that the other tests break is whole."""
    assert check_edition(small, offices) == []
    assert check_change(small, small, Uses()) == []


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"id": "màu"}, "element-id-wrong", "id"),
        ({"entity": ""}, "dictionary-field-missing", "entity"),
        ({"source": ""}, "dictionary-field-missing", "source"),
        ({"name": Text("Cân", "")}, "dictionary-field-missing", "name.en"),
        ({"definition": NO_TEXT}, "dictionary-field-missing", "definition.vi"),
        ({"owner_org": ""}, "owner-missing", "owner_org"),
        ({"owner_org": "so-la"}, "owner-unknown", "owner_org"),
        ({"minimum": 9.5}, "limits-reversed", "minimum"),
        ({"pattern": "["}, "pattern-wrong", "pattern"),
        ({"pattern": "^(a+)+$", "example": "a"}, "pattern-slow", "pattern"),
        ({"pattern": "^x", "example": "1"}, "example-wrong", "example"),
        ({"related_terms": ("La",)}, "related-term-unknown", "related_terms"),
        ({"synonyms": ("MÀU SẮC",)}, "synonym-ambiguous", "synonyms"),
        ({"datatype": Datatype.CODE}, "code-list-contradicts", "code_list"),
        ({"code_list": "colours"}, "code-list-contradicts", "code_list"),
        (
            {"datatype": Datatype.CODE, "code_list": "shapes"},
            "code-list-unknown",
            "code_list",
        ),
        (
            {"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)},
            "validity-reversed",
            "valid_to",
        ),
    ],
)
def test_wrong_element_is_named_by_its_field(
    small: Edition, offices: CodeList, fields: dict[str, object], code: str, field: str
):
    """Each fault of an element is a problem that refuses, at the field where it stands."""
    problems = check_edition(with_element(small, "CanNang", **fields), offices)
    name = fields.get("id", "CanNang")
    assert (code, f"$.elements.{name}.{field}") in told(problems)
    assert refuses(problems)


def test_attribute_that_is_no_code_is_refused(shipped: Edition, offices: CodeList):
    """Layer, sharing level and the like are codes in force."""
    edition = with_element(shipped, "ma_dvhc", data_layer="vàng", importance_class="khac")
    assert told(check_edition(edition, offices)) == [
        ("attribute-code-unknown", "$.elements.ma_dvhc.data_layer")
    ]


@pytest.mark.parametrize(
    ("codes", "code", "path"),
    [
        (
            [replace(RED, parent="do")],
            "code-parent-cyclic",
            "colours/do.parent",
        ),
        (
            [replace(RED, parent="a"), Code("a", Text("A"), parent="do")],
            "code-parent-cyclic",
            "colours/do.parent",
        ),
        ([replace(RED, parent="hong")], "code-parent-unknown", "colours/do.parent"),
        (
            [
                replace(RED, valid_to=date(2026, 6, 30)),
                replace(RED, valid_from=date(2026, 7, 2)),
            ],
            "code-validity-gap",
            "colours/do@2026-07-02.valid_from",
        ),
        (
            [
                replace(RED, valid_to=date(2026, 6, 30)),
                replace(RED, valid_from=date(2026, 6, 30)),
            ],
            "code-validity-overlap",
            "colours/do@2026-06-30.valid_from",
        ),
        (
            [
                replace(RED, valid_to=date(2026, 6, 30)),
                Code("do", Text("Dọc"), valid_from=date(2026, 7, 1)),
            ],
            "code-meaning-changed",
            "colours/do@2026-07-01.name.vi",
        ),
        (
            [replace(RED, valid_from=date(2026, 7, 1), valid_to=date(2026, 6, 1))],
            "validity-reversed",
            "colours/do@2026-07-01.valid_to",
        ),
        ([Code("do", NO_TEXT)], "dictionary-field-missing", "colours/do.name.vi"),
    ],
)
def test_wrong_code_is_named_by_its_field(
    small: Edition, offices: CodeList, codes: list[Code], code: str, path: str
):
    """Circles, gaps, overlaps and second meanings are refused."""
    problems = check_edition(with_codes(small, *codes), offices)
    assert (code, f"$.codes.{path}") in told(problems)
    assert refuses(problems)


def test_renamed_code_keeps_its_former_name(small: Edition, offices: CodeList):
    """A new row from the next day, with the old name among the others, is the same thing."""
    old = replace(RED, valid_to=date(2026, 6, 30))
    new = Code("do", Text("Đỏ tươi"), ("Đỏ",), valid_from=date(2026, 7, 1))
    assert check_edition(with_codes(small, old, new), offices) == []


def test_code_that_the_state_gives_again_is_taken(small: Edition, offices: CodeList):
    """In a dated list a code may name something else from the next day on (REQ-35)."""
    old = replace(RED, valid_to=date(2026, 6, 30))
    new = Code("do", Text("Dọc"), valid_from=date(2026, 7, 1))
    assert check_edition(with_codes(small, old, new, dated=True), offices) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"id": "Mau Sac"}, "code-list-id-wrong"),
        ({"owner": ""}, "owner-missing"),
        ({"source": ""}, "dictionary-field-missing"),
        ({"issued": ""}, "dictionary-field-missing"),
        ({"title": Text("Màu")}, "dictionary-field-missing"),
    ],
)
def test_wrong_list_is_refused(
    small: Edition, offices: CodeList, fields: dict[str, object], code: str
):
    """A list without owner, source or day cannot be judged by anybody."""
    colours = small.code_lists["colours"].codes
    problems = check_edition(with_codes(small, *colours, **fields), offices)
    assert code in {problem.code for problem in problems}


def test_code_with_another_meaning_is_refused(small: Edition):
    """An entry keeps its meaning from edition to edition; its spelling may be mended."""
    codes = small.code_lists["colours"].codes[1:]
    assert (
        check_change(small, with_codes(small, replace(RED, name=Text("ĐO")), *codes), Uses()) == []
    )
    changed = with_codes(small, replace(RED, name=Text("Tím")), *codes)
    assert told(check_change(small, changed, Uses())) == [
        ("code-meaning-changed", "$.codes.colours/do.name.vi")
    ]


def test_code_withdrawn_long_ago_comes_back_as_it_was(small: Edition):
    """Editions before the last one count as well."""
    between = with_codes(small, *small.code_lists["colours"].codes[1:])
    back = with_codes(between, Code("do", Text("Tím"), valid_from=date(2027, 1, 1)))
    assert check_change(between, back, Uses()) == []
    assert told(check_change(between, back, Uses(), [small])) == [
        ("code-meaning-changed", "$.codes.colours/do@2027-01-01.name.vi")
    ]


def used(**colours: int) -> Uses:
    """Uses of colours, and of nothing else."""
    return Uses(codes=lambda name: CodeUses(Counter(colours if name == "colours" else ())))


def test_code_in_use_is_not_deleted(small: Edition):
    """Data that has the code would lose its meaning; an unused one may go."""
    without = with_codes(small, *small.code_lists["colours"].codes[:2])
    uses = used(lam=3)
    found = check_change(small, without, uses)
    assert told(found) == [("code-in-use", "$.codes.colours/lam@2020-01-01.code")]
    assert found[0].params == {"count": "3"}
    assert check_change(small, without, Uses()) == []
    gone = replace(small, code_lists={})
    assert [p.code for p in check_change(small, gone, uses)] == ["code-in-use"]


def test_cells_that_nobody_looked_into_are_told(small: Edition):
    """Who approves the end of a code is told what could not be seen; without one nothing is."""
    without = with_codes(small, *small.code_lists["colours"].codes[:2])
    unseen = Uses(codes=lambda _: CodeUses(unseen=2))
    found = check_change(small, without, unseen)
    assert [(p.code, p.value, p.params) for p in found] == [
        ("code-uses-unseen", "1", {"columns": "2"})
    ]
    assert not refuses(found)
    assert check_change(small, small, unseen) == []


def test_uses_of_codes_that_stay_are_not_looked_up(small: Edition):
    """Looking into cells takes time: only a list of which a code is to go is asked for."""
    asked: list[str] = []

    def look(code_list: str) -> CodeUses:
        asked.append(code_list)
        return CodeUses()

    check_change(small, small, Uses(codes=look))
    assert asked == []
    without = with_codes(small, *small.code_lists["colours"].codes[:2])
    check_change(small, without, Uses(codes=look))
    assert asked == ["colours"]


def test_code_in_use_may_be_retired(small: Edition):
    """A last day is no deletion."""
    *rest, blue = small.code_lists["colours"].codes
    retired = with_codes(small, *rest, replace(blue, valid_to=date(2026, 12, 31)))
    assert check_change(small, retired, used(lam=3)) == []


def test_element_in_use_is_not_withdrawn(small: Edition):
    """Columns are bound to it."""
    without = replace(small, elements={"MauSac": small.elements["MauSac"]})
    assert check_change(small, without, Uses()) == []
    found = check_change(small, without, Uses(elements={"CanNang": 2}))
    assert told(found) == [("element-in-use", "$.elements.CanNang.id")]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"datatype": Datatype.INTEGER}, "element-meaning-changed"),
        ({"unit": "tấn"}, "element-meaning-changed"),
        ({"entity": "Y"}, "element-meaning-changed"),
        ({"definition": Text("Chiều cao", "Height")}, "element-meaning-changed"),
        (
            {"definition": Text("Khối lượng của vật, tính bằng kilôgam (kg)", "x")},
            "definition-changed",
        ),
    ],
)
def test_element_keeps_its_meaning(small: Edition, fields: dict[str, object], code: str):
    """Another datatype, unit or definition is another element; a new wording is only told."""
    found = check_change(small, with_element(small, "CanNang", **fields), Uses())
    assert [problem.code for problem in found] == [code]
    assert refuses(found) == (code == "element-meaning-changed")


def test_clock_decides_what_is_slow():
    """The limit is in seconds of the clock that is given."""
    ticks = iter(range(10_000))
    assert Trial(lambda: float(next(ticks))).slow(re.compile("a"))
    assert not Trial(lambda: 0.0).slow(re.compile("a"))


def test_many_slow_patterns_take_no_longer_than_the_budget():
    """When the time is used up the rest is not tried, and not trusted."""
    trial = Trial(left=0.0)
    assert trial.slow(re.compile("a"))
