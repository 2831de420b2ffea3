"""Reads an answer as JSON, XML or a file, or says why it is none.

A status of 200 proves nothing: login pages, firewalls and half-written files have it too.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from harvesters.errors import GarbledSourceError
from harvesters.http import Response
from harvesters.json_text import members, parse_json

HTML_FORMATS = frozenset({"HTML", "HTM", "XHTML"})
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})


def read_json(source: str, response: Response) -> Any:
    """The JSON value of an answer, in UTF-8, UTF-16 or UTF-32, with or without a mark.

    Raises :class:`harvesters.errors.GarbledSourceError`.
    """
    try:
        return parse_json(response.body)
    except (ValueError, RecursionError) as err:
        raise GarbledSourceError(source, response.url, _why(response, f"no JSON: {err}")) from err


def read_object(source: str, response: Response) -> dict[str, Any]:
    """Like :func:`read_json`, for an answer that must be an object."""
    value = read_json(source, response)
    if not isinstance(value, dict):
        raise GarbledSourceError(source, response.url, "the JSON is no object")
    return value


def stream_lists(
    source: str, response: Response, names: frozenset[str]
) -> Iterator[tuple[str, Any]]:
    """The items of the lists of these names in a JSON object, one at a time in memory.

    Raises :class:`harvesters.errors.GarbledSourceError`, be it after the last good item, and
    when none of the lists is there.
    """
    found = False
    try:
        for name, item in members(response.body):
            if name in names:
                found = True
                if item != []:
                    yield name, item
    except ValueError as err:
        raise GarbledSourceError(source, response.url, _why(response, str(err))) from err
    if not found:
        raise GarbledSourceError(source, response.url, f"none of {', '.join(sorted(names))}")


def read_xml(source: str, response: Response) -> etree._Element:
    """The root of an XML answer. A DOCTYPE is refused: entities can eat memory and read files."""
    # The declared encoding decides what the bytes mean; libxml2 knows it, a search does not.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        dtd_validation=False,
    )
    try:
        root = etree.fromstring(response.body, parser)
    except (etree.XMLSyntaxError, ValueError) as err:
        raise GarbledSourceError(source, response.url, _why(response, f"no XML: {err}")) from err
    if root.getroottree().docinfo.internalDTD is not None:
        raise GarbledSourceError(source, response.url, "the XML has a DOCTYPE")
    return root


def read_file(source: str, response: Response, format_name: str) -> bytes:
    """The bytes of a data file, unless a page for people came in its place."""
    if format_name not in HTML_FORMATS and is_page(response):
        raise GarbledSourceError(source, response.url, "a web page instead of a file")
    return response.body


def is_page(response: Response) -> bool:
    """Whether the answer is a web page, by its type or by how it begins."""
    start = response.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return response.media_type in _HTML_TYPES or start.startswith((b"<!doctype html", b"<html"))


def _why(response: Response, fault: str) -> str:
    return "a web page instead of data" if is_page(response) else fault
