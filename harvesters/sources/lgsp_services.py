"""The platform's own list of services, as data services of the province's catalogue.

A list is met in three layouts: the store of WSO2 (``devportal``), any other JSON list (``json``)
and a page for people with a table (``page``: STT, system, state, check).
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from harvesters.address import joined
from harvesters.conditional import Asker, NotModifiedError, Visitor
from harvesters.documents import read_json
from harvesters.errors import GarbledSourceError
from harvesters.fields import CANONICAL, taken
from harvesters.http import Client, Response
from harvesters.listing import read_page
from harvesters.oauth import TokenClient, basic_grant
from harvesters.paging import Page, read_pages
from harvesters.source import SourceConfig
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft
from hatinh.text import clean, fold, slug

ROWS = 100
STORE = {"title": "name", "notes": "description", "lgsp_status": "lifeCycleStatus"}
"""What WSO2 calls the canonical fields."""

Entry = Mapping[str, Any]


class ServiceListSource(Adapter):
    """``url`` is the list. ``columns`` maps its fields or labels to canonical ones, and one to
    ``guid``; without that the guid is the slug of the title.

    ``states`` maps its words for a state to those of the province (Đã, Đang, Chưa thực hiện).
    ``gateway`` is the root of the addresses that the list gives as a context. ``rows`` is the
    path of the list in a JSON answer.
    """

    layouts: ClassVar[tuple[str, ...]] = ("devportal", "json", "page")
    required_options = frozenset({"layout"})
    optional_options = frozenset({"columns", "gateway", "rows", "states", "token_url"})
    optional_secrets = frozenset({"client_id", "client_secret"})

    @classmethod
    def option_faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """A layout that is none, or columns that lead nowhere."""
        if options["layout"] not in cls.layouts:
            yield f"option layout is none of {', '.join(cls.layouts)}"
        for name in ("columns", "states"):
            if not isinstance(options.get(name, {}), dict):
                yield f"option {name} is no mapping"
                return
        names = list(options.get("columns", {}).values())
        unknown = [name for name in names if name not in CANONICAL | {"guid"}]
        yield from (f"column {name} is no canonical field; see docs/sources.md" for name in unknown)
        if options["layout"] != "devportal" and "title" not in names:
            yield "no column gives title; add it"

    @classmethod
    def addresses(cls, config: SourceConfig) -> Iterator[str]:
        if config.secrets.get("client_id"):
            yield _token_url(config)

    def __init__(self, config: SourceConfig, client: Client) -> None:
        super().__init__(config, client)
        self._asker = _asker(config, client)

    def drafts(self) -> Iterator[Draft]:
        """The services, in the order of the list."""
        layout, url = self.config.options["layout"], self.config.url
        if layout == "page":
            return iter(self._from_page(self._page()))
        visitor = Visitor(self._asker, self.visited, {"Accept": "application/json"})
        if layout == "json":
            return map(self._draft, read_pages(visitor, url, self._json))
        return map(self._draft, read_pages(visitor, self._store_url(0), self._store_page))

    # -- JSON ---------------------------------------------------------------------------------

    def _store_url(self, offset: int) -> str:
        return f"{self.config.url}?limit={ROWS}&offset={offset}"

    def _store_page(self, url: str, response: Response) -> Page[Entry]:
        """A page of the store; its ``count`` is of this page, the whole number is in its paging."""
        answer = self.record(read_json(self.name, response), response.url, "the list")
        entries = self.records(answer.get("list"), response.url, "list")
        paging = self.record(answer.get("pagination"), response.url, "pagination")
        total = paging.get("total")
        if not isinstance(total, int) or answer.get("count", len(entries)) != len(entries):
            raise GarbledSourceError(self.name, response.url, "the counts of the list are wrong")
        end = int(url.rpartition("=")[2]) + len(entries)
        following = self._store_url(end) if entries and end < total else ""
        return Page(entries, tuple(str(e.get("id")) for e in entries), following, total)

    def _json(self, url: str, response: Response) -> Page[Entry]:
        del url
        value = read_json(self.name, response)
        for name in filter(None, str(self.config.options.get("rows", "")).split(".")):
            value = self.record(value, response.url, "the answer").get(name)
        return Page(self.records(value, response.url, "the list"), ())

    def _draft(self, entry: Entry) -> Draft:
        options = self.config.options
        columns = options.get("columns", {})
        fields = {name: entry.get(label) for label, name in columns.items()}
        if options["layout"] == "devportal":
            fields = {name: entry.get(label) for name, label in STORE.items()} | fields
            context, version = str(entry.get("context") or ""), str(entry.get("version") or "")
            # Some versions of the store put the version into the context, others beside it.
            path = context if context.endswith(f"/{version}") else f"{context}/{version}"
            fields.setdefault("guid", path.strip("/"))
            gateway = str(options.get("gateway") or _root(self.config.url)).rstrip("/")
            fields.setdefault("endpoint_url", gateway + "/" + path.strip("/"))
        return self._service(fields, self.config.url)

    # -- a page for people --------------------------------------------------------------------

    def _page(self) -> Response:
        visitor = Visitor(self._asker, self.visited, {"Accept": "text/html"})
        if visitor.unchanged(self.config.url):
            raise NotModifiedError(self.name)
        response = visitor.get(self.config.url)
        visitor.remember(self.config.url, response)
        return response

    def _from_page(self, response: Response) -> list[Draft]:
        """The rows of the first table that has all labels."""
        columns = {fold(label): name for label, name in self.config.options["columns"].items()}
        for table in _tables(read_page(self.name, response)):
            labels = [fold(_words(cell)) for cell in table[0]] if table else []
            if columns.keys() <= set(labels):
                places = {name: labels.index(label) for label, name in columns.items()}
                rows = [row for row in table[1:] if any(_words(cell) for cell in row)]
                return [self._row(row, places, response.url) for row in rows]
        why = f"no table with the columns: {'; '.join(sorted(columns))}"
        raise GarbledSourceError(self.name, response.url, why)

    def _row(self, row: list[Any], places: Mapping[str, int], url: str) -> Draft:
        fields: dict[str, Any] = {
            name: _words(row[place]) for name, place in places.items() if place < len(row)
        }
        links = [link.get("href") for cell in row for link in cell.iter("a") if link.get("href")]
        if links:
            fields.setdefault("endpoint_url", joined(url, str(links[0])))
        return self._service(fields, url)

    # -- both ---------------------------------------------------------------------------------

    def _service(self, fields: Mapping[str, Any], url: str) -> Draft:
        states = {fold(str(k)): v for k, v in self.config.options.get("states", {}).items()}
        state = clean(fields.get("lgsp_status"))
        guid = clean(fields.get("guid")) or slug(clean(fields.get("title")))
        own = {
            "kind": "dataservice",
            "lgsp_status": states.get(fold(state), state),
            "endpoint_url": fields.get("endpoint_url") or f"{url}#{guid}",
        }
        return Draft(guid, taken({**fields, **own}), [], f"{url}#{guid}")


def _asker(config: SourceConfig, client: Client) -> Asker:
    """With a token where credentials are configured; lists are often open to all."""
    secrets = config.secrets
    if not secrets.get("client_id"):
        return client
    pair = secrets["client_id"], secrets.get("client_secret", "")
    return TokenClient(client, basic_grant(_token_url(config), *pair))


def _token_url(config: SourceConfig) -> str:
    return urljoin(config.url, config.options.get("token_url", "/token"))


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _tables(page: Any) -> list[list[list[Any]]]:
    """Every table of a page as rows of cells."""
    return [
        [list(row.iterchildren("th", "td")) for row in table.iter("tr")]
        for table in page.iter("table")
    ]


def _words(cell: Any) -> str:
    return clean(" ".join(cell.itertext()))
