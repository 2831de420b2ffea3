"""Builds Solr's schema.xml: the installed CKAN's own, with config/solr/additions.xml in it.

CKAN's file is never copied into this repository, so a new CKAN brings its new schema by itself.
"""

import xml.etree.ElementTree as ET
from pathlib import Path

from services.errors import LaunchError

PLACES = {"fieldType": "types", "field": "fields", "dynamicField": "fields"}


def build(ckan_schema: str, additions: str) -> str:
    """Return the joined schema.

    Each addition goes where its kind lives; one with the name of an existing definition replaces
    it. Raise `LaunchError` when CKAN's file has not the shape that we know.
    """
    schema = ET.fromstring(ckan_schema)
    for addition in ET.fromstring(additions):
        place = schema.find(PLACES[addition.tag]) if addition.tag in PLACES else schema
        if place is None:
            raise LaunchError("schema-unknown", element=PLACES[addition.tag])
        _remove_namesake(place, addition)
        place.append(addition)
    ET.indent(schema)
    return ET.tostring(schema, encoding="unicode", xml_declaration=True) + "\n"


def build_file(ckan_schema: Path, additions: Path) -> str:
    return build(ckan_schema.read_text("utf-8"), additions.read_text("utf-8"))


def _remove_namesake(place: ET.Element, addition: ET.Element) -> None:
    name = addition.get("name")
    if name is None:  # a copyField
        return
    for existing in list(place):
        if existing.get("name") == name and existing.tag.lower() == addition.tag.lower():
            place.remove(existing)
