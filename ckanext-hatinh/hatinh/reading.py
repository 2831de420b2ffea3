"""Reads a draft into a dataset by the dictionary, and says what is wrong with it.

A word that is no code is looked up by name, whatever its case or diacritics. What is missing or
unknown is taken from the source's defaults where it has them, and reported as a warning;
without a default it refuses the record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from hatinh.dataset import Dataset, Draft, Kind, Resource
from hatinh.dictionary.model import Code, CodeList, Dictionary
from hatinh.dictionary.table_schema import TableSchema
from hatinh.errors import SchemaError
from hatinh.problem import Problem, error, refuses, warning
from hatinh.text import Text, clean, clean_lines, parse_day

CODED = {
    "licence": "licences",
    "frequency": "frequencies",
    "data_layer": "data_layers",
    "data_block": "data_blocks",
    "sharing_level": "sharing_levels",
    "publication_class": "publication_classes",
    "pii_class": "personal_data_classes",
    "importance_class": "importance_classes",
}
"""Fields whose value is a code, and the code list it is from."""

DETAILS: Mapping[str, Mapping[str, str]] = {
    "dataset": {},
    "system": {
        "system_kind": "system_kinds",
        "system_level": "system_levels",
        "sector": "",
        "operation_status": "",
        "lgsp_status": "integration_status",
        "lgsp_exception": "",
        "lgsp_approval": "",
        "sensitivity_note": "",
        "owner_at_source": "",
    },
    "dataservice": {
        "endpoint_url": "",
        "endpoint_description": "",
        "sharing_method": "sharing_methods",
        "lgsp_status": "integration_status",
        "serves_datasets": "",
    },
}
"""Fields that one kind of record has for itself, and their code list if any."""

REQUIRED: Mapping[str, frozenset[str]] = {
    "dataset": frozenset({*CODED, "legal_basis", "contact"} - {"data_block"}),
    "system": frozenset({"contact"}),
    "dataservice": frozenset({"contact", "endpoint_url"}),
}

_SHOWN = 300
"""Letters of a text that a problem repeats."""

PERSONAL = frozenset({"basic", "sensitive"})
PUBLIC = "cong_khai"


@dataclass(frozen=True)
class Vocabulary:
    """What a draft is read by: a dictionary edition, the organisations, and the day.

    ``organizations`` is a code list of slugs; the ``mapping`` of an abolished office names its
    successor.
    """

    dictionary: Dictionary
    organizations: CodeList
    today: date


@dataclass(frozen=True, slots=True)
class Reading:
    """The dataset, or ``None`` when a problem refuses it; and every problem found."""

    dataset: Dataset | None
    problems: tuple[Problem, ...]


def read(draft: Draft, vocabulary: Vocabulary, defaults: Mapping[str, Any]) -> Reading:
    """Read one draft. Never raises for anything that the source wrote."""
    reader = _Reader(draft, vocabulary, defaults)
    dataset = reader.dataset()
    return Reading(None if refuses(reader.problems) else dataset, tuple(reader.problems))


@dataclass
class _Reader:
    draft: Draft
    vocabulary: Vocabulary
    defaults: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def dataset(self) -> Dataset:
        kind = self._kind()
        publisher, former = self._publisher()
        start, end = self._period()
        result = Dataset(
            guid=self._guid(),
            kind=kind,
            title=self._text("title", required=True),
            notes=self._text("notes", required=kind == "dataset"),
            publisher=publisher,
            former_publisher=former,
            themes=self._themes(required=kind == "dataset"),
            keywords=tuple(dict.fromkeys(self._list("keywords"))),
            licence=self._coded("licence", kind),
            frequency=self._coded("frequency", kind),
            data_layer=self._coded("data_layer", kind),
            data_block=self._coded("data_block", kind),
            sharing_level=self._coded("sharing_level", kind),
            publication_class=self._coded("publication_class", kind),
            pii_class=self._coded("pii_class", kind),
            importance_class=self._coded("importance_class", kind),
            source_system=self._word("source_system"),
            legal_basis=self._word("legal_basis", required="legal_basis" in REQUIRED[kind]),
            contact=self._word("contact", required="contact" in REQUIRED[kind]),
            contact_email=self._word("contact_email"),
            approved_by=self._word("approved_by"),
            provenance=self._word("provenance"),
            landing_page=self._word("landing_page"),
            period_start=start,
            period_end=end,
            issued=self._date("issued"),
            modified=self._date("modified"),
            sent_to_bca_date=self._date("sent_to_bca_date"),
            places=self._places(),
            bbox=self._bbox(),
            details=self._details(kind),
            resources=self._resources(kind),
        )
        self._guard_personal_data(result)
        return result

    # -- raw values ---------------------------------------------------------------------------

    def _raw(self, name: str) -> Any:
        value = self.draft.fields.get(name)
        return self.defaults.get(name) if value in (None, "", [], {}) else value

    def _list(self, name: str) -> list[str]:
        value = self._raw(name)
        items = value if isinstance(value, list | tuple) else str(value or "").split(";")
        return [text for item in items if (text := clean(item))]

    def _word(self, name: str, *, required: bool = False) -> str:
        text = clean(self._raw(name))
        if required and not text:
            self.problems.append(error("field-missing", f"$.{name}", field=name))
        return text

    def _text(self, name: str, *, required: bool) -> Text:
        text = as_text(self._raw(name))
        if required and not text.vi:
            self.problems.append(error("field-missing", f"$.{name}", field=name))
        return text

    # -- identity and owner -------------------------------------------------------------------

    def _guid(self) -> str:
        guid = clean(self.draft.guid)
        if not guid:
            self.problems.append(error("guid-missing", "$.guid", origin=self.draft.origin))
        return guid

    def _kind(self) -> Kind:
        kind = clean(self._raw("kind")) or "dataset"
        if kind not in REQUIRED:
            self.problems.append(error("kind-unknown", "$.kind", kind))
            return "dataset"
        return cast(Kind, kind)

    def _publisher(self) -> tuple[str, str]:
        """The office that answers for the record today, and the merged one that made it."""
        words = clean(self._raw("publisher"))
        if not words:
            self.problems.append(error("publisher-missing", "$.publisher"))
            return "", ""
        today = self.vocabulary.today
        if found := self.vocabulary.organizations.find(words, today):
            return found.code, ""
        former = self._former_office(words)
        if former is None or not former.mapping:
            self.problems.append(error("publisher-unknown", "$.publisher", words))
            return "", ""
        return former.mapping, former.code

    def _former_office(self, words: str) -> Code | None:
        organizations = self.vocabulary.organizations
        days = (code.valid_to for code in organizations if code.valid_to)
        return next((hit for day in days if (hit := organizations.find(words, day))), None)

    # -- coded fields -------------------------------------------------------------------------

    def _coded(self, name: str, kind: str, code_list: str = "") -> str:
        words = clean(self.draft.fields.get(name))
        found = self._find(code_list or CODED[name], words)
        if found:
            return found.code
        default = self._find(code_list or CODED[name], clean(self.defaults.get(name)))
        if words:
            make = warning if default or name not in REQUIRED[kind] else error
            self.problems.append(make("code-unknown", f"$.{name}", words, field=name))
        elif default is None and name in REQUIRED[kind]:
            self.problems.append(error("field-missing", f"$.{name}", field=name))
        return default.code if default else ""

    def _find(self, code_list: str, words: str) -> Code | None:
        if not words:
            return None
        return self.vocabulary.dictionary.code_lists[code_list].find(words, self.vocabulary.today)

    def _themes(self, *, required: bool) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for words in self._list("themes"):
            if code := self._find("themes", words):
                found[code.code] = None
            else:
                self.problems.append(warning("theme-unknown", "$.themes", words))
        if required and not found:
            self.problems.append(warning("theme-missing", "$.themes"))
        return tuple(found)

    def _details(self, kind: str) -> dict[str, str]:
        values = {
            name: self._coded(name, kind, code_list)
            if code_list
            else self._word(name, required=name in REQUIRED[kind])
            for name, code_list in DETAILS[kind].items()
        }
        return {name: value for name, value in values.items() if value}

    # -- time and place -----------------------------------------------------------------------

    def _date(self, name: str, *, end: bool = False) -> date | None:
        words = clean(self._raw(name))
        found = parse_day(words, end=end) if words else None
        if words and found is None:
            self.problems.append(warning("date-unreadable", f"$.{name}", words, field=name))
        return found

    def _period(self) -> tuple[date | None, date | None]:
        start, end = self._date("period_start"), self._date("period_end", end=True)
        if start and end and end < start:
            self.problems.append(warning("period-reversed", "$.period_end", end, start=start))
            return end, start
        return start, end

    def _places(self) -> tuple[str, ...]:
        places: dict[str, None] = {}
        for words in self._list("places"):
            if code := self._find("admin_units", words):
                places[code.code] = None
            else:
                self.problems.append(warning("place-unknown", "$.places", words))
        return tuple(places)

    def _bbox(self) -> tuple[float, float, float, float] | None:
        value = self._raw("bbox")
        if not value:
            return None
        try:
            west, south, east, north = (float(number) for number in value)
        except (OverflowError, TypeError, ValueError):
            self.problems.append(warning("bbox-unreadable", "$.bbox", value))
            return None
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            self.problems.append(warning("bbox-unreadable", "$.bbox", value))
            return None
        return west, south, east, north

    # -- files --------------------------------------------------------------------------------

    def _resources(self, kind: str) -> tuple[Resource, ...]:
        found = [
            resource
            for number, raw in enumerate(self.draft.resources)
            if (resource := self._resource(raw, f"$.resources[{number}]"))
        ]
        if kind == "dataset" and not found:
            self.problems.append(warning("resource-missing", "$.resources"))
        return tuple(_unique(found))

    def _resource(self, raw: Mapping[str, Any], path: str) -> Resource | None:
        url = clean(raw.get("url"))
        if not url.startswith(("http://", "https://")):
            self.problems.append(warning("resource-url-missing", f"{path}.url", url))
            return None
        return Resource(
            guid=clean(raw.get("guid")) or url,
            name=as_text(raw.get("name") or url.rsplit("/", 1)[-1]),
            url=url,
            format=_format(clean(raw.get("format")), url),
            description=as_text(raw.get("description")),
            media_type=clean(raw.get("media_type")),
            schema=self._table_schema(raw.get("schema") or {}, f"{path}.schema"),
        )

    def _table_schema(self, raw: Any, path: str) -> TableSchema:
        if isinstance(raw, str):
            self.problems.append(warning("table-schema-unreadable", path, raw[:_SHOWN]))
            return TableSchema()
        try:
            return TableSchema.from_dict(raw)
        except SchemaError as err:
            self.problems.append(warning("table-schema-unreadable", path, err.what))
            return TableSchema()

    # -- rules across fields ------------------------------------------------------------------

    def _guard_personal_data(self, dataset: Dataset) -> None:
        """Personal data is never published openly (Luật 91/2025/QH15; REQ-70)."""
        if dataset.pii_class in PERSONAL and dataset.publication_class == PUBLIC:
            self.problems.append(
                error("personal-data-public", "$.publication_class", dataset.pii_class)
            )


def as_text(value: Any) -> Text:
    """A bilingual text from ``{"vi": …, "en": …}`` or from one string."""
    if isinstance(value, Mapping):
        return Text(clean_lines(value.get("vi")), clean_lines(value.get("en")))
    return Text(clean_lines(value))


def _format(words: str, url: str) -> str:
    """``CSV`` from ``csv``, ``.csv``, ``text/csv`` or the file's ending."""
    ending = url.rsplit("?", 1)[0].rsplit("/", 1)[-1].rpartition(".")[2]
    word = words.rsplit("/", 1)[-1].lstrip(".") or (ending if len(ending) <= 8 else "")
    return word.upper()


def _unique(resources: Iterable[Resource]) -> list[Resource]:
    """One resource a guid: the first that names it."""
    return list({resource.guid: resource for resource in reversed(list(resources))}.values())[::-1]
