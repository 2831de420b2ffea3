"""The tables of the dictionary: editions, and the elements that columns are bound to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, defer, mapped_column


class DictionaryEdition(tk.BaseModel):
    """One edition (phiên bản từ điển); a trigger refuses to change an approved one.

    ``document`` is the JSON form of :class:`hatinh.dictionary.edition.Edition`; the other
    columns repeat what lists need.
    """

    __tablename__ = "hatinh_dictionary_edition"

    number: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    date: Mapped[date]
    owner: Mapped[str]
    based_on: Mapped[str]
    decision: Mapped[str]
    note: Mapped[str]
    proposer: Mapped[str]
    approver: Mapped[str]
    hash: Mapped[str]
    elements: Mapped[int]
    code_lists: Mapped[int]
    document: Mapped[Any] = mapped_column(JSONB)


class DictionaryBinding(tk.BaseModel):
    """The element that a person gave to a column of a table.

    The table's own comments hold it too, but they go when the table is loaded anew.
    """

    __tablename__ = "hatinh_dictionary_binding"

    resource_id: Mapped[str] = mapped_column(primary_key=True)
    column: Mapped[str] = mapped_column(primary_key=True)
    element: Mapped[str] = mapped_column(index=True)


def editions() -> list[DictionaryEdition]:
    """All editions without their content."""
    query = sa.select(DictionaryEdition).options(defer(DictionaryEdition.document))
    return list(model.Session.scalars(query))


def last_steps() -> dict[str, dict[str, Any]]:
    """The last step that was taken with each edition, by number: action, by, at, note."""
    last = DictionaryEdition.document["history"][-1]
    query = sa.select(DictionaryEdition.number, last).where(last.is_not(None))
    return {row.number: row[1] for row in model.Session.execute(query)}


def find(number: str) -> DictionaryEdition | None:
    """One edition as it is now."""
    return model.Session.get(DictionaryEdition, number, populate_existing=True)


def lock(number: str) -> DictionaryEdition | None:
    """One edition, which nobody else can take a step with until this transaction ends."""
    query = sa.select(DictionaryEdition).where(DictionaryEdition.number == number)
    return model.Session.scalar(query.with_for_update().execution_options(populate_existing=True))


def save(values: Mapping[str, Any]) -> None:
    """Store an edition in place of what its number stood for."""
    row = insert(DictionaryEdition).values(**values)
    changed = {name: value for name, value in values.items() if name != "number"}
    model.Session.execute(row.on_conflict_do_update(index_elements=["number"], set_=changed))


def add(values: Mapping[str, Any]) -> bool:
    """Store a new edition; ``False`` when its number is taken."""
    row = insert(DictionaryEdition).values(**values).on_conflict_do_nothing()
    return model.Session.execute(row.returning(DictionaryEdition.number)).first() is not None


def bindings(resource_id: str) -> dict[str, str]:
    """Elements of a resource's columns that people gave, by column."""
    table = DictionaryBinding
    query = sa.select(table.column, table.element).where(table.resource_id == resource_id)
    return {row.column: row.element for row in model.Session.execute(query)}


def all_bindings(only: str | None = None) -> dict[str, dict[str, str]]:
    """Elements that people gave to columns, by resource and column; of one resource only."""
    bound: dict[str, dict[str, str]] = {}
    query = sa.select(DictionaryBinding)
    if only is not None:
        query = query.where(DictionaryBinding.resource_id == only)
    for row in model.Session.scalars(query):
        bound.setdefault(row.resource_id, {})[row.column] = row.element
    return bound


def bind(resource_id: str, elements: Mapping[str, str]) -> None:
    """Keep the elements of some columns; a blank element frees its column."""
    table = DictionaryBinding
    freed = [column for column, element in elements.items() if not element]
    model.Session.execute(
        sa.delete(table).where(table.resource_id == resource_id, table.column.in_(freed))
    )
    for column, element in elements.items():
        if element:
            row = insert(table).values(resource_id=resource_id, column=column, element=element)
            model.Session.execute(
                row.on_conflict_do_update(
                    index_elements=["resource_id", "column"], set_={"element": element}
                )
            )


@dataclass(frozen=True, slots=True)
class Table:
    """A file of a dataset, with the elements that people gave to its columns."""

    dataset: str
    title: str
    resource: model.Resource
    chosen: Mapping[str, str]


def tables(*, private: bool) -> Iterator[Table]:
    """The files of public datasets, or of all that are not deleted."""
    bound = all_bindings()
    package, resource = model.Package, model.Resource
    public = (package.state == "active", package.private.is_(False), resource.state == "active")
    kept = (package.state != "deleted", resource.state != "deleted")
    query = (
        sa.select(package.name, package.title, resource)
        .join(resource, resource.package_id == package.id)
        .where(*(kept if private else public))
        .order_by(package.name, resource.position)
    )
    for name, title, found in model.Session.execute(query):
        yield Table(name, title, found, bound.get(found.id, {}))


def package_values(fields: Iterable[str]) -> Counter[tuple[str, str]]:
    """How many records that are not deleted have each value of some fields."""
    package = model.package_table.c
    licences = sa.func.jsonb_build_object("license_id", package.license_id)
    return _values(package.extras, package.state, fields) + _values(licences, package.state, fields)


def resource_values(fields: Iterable[str]) -> Counter[tuple[str, str]]:
    """How many files have each value of some fields."""
    resource = model.resource_table.c
    return _values(sa.cast(resource.extras, JSONB), resource.state, fields)


def office_values(fields: Iterable[str]) -> Counter[tuple[str, str]]:
    """How many organisations have each value of some fields."""
    group = model.group_table.c
    return _values(group.extras, group.state, fields, group.is_organization)


def theme_sizes() -> Counter[str]:
    """How many records are in the group of each theme, by the theme's code."""
    group, member, package = model.group_table.c, model.member_table.c, model.package_table.c
    code = group.extras["code"].astext
    query = (
        sa.select(code, sa.func.count())
        .join(model.member_table, member.group_id == group.id)
        .join(model.package_table, member.table_id == package.id)
        .where(member.state == "active", package.state != "deleted", code.is_not(None))
        .where(~group.is_organization)
        .group_by(code)
    )
    return Counter(dict(model.Session.execute(query).tuples().all()))


def _values(
    extras: Any, state: Any, fields: Iterable[str], *conditions: Any
) -> Counter[tuple[str, str]]:
    """Field and value with how often they occur in the JSON objects of a table."""
    extra = sa.func.jsonb_each_text(extras).table_valued("key", "value").lateral()
    query = (
        sa.select(extra.c.key, extra.c.value, sa.func.count())
        .select_from(state.table)
        .join(extra, sa.true())
        .where(state != "deleted", extra.c.key.in_(list(fields)), *conditions)
        .group_by(extra.c.key, extra.c.value)
    )
    found = model.Session.execute(query)
    return Counter({(key, value): count for key, value, count in found if value})
