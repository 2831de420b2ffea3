"""The rules that one value is checked by, against the element of its column."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hatinh.dictionary.model import CodeList, Datatype, Element
from hatinh.dictionary.table_subject import Bound, Finding, Subject, Violation
from hatinh.errors import SchemaError
from hatinh.tabular.numbers import number
from hatinh.text import fold, parse_date

_PERIOD = re.compile(r"\d{4}([1-4]|0[1-9]|1[0-2])?")
_URL = re.compile(r"https?://\S+")
_BOOLEANS = frozenset({"true", "false", "1", "0", "co", "khong"})
_NUMBERS = frozenset({Datatype.INTEGER, Datatype.DECIMAL})
_FREE = frozenset({Datatype.STRING, Datatype.CODE})


Params = Mapping[str, object] | None
"""What a rule says of a value: parameters of the problem's text, ``None`` when it is right."""


@dataclass(frozen=True, slots=True)
class ValueRule:
    """A rule on single values: whether it applies to an element, and what breaks it."""

    id: str
    applies: Callable[[Element], bool]
    breaks: Callable[[str, Bound, Element, Subject], Params]


def wrong_type(value: str, bound: Bound, element: Element, subject: Subject) -> Params:
    """The value is not written as its datatype is (REQ-42)."""
    return None if _is_type(value, element.datatype, bound) else {"datatype": element.datatype}


def _is_type(value: str, datatype: Datatype, bound: Bound) -> bool:
    match datatype:
        case Datatype.INTEGER | Datatype.DECIMAL:
            found = number(value, bound.notation)
            return found is not None and (datatype is Datatype.DECIMAL or found == int(found))
        case Datatype.DATE:
            return parse_date(value) is not None
        case Datatype.PERIOD:
            return _PERIOD.fullmatch(value) is not None
        case Datatype.BOOLEAN:
            return fold(value) in _BOOLEANS
        case Datatype.URL:
            return _URL.fullmatch(value) is not None
    return True


def wrong_pattern(value: str, bound: Bound, element: Element, subject: Subject) -> Params:
    """The value does not have the element's form."""
    return None if re.search(element.pattern, value) else {"pattern": element.pattern}


def too_long(value: str, bound: Bound, element: Element, subject: Subject) -> Params:
    """The value is longer than the element allows."""
    limit = element.max_length or 0
    return None if len(value) <= limit else {"limit": limit, "length": len(value)}


def out_of_range(value: str, bound: Bound, element: Element, subject: Subject) -> Params:
    """The number is below the least or above the greatest that the element can have."""
    found = number(value, bound.notation)
    low, high = element.minimum, element.maximum
    if found is None or ((low is None or found >= low) and (high is None or found <= high)):
        return None
    return {"minimum": _bound_text(low), "maximum": _bound_text(high)}


def _bound_text(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:g}"


def code_unknown(value: str, bound: Bound, element: Element, subject: Subject) -> Params:
    """The code was never in the list."""
    codes = _codes(element, subject)
    return None if codes.known(value) else {"list": element.code_list}


def code_not_valid(value: str, bound: Bound, element: Element, subject: Subject) -> Params:
    """The code was not in force on the day of the data (REQ-35)."""
    codes = _codes(element, subject)
    if codes.get(value, subject.at):
        return None
    return {"list": element.code_list, "at": subject.at.isoformat()}


def _codes(element: Element, subject: Subject) -> CodeList:
    codes = subject.dictionary.code_lists.get(element.code_list)
    if codes is None:
        raise SchemaError(element.id, f"code list {element.code_list} is not in the dictionary")
    return codes


def _has_range(element: Element) -> bool:
    bounded = element.minimum is not None or element.maximum is not None
    return bounded and element.datatype in _NUMBERS


VALUE_RULES: tuple[ValueRule, ...] = (
    ValueRule("cell-type", lambda element: element.datatype not in _FREE, wrong_type),
    ValueRule("cell-pattern", lambda element: bool(element.pattern), wrong_pattern),
    ValueRule("cell-too-long", lambda element: element.max_length is not None, too_long),
    ValueRule("cell-out-of-range", _has_range, out_of_range),
    ValueRule("cell-code-unknown", lambda element: bool(element.code_list), code_unknown),
    ValueRule("cell-code-not-valid", lambda element: bool(element.code_list), code_not_valid),
)
"""In this order; a value is judged up to the first rule that it breaks."""


def values(subject: Subject) -> Iterator[Finding]:
    """Every value of a bound column against the rules of its element."""
    for bound in subject.bound.values():
        if element := bound.element:
            rules = [rule for rule in VALUE_RULES if rule.applies(element)]
            yield from _column_findings(bound, element, rules, subject)


def _column_findings(
    bound: Bound, element: Element, rules: list[ValueRule], subject: Subject
) -> Iterator[Finding]:
    open_values = dict(bound.counts)
    for rule in rules:
        broken = {
            value: params
            for value in open_values
            if (params := rule.breaks(value, bound, element, subject)) is not None
        }
        yield Finding(rule.id, sum(open_values.values()), _places(bound, broken))
        open_values = {v: n for v, n in open_values.items() if v not in broken}


def _places(bound: Bound, broken: Mapping[str, Mapping[str, object]]) -> Iterator[Violation]:
    if not broken:
        return
    for row, value in enumerate(bound.values, 1):
        if value is not None and value in broken:
            yield Violation(bound.column.name, row, bound.show(value), broken[value])
