"""The export of the province's reporting system: figures of socio-economic indicators in .xls.

The system holds some 370 indicators (``CTDB_…``) of fifteen agencies in six frequencies, and every
figure has a state. Only what has been approved (state 4, Phê duyệt) may be published; figures
that are being entered, submitted, refused or corrected stay where they are.

    one sheet ──▶ approved figures ──▶ one dataset an agency and frequency, its figures as CSV
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from harvesters.errors import GarbledSourceError
from harvesters.fields import taken
from harvesters.headers import WITHIN, below, labels_at
from harvesters.http import Client, Response
from harvesters.source import SourceConfig
from harvesters.sources.adapter import Adapter
from harvesters.sources.inventory import cells_of
from harvesters.sources.lgsp_rows import as_csv
from hatinh.dataset import Draft, Resource
from hatinh.tabular.numbers import Notation, notation, number
from hatinh.text import fold, parse_day, slug

ROLES = frozenset({"code", "period", "value", "state", "publisher", "frequency"})
"""What a column is to the portal, beside being a column of the table."""

APPROVED = re.compile(r"4(?![\d.,]).*|(?:da )?phe duyet")
KNOWN_STATE = re.compile(r"[1-8](?![\d.,]).*|(?:da |chua )?(?:nhap|trinh|duyet|phe duyet|gui)")
_OTHER_STATES = frozenset({"dang nhap", "da duyet, gui", "da duyet/gui", "tu choi", "dinh chinh"})

Row = Mapping[str, str]


class Group(NamedTuple):
    """The figures of one agency in one frequency."""

    publisher: str
    frequency: str
    rows: Sequence[Row]


class IndicatorSource(Adapter):
    """``url`` is the export. ``columns`` maps its labels to columns of the published tables, in
    their order; ``roles`` names the labels that hold code, period, value, state, publisher and
    frequency.

    ``title`` is the title of the datasets, with ``{publisher}`` and ``{frequency}`` in it.
    """

    required_options = frozenset({"columns", "roles", "title"})
    optional_options = frozenset({"header_rows", "schema", "sheet"})

    @classmethod
    def option_faults(cls, options: Mapping[str, Any]) -> Iterator[str]:
        """Roles that are missing or that no column has."""
        for name in ("columns", "roles"):
            if not isinstance(options[name], dict):
                yield f"option {name} is no mapping; write names and values"
                return
        roles = options["roles"]
        yield from (f"role {name} is missing; add it" for name in sorted(ROLES - roles.keys()))
        yield from (f"role {name} is unknown; remove it" for name in sorted(roles.keys() - ROLES))
        if "state" in roles and roles["state"] in options["columns"]:
            yield "the state is published by nobody; remove its column"
        if options.get("header_rows", 1) not in (1, 2):
            yield "option header_rows is neither 1 nor 2"

    def __init__(self, config: SourceConfig, client: Client) -> None:
        super().__init__(config, client)
        self._files: dict[str, bytes] = {}

    def drafts(self) -> Iterator[Draft]:
        """One record an agency and frequency that has approved figures, in their order."""
        groups = self._groups(self.document(self.config.url))
        self._files = {self._address(group): self._table(group) for group in groups}
        return iter([self._draft(group) for group in groups])

    def content(self, resource: Resource) -> bytes:
        """The approved figures as CSV, by code and period."""
        if resource.url not in self._files:
            groups = self._groups(self.client.get(self.config.url))
            self._files = {self._address(group): self._table(group) for group in groups}
        if resource.url not in self._files:
            raise GarbledSourceError(self.name, resource.url, "no figures of that name")
        return self._files[resource.url]

    # -- figures ------------------------------------------------------------------------------

    def _groups(self, response: Response) -> list[Group]:
        rows = self._rows(response)
        if rows and not any(_is_state(row["state"]) for row in rows):
            raise GarbledSourceError(self.name, response.url, "no cell of the states is a state")
        approved = [row for row in rows if APPROVED.fullmatch(fold(row["state"]))]
        if lost := [row for row in approved if not row["publisher"] or not row["frequency"]]:
            why = f"{lost[0]['code']} has no agency or frequency"
            raise GarbledSourceError(self.name, response.url, why)
        names = sorted({(row["publisher"], row["frequency"]) for row in approved})
        found = [
            Group(*pair, [r for r in approved if (r["publisher"], r["frequency"]) == pair])
            for pair in names
        ]
        return [group._replace(rows=sorted(group.rows, key=_place)) for group in found]

    def _rows(self, response: Response) -> list[Row]:
        """The rows that have a code, as text by role and by column of the table."""
        grid = list(cells_of(self.name, response, self.config.options.get("sheet", "")))
        first, places = self._header(grid, response.url)
        rows = [
            {name: line[place] if place < len(line) else "" for name, place in places.items()}
            for line in grid[first:]
        ]
        return [row for row in rows if row["code"]]

    def _header(self, grid: Sequence[Sequence[str]], url: str) -> tuple[int, dict[str, int]]:
        options = self.config.options
        wanted = {**{v: k for k, v in options["columns"].items()}, **options["roles"]}
        for at in range(min(len(grid), WITHIN)):
            labels = [fold(label) for label in labels_at(grid, at, self._header_rows)]
            if {fold(label) for label in wanted.values()} <= set(labels):
                places = {name: labels.index(fold(label)) for name, label in wanted.items()}
                return below(grid, at, self._header_rows), places
        missing = "; ".join(sorted(wanted.values()))
        raise GarbledSourceError(self.name, url, f"no header row with the columns: {missing}")

    @property
    def _header_rows(self) -> int:
        return self.config.options.get("header_rows", 1)

    def _table(self, group: Group) -> bytes:
        """The figures of a group as CSV, its numbers with a decimal point. A blank stays blank."""
        options = self.config.options
        columns = {name: name for name in options["columns"].values()}
        value = options["columns"].get(options["roles"]["value"], "")
        usual = notation([row["value"] for row in group.rows if row["value"]], Notation.LOCAL)
        return as_csv(columns, [{**row, value: _plain(row["value"], usual)} for row in group.rows])

    # -- records ------------------------------------------------------------------------------

    def _draft(self, group: Group) -> Draft:
        url, title = self._address(group), _filled(self.config.options["title"], group)
        periods = [row["period"] for row in group.rows]
        table = {
            "guid": _guid(group),
            "name": title,
            "url": url,
            "format": "CSV",
            "media_type": "text/csv",
            "schema": self.config.options.get("schema") or {},
            "version": hashlib.blake2b(self._files[url], digest_size=16).hexdigest(),
        }
        fields = {
            "kind": "dataset",
            "title": title,
            "publisher": group.publisher,
            "frequency": group.frequency,
            "period_start": _bound(periods, end=False),
            "period_end": _bound(periods, end=True),
        }
        return Draft(_guid(group), taken(fields), [table], url)

    def _address(self, group: Group) -> str:
        return f"{self.config.url}#{_guid(group)}"


def _guid(group: Group) -> str:
    return f"chi-tieu-{slug(group.publisher)}-{slug(group.frequency)}"


def _place(row: Row) -> tuple[str, str]:
    return row["code"], row["period"]


def _is_state(words: str) -> bool:
    folded = fold(words)
    return bool(KNOWN_STATE.fullmatch(folded)) or folded in _OTHER_STATES


def _plain(words: str, usual: Notation) -> str:
    """A number with a decimal point, whichever way it was written; other words as they are."""
    other = Notation.PLAIN if usual is Notation.LOCAL else Notation.LOCAL
    found = number(words, usual)
    found = number(words, other) if found is None else found
    if found is None:
        return words
    # Three decimals would be read as thousands here; one more digit leaves no doubt.
    plain = format(found, "f")
    return plain + "0" if re.fullmatch(r"[+-]?\d{1,3}\.\d{3}", plain) else plain


def _bound(periods: Iterable[str], *, end: bool) -> str:
    """The first or last day of periods written YYYY, YYYYQ, YYYYMM or as days."""
    days = [day for period in periods if (day := _day(period, end=end))]
    return (max(days) if end else min(days)).isoformat() if days else ""


def _day(period: str, *, end: bool) -> date | None:
    # 20264 is the fourth quarter of 2026; five digits are nothing else.
    if re.fullmatch(r"\d{4}[1-4]", period):
        month = int(period[4]) * 3 - (0 if end else 2)
        period = f"{period[:4]}{month:02}"
    return parse_day(period, end=end)


def _filled(title: Any, group: Group) -> Any:
    if isinstance(title, dict):
        return {language: _filled(text, group) for language, text in title.items()}
    words = str(title).replace("{publisher}", group.publisher)
    return words.replace("{frequency}", group.frequency.lower())
