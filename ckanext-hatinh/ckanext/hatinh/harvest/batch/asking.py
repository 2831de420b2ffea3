"""A query of CKAN's model while it is put together: answered from memory when it is understood.

Building a statement costs more than looking a value up, so the steps are only noted. What is
not understood is replayed, step by step, on a real query.
"""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import exc
from sqlalchemy.orm import InstrumentedAttribute, Query
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, Null

NOTED = frozenset({"autoflush", "filter", "filter_by", "limit", "order_by"})
"""Steps that may be noted; every other one is taken on the real query."""

SIGNS = {operators.eq: "", operators.is_: "", operators.ne: "!"}

Shape = tuple[str, tuple[str, ...]]
"""What is asked for, and by which columns: ``("Member", ("capacity!", "table_id"))``."""


class Answer(list[Any]):
    """Known results, with the little of a result that CKAN's code uses."""

    def all(self) -> list[Any]:
        """Every row."""
        return self

    def first(self) -> Any:
        """The first row, or ``None``."""
        return self[0] if self else None

    def one(self) -> Any:
        """The only row."""
        if len(self) == 1:
            return self[0]
        raise exc.NoResultFound if not self else exc.MultipleResultsFound

    def scalar(self) -> Any:
        """The only value."""
        found = self.one()
        return found[0] if isinstance(found, tuple) else found


class Question:
    """Stands for ``session.query(...)``: ``replay`` makes the real one, ``answer`` may know."""

    def __init__(
        self,
        entities: tuple[Any, ...],
        replay: Callable[..., Query[Any]],
        answer: "Callable[[Question], Answer | None]",
    ) -> None:
        self.entities = entities
        self.steps: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._replay = replay
        self._answer = answer

    def __getattr__(self, name: str) -> Any:
        if name in NOTED:
            return lambda *args, **values: self._noted(name, args, values)
        if name in {"all", "first", "one", "scalar"}:
            known = self._answer(self)
            return getattr(self.real() if known is None else known, name)
        return getattr(self.real(), name)

    def __iter__(self) -> Iterator[Any]:
        known = self._answer(self)
        return iter(self.real() if known is None else known)

    def __getitem__(self, item: Any) -> Any:
        known = self._answer(self)
        return self.real()[item] if known is None else known[item]

    def exists(self) -> "Existence":
        """Whether there is any row; it remembers its question, for that may be known."""
        return Existence(self)

    def real(self) -> Query[Any]:
        """The real query, with every noted step taken."""
        query = self._replay(*self.entities)
        for name, args, values in self.steps:
            query = getattr(query, name)(*args, **values)
        return query

    def understood(self) -> tuple[Shape, dict[str, Any]] | None:
        """Its shape and the values in it, or ``None`` for a question of another kind."""
        about = _about(self.entities[0]) if len(self.entities) == 1 else ""
        values: dict[str, Any] = {}
        for name, args, named in self.steps:
            if name == "filter_by":
                values |= named
            elif name == "filter" and not all(_note(clause, values) for clause in args):
                return None
        return ((about, tuple(sorted(values))), values) if about else None

    def _noted(self, name: str, args: tuple[Any, ...], values: dict[str, Any]) -> "Question":
        self.steps.append((name, args, values))
        return self


class Existence:
    """Stands for an ``EXISTS``; SQLAlchemy gets the real one where it asks for a clause."""

    def __init__(self, asked: Question) -> None:
        self.asked = asked

    def __clause_element__(self) -> Any:
        return self.asked.real().exists()

    def __invert__(self) -> Any:
        return ~self.asked.real().exists()


def _about(entity: Any) -> str:
    if isinstance(entity, type):
        return entity.__name__
    if isinstance(entity, InstrumentedAttribute):
        return f"{entity.class_.__name__}.{entity.key}"
    return "exists" if isinstance(entity, Existence) else ""


def _note(clause: Any, values: dict[str, Any]) -> bool:
    """Note the condition ``column = value``, ``column != value`` or an ``OR`` of such."""
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.or_:
        parts: dict[str, Any] = {}
        understood = all(_note(part, parts) for part in clause.clauses)
        values["|".join(sorted(parts))] = next(iter(parts.values()), None)
        return understood and len({*parts.values()}) == 1
    if not isinstance(clause, BinaryExpression) or clause.operator not in SIGNS:
        return False
    name = f"{clause.left.key}{SIGNS[clause.operator]}"
    if isinstance(clause.right, BindParameter):
        values[name] = clause.right.value
        return True
    values[name] = None
    return isinstance(clause.right, Null)
