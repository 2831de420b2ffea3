"""The rows that CKAN selects for one package after the other, read for a whole batch.

``package_dictize`` asks six statements a package. Their rows are the same rows when they are
read for fifty packages at once and handed out one package at a time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import result_tuple
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import BindParameter, BooleanClauseList

from ckanext.hatinh.harvest.batch.asking import Answer

RESOURCE, TAG, PACKAGE_TAG = model.resource_table, model.tag_table, model.package_tag_table
GROUP, MEMBER, RELATION = model.group_table, model.member_table, model.package_relationship_table


class Kind(NamedTuple):
    """One statement of ``package_dictize``: what it selects, and by which column."""

    columns: tuple[Any, ...]
    source: Any
    key: Any
    conditions: tuple[Any, ...] = ()


KINDS = (
    Kind(tuple(RESOURCE.c), RESOURCE, RESOURCE.c.package_id),
    Kind(
        (*TAG.c, PACKAGE_TAG.c.state),
        TAG.join(PACKAGE_TAG, TAG.c.id == PACKAGE_TAG.c.tag_id),
        PACKAGE_TAG.c.package_id,
    ),
    Kind(
        (*GROUP.c, MEMBER.c.capacity),
        GROUP.join(MEMBER, GROUP.c.id == MEMBER.c.group_id),
        MEMBER.c.table_id,
        (MEMBER.c.state == "active", GROUP.c.is_organization == sa.false()),
    ),
    Kind(tuple(GROUP.c), GROUP, GROUP.c.id, (GROUP.c.state == "active",)),
    Kind(tuple(RELATION.c), RELATION, RELATION.c.subject_package_id),
    Kind(tuple(RELATION.c), RELATION, RELATION.c.object_package_id),
)


class Rows:
    """Rows by kind and key. Keys that were not read are not answered."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], dict[str, Answer]] = {}

    def read(self, session: Session, packages: Collection[str], owners: Collection[str]) -> None:
        """Read what belongs to some packages, and the organisations that own them."""
        for kind in KINDS:
            keys = owners if kind.key is GROUP.c.id else packages
            self._known[_signature(kind)] = _rows(session, kind, keys)

    def forget(self) -> None:
        """Answer nothing any more: rows may change now."""
        self._known.clear()

    def answer(self, statement: Any) -> Answer | None:
        """The rows of a statement that asks for what has been read."""
        if not self._known or not isinstance(statement, sa.Select):
            return None
        clause = statement.whereclause
        first = clause.clauses[0] if isinstance(clause, BooleanClauseList) else clause
        left, right = getattr(first, "left", None), getattr(first, "right", None)
        if not isinstance(right, BindParameter) or not isinstance(left, sa.Column):
            return None
        count = len(clause.clauses) if isinstance(clause, BooleanClauseList) else 1
        known = self._known.get((f"{left.table.name}.{left.key}", count), {})
        return known.get(str(right.value))


def _signature(kind: Kind) -> tuple[str, int]:
    return f"{kind.key.table.name}.{kind.key.key}", 1 + len(kind.conditions)


def _rows(session: Session, kind: Kind, keys: Collection[str]) -> dict[str, Answer]:
    found: defaultdict[str, Answer] = defaultdict(Answer)
    make = result_tuple([column.name for column in kind.columns])
    for *values, key in _selected(session, kind, keys):
        found[key].append(make(values))
    return {key: found[key] for key in keys}


def _selected(session: Session, kind: Kind, keys: Collection[str]) -> Iterable[Any]:
    statement = sa.select(*kind.columns, kind.key.label("batch_key")).select_from(kind.source)
    statement = statement.where(kind.key.in_(keys), *kind.conditions)
    return session.connection().execute(statement) if keys else ()
