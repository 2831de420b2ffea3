"""The catalogue for machines: RDF by page and as one dump, and plain JSON.

Everything here is read as nobody in particular: what an editor may see besides is in no catalogue,
whoever asks for it.
"""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, request

from ckanext.hatinh.catalog import dump, model, pages
from ckanext.hatinh.catalog.fragment import FORMS
from ckanext.hatinh.catalog.negotiation import takes_gzip
from ckanext.hatinh.catalog.showing import come_again

hatinh_catalogue = Blueprint("hatinh_catalogue", __name__)

MEDIA_TYPES = {form: media_type for form, (_, media_type) in FORMS.items()}
MEDIA_TYPES[dump.PLAIN] = "application/json"
BLOCK = 1 << 16
PLAIN_FILE = "data.json"


@hatinh_catalogue.get("/catalog.<form>")
def catalogue(form: str) -> Response:
    """A page of the catalogue: the records after an id, changed since a moment."""
    if form not in FORMS:
        tk.abort(404, tk._("The catalogue is not kept in this form"))
    if model.is_empty():
        return come_again()
    window = model.Window(request.args.get("after", ""), pages.SIZE, _since())
    body = pages.page(window, form)
    return _tagged(Response(body, mimetype=MEDIA_TYPES[form]))


@hatinh_catalogue.get("/catalog/dump.<form>")
def whole(form: str) -> Response:
    """The whole catalogue in one file."""
    if form not in dump.RDF_FORMS:
        tk.abort(404, tk._("The catalogue is not kept in this form"))
    return _dumped(form, f"catalog.{form}")


@hatinh_catalogue.get("/data.json")
def plain() -> Response:
    """The whole catalogue in plain JSON."""
    return _dumped(dump.PLAIN, PLAIN_FILE)


def _dumped(form: str, name: str) -> Response:
    newest = dump.servable()
    if newest is None:
        return come_again()
    path = dump.file(newest.state, form)
    packed = takes_gzip()
    answer = Response(mimetype=MEDIA_TYPES[form])
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.vary.add("Accept-Encoding")
    # Two bodies must not have one tag.
    answer.set_etag(f"{newest.state}-{form}{'-gzip' if packed else ''}")
    answer.last_modified = datetime.fromisoformat(newest.built)
    answer.make_conditional(request)
    if answer.status_code != 304:
        _fill(answer, path, newest.sizes[form], packed=packed)
    return answer


def _fill(answer: Response, path: Path, size: int, *, packed: bool) -> None:
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
        size = path.stat().st_size
    answer.content_length = size
    if request.method != "HEAD":
        answer.response = _blocks(path, packed=packed)


def _blocks(path: Path, *, packed: bool) -> Iterator[bytes]:
    opener: Any = Path.open if packed else gzip.open
    with opener(path, "rb") as stream:
        while block := stream.read(BLOCK):
            yield block


def _tagged(answer: Response) -> Response:
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _since() -> datetime | None:
    """``modified_since``, a day or a moment, in UTC where it names no zone."""
    said = request.args.get("modified_since")
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said)
        return (found.astimezone(UTC) if found.tzinfo else found).replace(tzinfo=None)
    except (OverflowError, ValueError):
        tk.abort(400, tk._("modified_since is a day or a moment, as in 2026-11-22"))
