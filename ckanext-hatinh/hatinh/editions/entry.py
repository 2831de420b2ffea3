"""A record of the catalogue as an entry: every field in the words that are printed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from hatinh.dictionary.model import CodeList
from hatinh.editions.form import Kind
from hatinh.editions.model import Entry
from hatinh.text import clean, clean_lines

API = "API"


@dataclass(frozen=True, slots=True)
class Record:
    """What an entry must know of one dataset; the database fills it.

    ``organization`` is a slug with ``provider`` its name for when the lists do not know it;
    ``modified`` is the publisher's day, else that of the last change here. ``served`` tells
    whether its rows are had by calls, ``columns`` are the headers of its tables.
    """

    id: str
    name: str
    uri: str
    title: str
    organization: str
    provider: str
    description: str = ""
    publication_class: str = ""
    licence: str = ""
    frequency: str = ""
    modified: date | None = None
    source_system: str = ""
    formats: tuple[str, ...] = ()
    served: bool = False
    keywords: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Names of codes on one day."""

    code_lists: Mapping[str, CodeList]
    organizations: CodeList
    at: date

    def of(self, code_list: str, code: str) -> str:
        """Vietnamese name of a code; the code itself when the list has no such one."""
        return self._name(self.code_lists[code_list], code)

    def office(self, slug: str, otherwise: str) -> str:
        """Vietnamese name of an office."""
        known = self.organizations.known(slug)
        return self._name(self.organizations, slug) if known else otherwise

    def _name(self, codes: CodeList, code: str) -> str:
        found = codes.get(code, self.at) or next(iter(codes.entries(code)), None)
        return found.name.vi if found else code


def entry_of(record: Record, kind: Kind, names: Names) -> Entry:
    """The entry of a dataset in a catalogue; fields that nobody filled in are blank."""
    frequency = names.of("frequencies", record.frequency)
    values: Mapping[str, str] = {
        "dataset": clean(record.title),
        "publication_class": names.of("publication_classes", record.publication_class),
        "license": names.of("licences", record.licence),
        "channel": kind.channel,
        "provider": clean(names.office(record.organization, record.provider)),
        "input_period": frequency,
        "format_and_sharing": ", ".join(
            [*sorted(set(filter(None, map(clean, record.formats)))), *[API] * record.served]
        ),
        "updated_at": f"{record.modified:%d/%m/%Y}" if record.modified else "",
        "keywords": _listed(record.keywords, sort=sorted),
        "description": clean_lines(record.description),
        "source_db": clean(record.source_system),
        "expected_headers": _listed(record.columns),
        "frequency": frequency,
        "submit_note": "",
        "approval_note": "",
    }
    return Entry(record.id, record.name, record.uri, values)


def _listed(words: tuple[str, ...], sort: Callable[..., list[str]] = list) -> str:
    return "; ".join(sort(dict.fromkeys(filter(None, map(clean, words)))))
