"""A department's inventory as a workbook or CSV (biểu kiểm kê dữ liệu)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from harvesters.address import joined
from harvesters.documents import is_page
from harvesters.errors import GarbledSourceError
from harvesters.fields import CANONICAL, RESOURCE, taken
from harvesters.headers import WITHIN, below, labels_at
from harvesters.http import Response
from harvesters.sources.adapter import Adapter
from hatinh.dataset import Draft
from hatinh.errors import UnreadableTableError
from hatinh.tabular import read_grid
from hatinh.text import clean, fold, slug

PREFIX = "resource_"
SCHEMA_URL = "resource_schema_url"
COLUMNS = frozenset({"guid", SCHEMA_URL, *(PREFIX + name for name in RESOURCE - {"schema"})})
"""What a column may hold besides the canonical fields."""

Line = Sequence[str]
SchemaOf = Callable[[str], Any]
"""The table schema behind an address."""


class Row(NamedTuple):
    """The cells of one line by canonical name, and the number of the line in the sheet."""

    number: int
    cells: Mapping[str, str]


class InventorySource(Adapter):
    """``url`` is the workbook; ``options.columns`` maps its labels to canonical names.

    Names that start with ``resource_`` describe the file of the row, relative to the workbook.
    With ``options.continued`` the rows that follow with the same guid, or with neither guid nor
    title, add files to the record above. ``header_rows`` is 2 where labels stand below merged
    cells (``Tệp dữ liệu / Đường dẫn``). ``sheet`` names another sheet than the first. With
    ``identity: title`` the guid is the slug of the title, for a sheet without codes.
    """

    required_options = frozenset({"columns"})
    optional_options = frozenset({"continued", "header_rows", "identity", "sheet"})

    @classmethod
    def option_faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """Columns that lead nowhere, and the two without which there is no record."""
        columns = options["columns"]
        if not isinstance(columns, dict):
            yield "option columns is no mapping; write label: name"
            return
        if options.get("header_rows", 1) not in (1, 2):
            yield "option header_rows is neither 1 nor 2"
        if options.get("identity", "guid") not in ("guid", "title"):
            yield "option identity is neither guid nor title"
        names = list(columns.values())
        needed = ("title",) if options.get("identity") == "title" else ("guid", "title")
        known = CANONICAL | COLUMNS
        yield from (
            f"column {n} is no canonical field; see docs/sources.md"
            for n in names
            if n not in known
        )
        yield from (f"no column gives {n}; add it" for n in needed if n not in names)
        if len({fold(str(label)) for label in columns}) < len(columns) or len(set(names)) < len(
            names
        ):
            yield "two columns have one label or one name; remove one"

    def drafts(self) -> Iterator[Draft]:
        """The rows below the header, from top to bottom."""
        return self.read(self.document(self.config.url), self.table_schema)

    def read(self, response: Response, schema_of: SchemaOf) -> Iterator[Draft]:
        """The records of a workbook that is already here, one in memory at a time."""
        grid = cells_of(self.name, response, self.config.options.get("sheet", ""))
        rows = self._rows(grid, response.url)
        groups = _continued(rows) if self.config.options.get("continued") else ([r] for r in rows)
        for group in groups:
            yield self._draft(group, response.url, schema_of)

    # -- the sheet ----------------------------------------------------------------------------

    def _rows(self, grid: Iterator[Line], url: str) -> Iterator[Row]:
        # The header, what may stand right below it, and no more is looked at beforehand.
        head = list(islice(grid, WITHIN + 3))
        first, places = self._header(head, url)
        for number, line in enumerate(chain(head[first:], grid), first + 1):
            if cells := _cells(line, places):
                yield Row(number, cells)

    def _header(self, grid: Sequence[Line], url: str) -> tuple[int, dict[str, int]]:
        """The first row below the header, and the place of every canonical name.

        Labels are matched whatever their case and diacritics; one that is missing is an error,
        for its column would silently be empty in every record.
        """
        columns = {fold(label): name for label, name in self.config.options["columns"].items()}
        rows = self.config.options.get("header_rows", 1)
        best: Sequence[str] = ()
        for number in range(min(len(grid), WITHIN)):
            labels = [fold(label) for label in labels_at(grid, number, rows)]
            if columns.keys() <= set(labels):
                places = {name: labels.index(label) for label, name in columns.items()}
                return below(grid, number, rows), places
            best = max(best, labels, key=lambda found: len(columns.keys() & set(found)))
        missing = "; ".join(sorted(columns.keys() - set(best)))
        raise GarbledSourceError(self.name, url, f"no header row with the columns: {missing}")

    # -- the records --------------------------------------------------------------------------

    def _draft(self, rows: Sequence[Row], base: str, schema_of: SchemaOf) -> Draft:
        first = rows[0]
        guid = first.cells.get("guid", "")
        if self.config.options.get("identity") == "title":
            guid = guid or slug(first.cells.get("title", ""))
        resources = [self._resource(row.cells, base, schema_of) for row in rows if _has_file(row)]
        return Draft(guid, taken(first.cells), resources, f"{base} row {first.number}")

    def _resource(self, cells: Mapping[str, str], base: str, schema_of: SchemaOf) -> dict[str, Any]:
        raw: dict[str, Any] = {
            name.removeprefix(PREFIX): value
            for name, value in cells.items()
            if name.startswith(PREFIX)
        }
        if path := cells.get("resource_url"):
            raw["url"] = joined(base, path)
        if path := cells.get(SCHEMA_URL):
            raw["schema"] = schema_of(joined(base, path))
        return taken(raw, RESOURCE)


def cells_of(source: str, response: Response, sheet: str) -> Iterator[Line]:
    """The cells of a sheet, cleaned. Raises :class:`harvesters.errors.GarbledSourceError`."""
    if is_page(response):
        raise GarbledSourceError(source, response.url, "a web page instead of a table")
    name = response.url.rsplit("/", 1)[-1]
    try:
        for line in read_grid(name, response.body, sheet=sheet):
            yield [clean(cell) for cell in line]
    except UnreadableTableError as err:
        raise GarbledSourceError(source, response.url, err.why) from err


def _cells(line: Line, places: Mapping[str, int]) -> dict[str, str]:
    """The cells that hold something; a line of a CSV may be shorter than its header."""
    found = ((name, line[place]) for name, place in places.items() if place < len(line))
    return {name: cell for name, cell in found if cell}


def _has_file(row: Row) -> bool:
    return any(name.startswith(PREFIX) for name in row.cells)


def _continued(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows put together that belong to one record."""
    group: list[Row] = []
    for row in rows:
        if group and not _continues(row, group[0]):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _continues(row: Row, first: Row) -> bool:
    guid = row.cells.get("guid")
    return guid == first.cells.get("guid") if guid else "title" not in row.cells
