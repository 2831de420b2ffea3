"""The dictionary and the organisations that this process works with."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

import schemas
from hatinh.dictionary.load import load, load_organizations, load_partners
from hatinh.dictionary.model import CodeList, Dictionary
from hatinh.local_time import LOCAL_TIME
from hatinh.messages import Texts, load_texts
from hatinh.reading import Vocabulary

_readers: list[Callable[[], Dictionary]] = []


def dictionary() -> Dictionary:
    """The edition that data is read by: the shipped one, unless a plugin keeps others."""
    return _readers[0]() if _readers else _shipped()


def read_from(reader: Callable[[], Dictionary]) -> None:
    """Ask this function for the dictionary from now on."""
    _readers[:] = [reader]


@lru_cache(maxsize=1)
def _shipped() -> Dictionary:
    return load(schemas.ROOT)


@lru_cache(maxsize=1)
def organizations() -> CodeList:
    """Every office that publishes or published, as a code list of slugs."""
    return load_organizations(schemas.ROOT / "organizations.csv")


@lru_cache(maxsize=1)
def partners() -> frozenset[str]:
    """Slugs of those that are listed and publish nothing: partners, planned or unconfirmed."""
    return load_partners(schemas.ROOT / "organizations.csv")


@lru_cache(maxsize=1)
def problem_texts() -> Texts:
    """The words of every problem."""
    return load_texts(schemas.ROOT)


def today() -> date:
    """The day in the province."""
    return datetime.now(LOCAL_TIME).date()


def vocabulary() -> Vocabulary:
    """What drafts are read by, today."""
    return Vocabulary(dictionary(), organizations(), today())
