"""The rules that one value is checked by, against the element of its column.

To add a rule, write its function and add a line to :data:`VALUE_RULES`, its text to
``schemas/problems.yaml`` and a weight to ``schemas/quality.yaml``. What it accepts for sure may be
said once more as a pattern, in :mod:`hatinh.dictionary.cell_form`, to make large tables fast; a
pattern that takes what the rule refuses loses findings.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hatinh.dictionary.model import Datatype, Element
from hatinh.dictionary.table_subject import Bound
from hatinh.tabular.numbers import number
from hatinh.text import fold, parse_date

PERIOD = "[0-9]{4}(?:[1-4]|0[1-9]|1[0-2])?"
NUMBERS = frozenset({Datatype.INTEGER, Datatype.DECIMAL})

_PERIOD = re.compile(PERIOD)
_URL = re.compile(r"https?://\S+")
_BOOLEANS = frozenset({"true", "false", "1", "0", "co", "khong"})
_FREE = frozenset({Datatype.STRING, Datatype.CODE})


Params = Mapping[str, object] | None
"""What a rule says of a value: parameters of the problem's text, ``None`` when it is right."""


@dataclass(frozen=True, slots=True)
class ValueRule:
    """A rule on single values: whether it applies to an element, and what breaks it."""

    id: str
    applies: Callable[[Element], bool]
    breaks: Callable[[str, Bound, Element], Params]


def wrong_type(value: str, bound: Bound, element: Element) -> Params:
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


def wrong_pattern(value: str, bound: Bound, element: Element) -> Params:
    """The value does not have the element's form."""
    return None if re.search(element.pattern, value) else {"pattern": element.pattern}


def too_long(value: str, bound: Bound, element: Element) -> Params:
    """The value is longer than the element allows."""
    limit = element.max_length or 0
    return None if len(value) <= limit else {"limit": limit, "length": len(value)}


def out_of_range(value: str, bound: Bound, element: Element) -> Params:
    """The number is below the least or above the greatest that the element can have."""
    found = number(value, bound.notation)
    low, high = element.minimum, element.maximum
    if found is None or ((low is None or found >= low) and (high is None or found <= high)):
        return None
    return {"minimum": _bound_text(low), "maximum": _bound_text(high)}


def _bound_text(limit: float | None) -> str:
    return "…" if limit is None else f"{limit:g}"


def code_unknown(value: str, bound: Bound, element: Element) -> Params:
    """The code was never in the list."""
    known = bound.codes is None or bound.codes.known(value)
    return None if known else {"list": element.code_list}


def code_not_valid(value: str, bound: Bound, element: Element) -> Params:
    """The code was not in force on the day of the data (REQ-35)."""
    if bound.codes is None or bound.codes.get(value, bound.at):
        return None
    return {"list": element.code_list, "at": bound.at.isoformat()}


def _has_range(element: Element) -> bool:
    bounded = element.minimum is not None or element.maximum is not None
    return bounded and element.datatype in NUMBERS


VALUE_RULES: tuple[ValueRule, ...] = (
    ValueRule("cell-type", lambda element: element.datatype not in _FREE, wrong_type),
    ValueRule("cell-pattern", lambda element: bool(element.pattern), wrong_pattern),
    ValueRule("cell-too-long", lambda element: element.max_length is not None, too_long),
    ValueRule("cell-out-of-range", _has_range, out_of_range),
    ValueRule("cell-code-unknown", lambda element: bool(element.code_list), code_unknown),
    ValueRule("cell-code-not-valid", lambda element: bool(element.code_list), code_not_valid),
)
"""In this order; a value is judged up to the first rule that it breaks."""
