"""The tables of the dictionary: editions, and the elements that columns are bound to."""

from collections import Counter
from collections.abc import Iterable, Mapping
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


def remove(number: str) -> None:
    """Forget an edition that was never approved."""
    table = DictionaryEdition
    model.Session.execute(sa.delete(table).where(table.number == number))


def bindings(resource_id: str) -> dict[str, str]:
    """Elements of a resource's columns that people gave, by column."""
    table = DictionaryBinding
    query = sa.select(table.column, table.element).where(table.resource_id == resource_id)
    return {row.column: row.element for row in model.Session.execute(query)}


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


def tables() -> Iterable[tuple[str, str, str, Mapping[str, Any], Mapping[str, str]]]:
    """Public tables: dataset's name and title, resource's id and extras, people's bindings."""
    bound: dict[str, dict[str, str]] = {}
    for row in model.Session.scalars(sa.select(DictionaryBinding)):
        bound.setdefault(row.resource_id, {})[row.column] = row.element
    query = (
        sa.select(model.Package.name, model.Package.title, model.Resource)
        .join(model.Resource, model.Resource.package_id == model.Package.id)
        .where(
            model.Package.state == "active",
            model.Package.private.is_(False),
            model.Resource.state == "active",
        )
        .order_by(model.Package.name, model.Resource.position)
    )
    for name, title, resource in model.Session.execute(query):
        yield name, title, resource.id, resource.extras or {}, bound.get(resource.id, {})


def field_values(fields: Iterable[str]) -> Counter[tuple[str, str]]:
    """How many active packages have each value of some fields, by field and value."""
    package = model.package_table.c
    extra = sa.func.jsonb_each_text(package.extras).table_valued("key", "value").lateral()
    number = sa.func.count()
    own = (
        sa.select(extra.c.key, extra.c.value, number)
        .select_from(model.package_table)
        .join(extra, sa.true())
        .where(package.state == "active", extra.c.key.in_(fields))
        .group_by(extra.c.key, extra.c.value)
    )
    licences = (
        sa.select(sa.literal("license_id"), package.license_id, number)
        .where(package.state == "active", package.license_id.is_not(None))
        .group_by(package.license_id)
    )
    return Counter(
        {
            (key, value): count
            for query in (own, licences)
            for key, value, count in model.Session.execute(query)
        }
    )
