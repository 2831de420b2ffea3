"""The document of this portal: what ``schemas/openapi.yaml`` says of the actions that are here."""

from functools import cache
from typing import Any

import ckan.plugins.toolkit as tk
import yaml

import schemas
from ckanext.hatinh.api.samples import samples
from hatinh.openapi import model
from hatinh.openapi.document import Portal, document
from hatinh.openapi.model import Api

VERSION = "1.0"
"""Of the API as the document describes it: raised when a call that worked is refused."""


@cache
def api() -> Api:
    """What the table says of all actions that we know."""
    text = (schemas.ROOT / "openapi.yaml").read_text(encoding="utf-8")
    return model.read(yaml.safe_load(text))


@cache
def present() -> frozenset[str]:
    """The actions of the table that this portal has; they are there or not for a whole process."""
    return frozenset(name for name in api().actions if _is_there(name))


def of_this_portal(lang: str) -> dict[str, Any]:
    """The document in one language, with public things of the catalogue in its examples."""
    return document(api(), Portal(site(), VERSION, present(), samples()), lang)


def site() -> str:
    """The portal's address, without a language and without a slash at the end."""
    return tk.url_for("home.index", locale="default", _external=True).rstrip("/")


def _is_there(name: str) -> bool:
    try:
        tk.get_action(name)
    except KeyError:
        return False
    return True
