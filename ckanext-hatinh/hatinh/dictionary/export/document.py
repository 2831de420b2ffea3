"""An edition as JSON for everybody: its content, its notices, and no person's name."""

from collections.abc import Iterable
from typing import Any

from hatinh.dictionary.attributes import Guide, edition_flags, flags
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.edition_json import (
    code_list_dict,
    element_dict,
    fingerprint,
)
from hatinh.dictionary.model import CodeList, Element
from hatinh.text import Text


def document(edition: Edition, guide: Guide) -> dict[str, Any]:
    """The whole edition; ``fingerprint`` is the SHA-256 of its content."""
    return {
        "number": edition.number,
        "date": edition.date.isoformat(),
        "state": edition.state.value,
        "owner": edition.owner,
        "decision": edition.decision,
        "based_on": edition.based_on,
        "note": edition.note,
        "fingerprint": fingerprint(edition),
        "notices": _told(edition_flags(edition, guide)),
        "elements": [
            element_document(edition.elements[key], guide) for key in sorted(edition.elements)
        ],
        "code_lists": [
            code_list_document(edition.code_lists[key], guide) for key in sorted(edition.code_lists)
        ],
    }


def element_document(element: Element, guide: Guide) -> dict[str, Any]:
    """One element with its notices."""
    return element_dict(element) | {"notices": _told(flags(element, guide))}


def code_list_document(code_list: CodeList, guide: Guide) -> dict[str, Any]:
    """One code list with its notices and codes."""
    return code_list_dict(code_list) | {"notices": _told(flags(code_list, guide))}


def _told(texts: Iterable[Text]) -> list[dict[str, str]]:
    return [words.as_dict() for words in texts]
