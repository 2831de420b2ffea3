"""What an integration platform answers, JSON or XML, as rows; and rows as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from harvesters.documents import read_json, read_xml
from harvesters.errors import GarbledSourceError, IncompleteSourceError
from harvesters.http import Response

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
BLANKS = b"\xef\xbb\xbf \t\r\n"

Row = Mapping[str, Any]


def read_rows(source: str, response: Response, path: str, total: str) -> list[Row]:
    """The rows at ``path`` (``objects.object``) of an answer; blank: the answer is the list.

    The platform gives an object in place of a list of one, and null or nothing for none. It is
    asked for JSON or XML and need not give what it is asked for. ``total`` is the path of the
    number of rows where the answer declares one.
    Raises :class:`harvesters.errors.GarbledSourceError` and
    :class:`harvesters.errors.IncompleteSourceError`.
    """
    answer = _answer(source, response)
    found = _at(source, response.url, answer, path) or []
    rows: Any = [found] if isinstance(found, dict) else found
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise GarbledSourceError(source, response.url, f"{path or 'the answer'} is no list of rows")
    if total:
        _add_up(source, response.url, _at(source, response.url, answer, total), len(rows))
    return rows


def latest(rows: Sequence[Row], key: str, order: str) -> list[Row]:
    """One row a key: the one whose ``order`` is the largest number. Old rows stay in platforms.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` for a row that has no such number.
    """
    chosen: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: int(row[order])):
        chosen[str(row[key])] = row
    kept = {id(row) for row in chosen.values()}
    return [row for row in rows if id(row) in kept]


def as_csv(columns: Mapping[str, str], rows: Sequence[Row]) -> bytes:
    """The rows as CSV (RFC 4180, UTF-8); ``columns`` maps fields of the rows to its columns."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns.values())
    writer.writerows([_word(row.get(name)) for name in columns] for row in rows)
    return out.getvalue().encode()


def _answer(source: str, response: Response) -> Any:
    if response.body.lstrip(BLANKS).startswith(b"<"):
        root = read_xml(source, response)
        return {_name(root): _value(root)}
    return read_json(source, response)


def _at(source: str, url: str, answer: Any, path: str) -> Any:
    """The value at a path; an empty object or null on the way is an empty value."""
    value = answer
    for depth, name in enumerate(path.split(".") if path else ()):
        if depth and value in (None, {}, ""):
            return None
        # A wrapper without its content is a fault told with status 200, and no empty table.
        if not isinstance(value, dict) or name not in value:
            raise GarbledSourceError(source, url, f"no {path} in the answer")
        value = value[name]
    return value


def _add_up(source: str, url: str, declared: Any, given: int) -> None:
    try:
        number = int(declared)
    except (TypeError, ValueError, OverflowError) as err:
        raise GarbledSourceError(source, url, f"no number of rows: {err}") from err
    if number != given:
        raise IncompleteSourceError(source, url, number, given)


def _value(node: etree._Element) -> Any:
    """An element as the platform itself would write it in JSON."""
    children = [child for child in node if isinstance(child.tag, str)]
    if not children:
        words = "".join(str(text) for text in node.itertext())
        return None if node.get(NIL) in ("true", "1") or words.isspace() else words
    found: dict[str, Any] = {}
    for child in children:
        name, value = _name(child), _value(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname


def _word(value: Any) -> str:
    """A cell's text. An absent value comes as null or as ``{"@nil": "true"}``."""
    if value is None or isinstance(value, dict):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
