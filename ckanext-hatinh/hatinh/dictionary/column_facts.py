"""What the rules found in each column of a table, from counts that the check has made anyway."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from hatinh.dictionary.table_subject import Subject
from hatinh.text import clean

ByColumn = Mapping[tuple[str, str], int]
"""How many places, by rule and column."""


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """One column: how many places each rule judged in it, and how many of them are ``broken``.

    A rule on several columns counts in the one where it tells of its places. ``element`` is what
    the column was judged by, empty while it is bound to none. ``broken`` has no zeros.
    """

    name: str
    element: str
    judged: Mapping[str, int]
    broken: Mapping[str, int]


def column_facts(subject: Subject, judged: ByColumn, broken: ByColumn) -> tuple[ColumnFacts, ...]:
    """The columns in the order of the file, then what it lacks; those without a name are left out.

    Columns of one name are one.
    """
    elements = {clean(column.name): column.element for column in subject.schema.columns}
    all_judged, all_broken = _in_columns(judged), _in_columns(broken)
    names = dict.fromkeys([*subject.header, *all_judged])
    return tuple(
        ColumnFacts(name, elements.get(name, ""), all_judged[name], all_broken.get(name, {}))
        for name in names
        if name and name in all_judged
    )


def _in_columns(counts: ByColumn) -> dict[str, Counter[str]]:
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (rule, column), count in counts.items():
        if count:
            found[clean(column)][rule] += count
    return dict(found)
