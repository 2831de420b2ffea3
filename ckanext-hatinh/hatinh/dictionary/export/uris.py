"""The stable addresses of elements and codes.

    /id/element/<id>                    an element
    /id/code/<list>                     a code list
    /id/code/<list>/<code>              a code
    /id/code/<list>/<code>/<first day>  a code of a list whose codes the State gives again
    /id/edition/<number>                an edition

In a *dated* list (places) each entry is a thing of its own, with its first day in the address, or
``first`` where none is known. There the address without a day is no thing: it leads (303) to the
entry in force today, or on the day ``?at=``. In all other lists the rows of one code are one thing.
"""

from datetime import date
from urllib.parse import quote

from hatinh.dictionary.model import Code, CodeList

SITE = "https://data.hatinh.gov.vn"
BASE = f"{SITE}/id"
FIRST = "first"


def element_uri(element: str) -> str:
    """Address of an element."""
    return f"{BASE}/element/{quote(element, safe='')}"


def entity_uri(entity: str) -> str:
    """Address of an entity (object class)."""
    return f"{BASE}/entity/{quote(entity, safe='')}"


def edition_uri(number: str) -> str:
    """Address of an edition."""
    return f"{BASE}/edition/{quote(number, safe='')}"


def office_uri(slug: str) -> str:
    """Address of an organisation, as the catalogue gives it."""
    return f"{SITE}/organization/{quote(slug, safe='')}"


def list_uri(code_list: str) -> str:
    """Address of a code list."""
    return f"{BASE}/code/{quote(code_list, safe='')}"


def code_uri(code_list: CodeList, entry: Code) -> str:
    """Address of the thing that an entry is, or is a part of."""
    address = f"{list_uri(code_list.id)}/{quote(entry.code, safe='')}"
    return f"{address}/{_since(entry)}" if code_list.dated else address


def resolve(code_list: CodeList, code: str, since: str, at: date) -> Code | None:
    """The entry that an address names.

    ``since`` is the last part of the address of a dated list, blank when it is not there; then the
    entry in force on ``at`` is meant, in an undated list the last entry if none is.
    """
    entries = code_list.entries(code)
    if since:
        dated = entries if code_list.dated else ()
        return next((entry for entry in dated if _since(entry) == since), None)
    in_force = code_list.get(code, at)
    return in_force or (entries[-1] if entries and not code_list.dated else None)


def _since(entry: Code) -> str:
    return entry.valid_from.isoformat() if entry.valid_from else FIRST
