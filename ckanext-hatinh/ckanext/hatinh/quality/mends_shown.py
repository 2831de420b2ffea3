"""Mends of a record in the reader's language, each with the pages on which it is made."""

import re
from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.hatinh.quality import mends
from ckanext.hatinh.quality import model as scores
from ckanext.hatinh.shared.vocabulary import problem_texts
from hatinh.messages import locate
from hatinh.quality.mends import Mender, Page

_FILE = re.compile(r"\$\.resources\[(\d+)\]")


def shown(package_id: str) -> dict[str, Any] | None:
    """The total of a record and its mends, apart by who can make them; none while not measured.

    ``reach`` is the total when all is done that can be done on the portal.
    """
    package, score = model.Package.get(package_id), scores.find(package_id)
    if package is None or score is None:
        return None
    listed = [_said(mend, package) for mend in mends.of_record(package, score.as_dict())]
    here = [mend for mend in listed if mend["by"] == Mender.YOU.value]
    return {
        "total": score.total,
        "reach": min(100.0, (score.total or 0) + sum(mend["gain"] for mend in here)),
        "here": here,
        "source": [mend for mend in listed if mend["by"] == Mender.SOURCE.value],
    }


def _said(mend: Mapping[str, Any], package: model.Package) -> dict[str, Any]:
    places = [_place(mend, place, package) for place in mend["places"]]
    return {**mend, "do": tk.h.hatinh_say(mend["do"]), "places": places}


def _place(
    mend: Mapping[str, Any], place: Mapping[str, Any], package: model.Package
) -> dict[str, Any]:
    """A place with its name, the address where it is mended, and the input of the form."""
    field = place["field"] if mend["at"] == Page.FORM.value else ""
    page = mends.remedies().pages.get(field)
    words = {"name": _name(place["path"]), "input": ""}
    if page:
        return {**place, **words, "address": tk.url_for(f"{package.type}.{page}", id=package.name)}
    if mend["at"] == Page.FORM.value:
        name = mends.remedies().inputs.get(field, field)
        form = tk.url_for(f"{package.type}.edit", id=package.name)
        return {
            **place,
            **words,
            "input": name,
            "address": f"{form}#field-{name}" if name else form,
        }
    return {**place, **words, "address": _of_file(mend, place, package)}


def _name(path: str) -> str:
    """A place in words; files that are not there are named by none of them."""
    if path == "$.resources":
        return tk._("files")
    return locate(path, tk.h.lang(), problem_texts())


def _of_file(mend: Mapping[str, Any], place: Mapping[str, Any], package: model.Package) -> str:
    """The page of a file: of the terms of its columns, or its form; that of all where none is."""
    found, files = _FILE.match(place["path"]), package.resources
    if found is None or int(found[1]) >= len(files):
        return tk.url_for(f"{package.type}.resources", id=package.name)
    resource = files[int(found[1])]
    if mend["at"] == Page.COLUMNS.value and (resource.extras or {}).get("datastore_active"):
        return tk.url_for("datastore.dictionary", id=package.name, resource_id=resource.id)
    route = f"{package.type}_resource.edit"
    return tk.url_for(route, id=package.name, resource_id=resource.id)
