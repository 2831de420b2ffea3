"""Which public dataset a service means by a word: everywhere the one that the register finds."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa
from ckan import model

from hatinh.register import Index


class Word(NamedTuple):
    """What a service calls a dataset, and the source that the service is from."""

    source: str
    said: str


class _Dataset(NamedTuple):
    id: str
    name: str
    title: str
    guid: str
    source: str
    endpoint: str = ""


def words(source: str | None, serves_datasets: str | None) -> list[Word]:
    """The words of a service, between which ``;`` stands."""
    said = (word.strip() for word in (serves_datasets or "").split(";"))
    return [Word(source or "", word) for word in said if word]


def served(asked: Collection[Word]) -> dict[Word, str]:
    """The ids of the public datasets that the words mean; a word that fits several means none."""
    index = Index(_named(sorted({word.said for word in asked}))) if asked else None
    found = ((word, index.find(word.said, word.source)) for word in asked) if index else ()
    return {word: rows[0].id for word, rows in found if len(rows) == 1}


def _named(said: list[str]) -> Iterable[_Dataset]:
    """The public datasets that have one of these words for an id, a name or a title."""
    package = model.Package
    guid, source = (package.extras[name].astext for name in ("harvest_guid", "harvest_source"))
    names = (package.id, package.name, package.title, guid)
    query = sa.select(*names, source).where(
        package.type == "dataset",
        package.state == "active",
        package.private.is_(False),
        sa.or_(*(name.in_(said) for name in names)),
    )
    return [_Dataset(*(value or "" for value in row)) for row in model.Session.execute(query)]
