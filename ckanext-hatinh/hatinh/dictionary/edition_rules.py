"""What an edition must keep, by itself and against the one before it.

Rules give :class:`Problem` values. Their paths are ``$.elements.<id>.<field>``,
``$.code_lists.<id>.<field>`` and ``$.codes.<list>/<code>@<first day>.<field>``; the day is left out
where there is none, and a text has its language after it (``name.en``).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import SequenceMatcher
from itertools import pairwise

from hatinh.dictionary.edition import Edition
from hatinh.dictionary.edition_diff import code_key
from hatinh.dictionary.model import Code, CodeList, Datatype, Element
from hatinh.dictionary.pattern import Trial
from hatinh.problem import Problem, error, warning
from hatinh.text import Text, fold

SAME_MEANING = 0.5
"""Definitions less alike than this (0 to 1, by their letters) are taken for two meanings."""

COMPARED = 1000
"""Letters of a definition that are compared."""

_ELEMENT_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LIST_ID = re.compile(r"[a-z][a-z0-9_]*")
_CODED = {
    "data_layer": "data_layers",
    "sharing_level": "sharing_levels",
    "personal_data": "personal_data_classes",
    "importance_class": "importance_classes",
}
"""Fields of an element that hold a code, and its list."""

_FINAL = ("datatype", "code_list", "unit", "entity")
"""What an element's values are; another one of these is another element."""


@dataclass
class CodeUses:
    """How often codes of a list are used, and how many bound columns were not looked into."""

    counts: Counter[str] = field(default_factory=Counter)
    unseen: int = 0


def _unused(code_list: str) -> CodeUses:
    return CodeUses()


@dataclass(frozen=True, slots=True)
class Uses:
    """How often things are used in published data, by element id, and by list and code.

    ``codes`` is asked for a list only when some of its codes are to go, so it may look then.
    """

    elements: Mapping[str, int] = field(default_factory=dict)
    codes: Callable[[str], CodeUses] = _unused


def check_edition(edition: Edition, offices: CodeList) -> list[Problem]:
    """Everything that is wrong in an edition taken by itself.

    ``offices`` are the organisations; an owner has to be one of them.
    """
    elements = edition.elements.values()
    problems = [found for element in elements for found in _element(element, edition, offices)]
    problems += _patterns(elements)
    problems += _headers(elements)
    for code_list in edition.code_lists.values():
        problems += _code_list(code_list, offices)
    return problems


def check_change(
    old: Edition, new: Edition, uses: Uses, earlier: Iterable[Edition] = ()
) -> list[Problem]:
    """Everything that may not change from ``old`` to ``new``.

    ``earlier`` are all editions before ``old``: a code that was withdrawn long ago does not come
    back with another meaning either.
    """
    problems = [found for key in old.elements for found in _element_change(key, old, new, uses)]
    for key, before in old.code_lists.items():
        problems += _withdrawn_codes(before, new.code_lists.get(key), uses)
    for key, after in new.code_lists.items():
        known = [e.code_lists[key] for e in (*earlier, old) if key in e.code_lists]
        problems += _reused_codes(after, known)
    return problems


# -- elements -----------------------------------------------------------------------------------


def _element(element: Element, edition: Edition, offices: CodeList) -> Iterator[Problem]:
    path = f"$.elements.{element.id}"
    if not _ELEMENT_ID.fullmatch(element.id):
        yield error("element-id-wrong", f"{path}.id", element.id)
    yield from _blank(path, element, ("entity", "source"))
    yield from _untold(path, {"name": element.name, "definition": element.definition})
    yield from _owner(f"{path}.owner_org", element.owner_org, offices)
    yield from _values(element, edition, path)
    yield from _limits(element, path)
    for term in element.related_terms:
        if term not in edition.elements:
            yield error("related-term-unknown", f"{path}.related_terms", term)


def _values(element: Element, edition: Edition, path: str) -> Iterator[Problem]:
    """Code lists that the element names, and codes that its attributes are."""
    if element.code_list and element.code_list not in edition.code_lists:
        yield error("code-list-unknown", f"{path}.code_list", element.code_list)
    if (element.datatype is Datatype.CODE) != bool(element.code_list):
        yield error("code-list-contradicts", f"{path}.code_list", element.datatype)
    for name, code_list in _CODED.items():
        value, codes = getattr(element, name), edition.code_lists.get(code_list)
        if value and codes and not codes.get(value, edition.date):
            yield error("attribute-code-unknown", f"{path}.{name}", value, list=code_list)


def _limits(element: Element, path: str) -> Iterator[Problem]:
    low, high = element.minimum, element.maximum
    if low is not None and high is not None and low > high:
        yield error("limits-reversed", f"{path}.minimum", f"{low:g}", maximum=f"{high:g}")
    if _reversed(element.valid_from, element.valid_to):
        yield error("validity-reversed", f"{path}.valid_to", element.valid_to)


def _patterns(elements: Iterable[Element]) -> Iterator[Problem]:
    """Patterns that cannot be read, may run for ever, or do not fit their example."""
    trial = Trial()
    for element in elements:
        path = f"$.elements.{element.id}"
        try:
            pattern = re.compile(element.pattern)
        except re.error as err:
            yield error("pattern-wrong", f"{path}.pattern", element.pattern, reason=err)
            continue
        if element.pattern and trial.slow(pattern):
            yield error("pattern-slow", f"{path}.pattern", element.pattern)
        elif element.example and not pattern.search(element.example):
            yield error("example-wrong", f"{path}.example", element.example)


def _headers(elements: Iterable[Element]) -> Iterator[Problem]:
    """No words head the columns of two elements: a suggestion would be a guess."""
    owners: dict[str, str] = {}
    for element in elements:
        for words in dict.fromkeys(map(fold, (element.id, *element.name, *element.synonyms))):
            other = owners.setdefault(words, element.id)
            if words and other != element.id:
                path = f"$.elements.{element.id}.synonyms"
                yield error("synonym-ambiguous", path, words, other=other)


def _element_change(key: str, old: Edition, new: Edition, uses: Uses) -> Iterator[Problem]:
    path, before, after = f"$.elements.{key}", old.elements[key], new.elements.get(key)
    if after is None:
        if count := uses.elements.get(key):
            yield error("element-in-use", f"{path}.id", key, columns=count)
        return
    for name in _FINAL:
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield error("element-meaning-changed", f"{path}.{name}", now, before=was)
    if before.definition.vi != after.definition.vi:
        path = f"{path}.definition.vi"
        if _alike(before.definition.vi, after.definition.vi) < SAME_MEANING:
            yield error(
                "element-meaning-changed", path, after.definition.vi, before=before.definition.vi
            )
        else:
            yield warning("definition-changed", path, after.definition.vi)


def _alike(one: str, other: str) -> float:
    """How alike two texts are by their letters, 0 to 1; comparing takes time squared."""
    first, second = fold(one)[:COMPARED], fold(other)[:COMPARED]
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


# -- code lists ---------------------------------------------------------------------------------


def _code_list(found: CodeList, offices: CodeList) -> Iterator[Problem]:
    path = f"$.code_lists.{found.id}"
    if not _LIST_ID.fullmatch(found.id):
        yield error("code-list-id-wrong", f"{path}.id", found.id)
    yield from _blank(path, found, ("source", "issued"))
    yield from _untold(path, {"title": found.title})
    yield from _owner(f"{path}.owner", found.owner, offices)
    yield from _parents(found)
    for code in dict.fromkeys(entry.code for entry in found):
        yield from _entries(found, code)


def _at(code_list: CodeList, entry: Code, name: str) -> str:
    return f"$.codes.{code_key(code_list.id, entry)}.{name}"


def _parents(found: CodeList) -> Iterator[Problem]:
    parents = {entry.code: entry.parent for entry in found}
    for entry in found:
        if entry.parent and entry.parent not in parents:
            yield error("code-parent-unknown", _at(found, entry, "parent"), entry.parent)
        elif _in_circle(entry.code, parents):
            yield error("code-parent-cyclic", _at(found, entry, "parent"), entry.parent)


def _in_circle(code: str, parents: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    at = parents[code]
    while at and at not in seen:
        if at == code:
            return True
        seen.add(at)
        at = parents.get(at, "")
    return False


def _entries(found: CodeList, code: str) -> Iterator[Problem]:
    """Rules on the entries of one code, from one validity to the next."""
    entries = found.entries(code)
    for entry in entries:
        if not entry.name.vi:
            path = _at(found, entry, "name.vi")
            yield error("dictionary-field-missing", path, column="codes.name_vi")
        if _reversed(entry.valid_from, entry.valid_to):
            yield error("validity-reversed", _at(found, entry, "valid_to"), entry.valid_to)
    for before, after in pairwise(entries):
        end, start = before.valid_to or date.max, after.valid_from or date.min
        if start <= end:
            yield error("code-validity-overlap", _at(found, after, "valid_from"), code, end=end)
        elif start > end + timedelta(days=1):
            yield error("code-validity-gap", _at(found, after, "valid_from"), start, end=end)
        if not found.dated and not _same_meaning(before, after):
            path = _at(found, after, "name.vi")
            yield error("code-meaning-changed", path, after.name.vi, before=before.name.vi)


def _withdrawn_codes(old: CodeList, new: CodeList | None, uses: Uses) -> Iterator[Problem]:
    gone = [e for e in old if not (new and e.valid_from in _starts(new, e.code))]
    used = uses.codes(old.id) if gone else CodeUses()
    for entry in gone:
        if count := used.counts[entry.code]:
            yield error("code-in-use", _at(old, entry, "code"), entry.code, count=count)
    if used.unseen:
        path = f"$.code_lists.{old.id}.codes"
        yield warning("code-uses-unseen", path, len(gone), columns=used.unseen)


def _starts(found: CodeList, code: str) -> set[date | None]:
    return {entry.valid_from for entry in found.entries(code)}


def _reused_codes(new: CodeList, before: Sequence[CodeList]) -> Iterator[Problem]:
    """An entry that was there once keeps its meaning, whatever edition it comes back in."""
    for entry in new:
        first = not new.dated and entry is new.entries(entry.code)[0]
        known = (_former(old, entry, first=first) for old in before)
        other = next((k for k in known if k and not _same_meaning(k, entry)), None)
        if other:
            path = _at(new, entry, "name.vi")
            yield error("code-meaning-changed", path, entry.name.vi, before=other.name.vi)


def _former(old: CodeList, entry: Code, *, first: bool) -> Code | None:
    """The same entry in another edition; the ``first`` of its code follows all that were there."""
    entries = old.entries(entry.code)
    same = next((e for e in entries if e.valid_from == entry.valid_from), None)
    return same or (entries[-1] if first and entries else None)


def _same_meaning(before: Code, after: Code) -> bool:
    """A new name keeps the meaning when the former one stands among the other names."""
    known = {fold(name) for name in (after.name.vi, *after.other_names)}
    return fold(before.name.vi) in known


# -- what elements and lists share --------------------------------------------------------------


def _blank(path: str, thing: Element | CodeList, names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        if not getattr(thing, name):
            yield error("dictionary-field-missing", f"{path}.{name}", column=_column(path, name))


def _untold(path: str, texts: Mapping[str, Text]) -> Iterator[Problem]:
    for name, text in texts.items():
        for language, words in zip(("vi", "en"), text, strict=True):
            if not words:
                column = _column(path, f"{name}_{language}")
                yield error("dictionary-field-missing", f"{path}.{name}.{language}", column=column)


def _column(path: str, name: str) -> str:
    """The column that people know the field by: ``elements.name_en``."""
    return f"{path.split('.')[1]}.{name}"


def _owner(path: str, owner: str, offices: CodeList) -> Iterator[Problem]:
    if not owner:
        yield error("owner-missing", path)
    elif not offices.known(owner):
        yield error("owner-unknown", path, owner)


def _reversed(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first
