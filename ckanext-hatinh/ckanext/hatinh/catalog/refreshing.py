"""Keeps the fragments in step with the records, whoever changed them and however.

Nothing tells us of a change: a sweep compares what each fragment was made from with what it would
be made from now. Bindings of columns and the day are not compared; they are why every fragment is
made anew once a day.
"""

import hashlib
import importlib.metadata
import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core

import hatinh.catalogue
import schemas
from ckanext.hatinh.catalog import model
from ckanext.hatinh.catalog.fragment import make_fragment
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.errors import UNFORESEEN, SchemaError

log = logging.getLogger(__name__)

GOOD_FOR = timedelta(days=1)
SAVED_AT_ONCE = 100
AGED_AT_ONCE = 200
"""So that the work of a day is no rush of a minute."""

CODE_LISTS = ("admin_units", "frequencies", "licences", "publication_classes", "themes")
"""The lists that a fragment is made with."""
DATA = ("file_formats.csv", "data_themes.csv", "admin_unit_centres.csv")


def refresh(window: model.Window = model.WHOLE) -> int:
    """Make the fragments of a window that are missing or stale; gives how many."""
    return _make(model.stale(version(), window))


def refresh_aged() -> int:
    """Make some of the fragments anew that are a day old, whatever they were made from."""
    return _make(model.aged(datetime.now(UTC) - GOOD_FOR, AGED_AT_ONCE))


def late() -> int:
    """How many records have no fragment, or one that is not made from what they are now."""
    return len(model.stale(version()))


def described(package_ids: Collection[str]) -> Iterator[str]:
    """The N-Triples of some records as they are now; nothing is stored and nothing committed."""
    stale = {id_: key for id_, key in model.stale(version()).items() if id_ in package_ids}
    for row in model.every_fragment(model.KINDS):
        if row.package_id in package_ids and row.package_id not in stale:
            yield row.nt
    for item in stale.items():
        if row := _made(*item):
            yield row["nt"]


def _make(wanted: Mapping[str, str]) -> int:
    for keys in _some_at_a_time(wanted):
        rows = [row for item in keys.items() if (row := _made(*item))]
        if rows:
            model.save(rows)
        model.drop(keys.keys() - {row["package_id"] for row in rows})
        core.Session.commit()
    return len(wanted)


def version() -> str:
    """Changes when every fragment has to be made anew: the program, the codes, the address."""
    known = dictionary().code_lists
    lists = "".join(repr(tuple(known[name])) for name in CODE_LISTS)
    words = f"{_program()}\n{lists}\n{tk.config['ckan.site_url']}"
    return hashlib.sha256(words.encode()).hexdigest()


@lru_cache(maxsize=1)
def _program() -> str:
    """A fingerprint of what makes fragments: our code and data, and the profile that it extends."""
    folders = (Path(__file__).parent, Path(*hatinh.catalogue.__path__))
    files = sorted(file for folder in folders for file in folder.glob("*.py"))
    files += [schemas.ROOT / name for name in DATA]
    code = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(code + importlib.metadata.version("ckanext-dcat").encode()).hexdigest()


def _some_at_a_time(keys: Mapping[str, str]) -> Iterator[dict[str, str]]:
    ids = list(keys)
    for first in range(0, len(ids), SAVED_AT_ONCE):
        yield {name: keys[name] for name in ids[first : first + SAVED_AT_ONCE]}


def _made(package_id: str, key: str) -> dict[str, Any] | None:
    """The row of a record as everybody sees it; nothing when it cannot be described."""
    try:
        package = show_to_everybody(package_id)
        fragment = make_fragment(package)
    except (tk.ObjectNotFound, tk.NotAuthorized):
        return None  # hidden since it was listed
    except (SchemaError, *UNFORESEEN):  # a schema that is no JSON, and what nobody thought of
        log.exception("Record %s cannot be described", package_id)
        return None
    return {
        "package_id": package_id,
        "kind": package["type"],
        "uri": fragment.uri,
        "key": key,
        "made": datetime.now(UTC),
        "hash": fragment.hash,
        "nt": fragment.nt,
        "plain": fragment.plain,
    }


def show_to_everybody(name: str) -> dict[str, Any]:
    """A package as nobody in particular sees it, whoever asks."""
    context: Any = {"user": "", "auth_user_obj": None, "use_cache": False}
    return tk.get_action("package_show")(context, {"id": name})
