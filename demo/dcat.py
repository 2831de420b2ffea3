"""A DCAT-AP catalogue in Turtle, in pages linked by hydra.

Vietnamese fields are properties of ``htd:``, named like the portal's canonical fields.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from demo.department import DemoDataset, Department, TableFile
from demo.page import MEDIA_TYPES, Page, Request, file_page

PREFIXES = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix htd: <https://data.hatinh.gov.vn/def/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}

OWN_FIELDS = (
    "frequency",
    "data_layer",
    "data_block",
    "sharing_level",
    "publication_class",
    "pii_class",
    "importance_class",
    "source_system",
    "legal_basis",
    "approved_by",
    "places",
)
"""Fields that DCAT has no property for, or that this department gives as its own codes."""


class DcatFeed:
    """The catalogue of one department, ``page_size`` datasets a page."""

    def __init__(self, department: Department, path: str) -> None:
        self.department = department
        self.url = department.url(path)
        self.size = department.description["page_size"]

    def answer(self, request: Request) -> Page:
        """One page of the catalogue; ``?page=`` counts from 1."""
        number = request.query.get("page", "1")
        datasets = self.department.datasets
        pages = -(-len(datasets) // self.size)
        if not number.isdigit() or not 1 <= int(number) <= pages:
            return Page(b"", MEDIA_TYPES[".ttl"], 404)
        page = int(number)
        shown = datasets[(page - 1) * self.size : page * self.size]
        blocks = [PREFIXES, self._catalog(shown), self._paging(page, pages)]
        blocks += [self._dataset(dataset) for dataset in shown]
        return file_page("catalog.ttl", "\n".join(blocks).encode())

    def _catalog(self, datasets: tuple[DemoDataset, ...]) -> str:
        description = self.department.description
        lines = [
            f"dct:title {_text(description['title'])}@vi",
            f"dct:publisher {_agent(description['publisher'])}",
            *(f"dcat:dataset <{self._uri(dataset)}>" for dataset in datasets),
        ]
        return _subject(f"<{self.url}>", "dcat:Catalog", lines)

    def _paging(self, page: int, pages: int) -> str:
        lines = [f"hydra:totalItems {len(self.department.datasets)}"]
        if page < pages:
            lines.append(f"hydra:next <{self.url}?page={page + 1}>")
        return _subject(f"<{self.url}?page={page}>", "hydra:PartialCollectionView", lines)

    def _dataset(self, dataset: DemoDataset) -> str:
        lines = [
            f"dct:identifier {_text(dataset.guid)}",
            *_languages("dct:title", dataset.fields.get("title")),
            *_languages("dct:description", dataset.fields.get("notes")),
            f"dct:publisher {_agent(dataset.text('publisher'))}",
            *(f"dcat:keyword {_text(word)}@vi" for word in dataset.words("keywords")),
            *(f"dcat:theme [ skos:prefLabel {_text(t)}@vi ]" for t in dataset.words("themes")),
            f"dcat:contactPoint [ vcard:fn {_text(dataset.text('contact'))} ]",
            f"dct:provenance [ rdf:value {_text(dataset.text('provenance'))}@vi ]",
            *_dates(dataset),
            *(
                f"htd:{name} {_text(word)}"
                for name in OWN_FIELDS
                if name in dataset.fields
                for word in dataset.words(name)
            ),
            *(f"dcat:distribution <{self.department.url(f.path)}#dist>" for f in dataset.files),
        ]
        files = [self._distribution(dataset, file) for file in dataset.files]
        return "\n".join([_subject(f"<{self._uri(dataset)}>", "dcat:Dataset", lines), *files])

    def _distribution(self, dataset: DemoDataset, file: TableFile) -> str:
        url = self.department.url(file.path)
        media_type = MEDIA_TYPES[f".{file.format.lower()}"].partition(";")[0]
        lines = [
            f"dct:identifier {_text(f'{dataset.guid}/{file.path}')}",
            f"dct:title {_text(file.name)}@vi",
            f"dcat:accessURL <{url}>",
            f"dcat:downloadURL <{url}>",
            f"dcat:mediaType {_text(media_type)}",
            f"dct:format {_text(file.format)}",
            f"dct:license <{LICENCES[dataset.text('licence')]}>",
        ]
        if file.schema:
            literal = _text(json.dumps(file.schema, ensure_ascii=False))
            lines.append(f"htd:table_schema {literal}^^rdf:JSON")
        return _subject(f"<{url}#dist>", "dcat:Distribution", lines)

    def _uri(self, dataset: DemoDataset) -> str:
        return f"{self.url}#{dataset.guid}"


def _subject(name: str, kind: str, lines: list[str]) -> str:
    return f"{name} a {kind} ;\n    " + " ;\n    ".join(lines) + " .\n"


def _languages(name: str, value: Any) -> Iterator[str]:
    texts: Mapping[str, str] = value if isinstance(value, Mapping) else {"vi": value or ""}
    for language, text in texts.items():
        yield f"{name} {_text(text.strip())}@{language}"


def _dates(dataset: DemoDataset) -> Iterator[str]:
    for name in ("issued", "modified"):
        if day := dataset.text(name):
            yield f"dct:{name} {_date(day)}"
    start, end = dataset.text("period_start"), dataset.text("period_end")
    bounds = [f"dcat:startDate {_date(start)}"] if start else []
    bounds += [f"dcat:endDate {_date(end)}"] if end else []
    if bounds:
        yield f"dct:temporal [ a dct:PeriodOfTime ; {' ; '.join(bounds)} ]"


def _date(value: str) -> str:
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(value)]
    return f'"{value}"^^xsd:{kind}'


def _agent(name: str) -> str:
    return f"[ a foaf:Agent ; foaf:name {_text(name)} ]"


def _text(value: str) -> str:
    """A Turtle string literal: JSON's escapes are a subset of Turtle's."""
    return json.dumps(value, ensure_ascii=False)
