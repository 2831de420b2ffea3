"""A map of the things of a table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.hatinh.rows.asked import Asked, linked
from ckanext.hatinh.rows.boundaries import boundaries_file
from ckanext.hatinh.rows.pages import total_of
from ckanext.hatinh.rows.places import centres, communes
from ckanext.hatinh.rows.resources import Shown
from ckanext.hatinh.rows.tables import Table
from ckanext.hatinh.rows.words import heading_of
from hatinh.rows.position import ByCommune, Position, find_position

MOST_POINTS = 5000
"""Points that a browser still draws at once."""
TILES, CREDIT = (f"ckanext.hatinh.rows.{name}" for name in ("map_tiles", "map_credit"))


@dataclass(frozen=True, slots=True)
class Map:
    """Where the points come from and what lies below them."""

    data: str
    position: Position
    total: int
    settings: str

    @property
    def by_commune(self) -> bool:
        """Whether things stand at the centre of their commune, not at their own place."""
        return isinstance(self.position, ByCommune)

    @property
    def drawn(self) -> int:
        """Rows that are asked for."""
        return min(self.total, MOST_POINTS)


def map_of(found: Shown, table: Table, asked: Asked) -> Map | None:
    """The map; nothing where no column says where things lie. Raises ``ValidationError``."""
    position = find_position(table.shown, centres())
    if position is None:
        return None
    address = found.address(".rows", form="geojson")
    data = linked(address, asked.of_api(), limit=str(MOST_POINTS))
    return Map(
        data, position, total_of(table, asked), json.dumps(_settings(table), ensure_ascii=False)
    )


def _settings(table: Table) -> Mapping[str, Any]:
    """What the script has to know."""
    return {
        "tiles": tk.config[TILES],
        "credit": tk.config[CREDIT],
        "boundaries": tk.url_for("hatinh_rows.borders") if boundaries_file() else "",
        "labels": {column.id: heading_of(column) for column in table.shown},
        "codes": [column.id for column in table.shown if column.is_code],
        "communes": [[one.lat, one.lon, one.name] for one in communes()],
    }
