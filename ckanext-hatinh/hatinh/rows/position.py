"""Where the things of a table lie: by coordinates, else by the code of a commune."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hatinh.rows.column import Column, Row, Value
from hatinh.text import fold

LONGITUDE, LATITUDE, COMMUNE = "KinhDo", "ViDo", "ma_dvhc"
"""Elements of the dictionary."""
_LONGITUDES = ("lon", "lng", "long", "longitude", "kinh do", "kinhdo", "kinh_do")
_LATITUDES = ("lat", "latitude", "vi do", "vido", "vi_do")
_COMMUNES = ("ma_xa", "ma xa", "maxa", "ma_dvhc")

Point = tuple[float, float]
"""Longitude and latitude in degrees, WGS 84."""


class Position(Protocol):
    """Says where the thing of a row lies."""

    def of(self, row: Row) -> Point | None:
        """The point, or nothing where the row does not say it."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Ids of the columns that say it."""
        ...


@dataclass(frozen=True, slots=True)
class ByCoordinates:
    """Two columns of degrees."""

    longitude: int
    latitude: int
    columns: tuple[str, ...]

    def of(self, row: Row) -> Point | None:
        """The point, unless a value is missing or lies outside of the earth."""
        lon, lat = _degrees(row[self.longitude], 180), _degrees(row[self.latitude], 90)
        return None if lon is None or lat is None else (lon, lat)


@dataclass(frozen=True, slots=True)
class ByCommune:
    """One column of codes, and the centres of communes."""

    code: int
    centres: Mapping[str, Point]
    columns: tuple[str, ...]

    def of(self, row: Row) -> Point | None:
        """The centre of the commune."""
        return self.centres.get(str(row[self.code] or "").strip())


def find_position(columns: Sequence[Column], centres: Mapping[str, Point]) -> Position | None:
    """How the rows of these columns say where they lie; nothing where they do not."""
    longitude = _place(columns, LONGITUDE, _LONGITUDES)
    latitude = _place(columns, LATITUDE, _LATITUDES)
    if longitude is not None and latitude is not None:
        named = (columns[longitude].id, columns[latitude].id)
        return ByCoordinates(longitude, latitude, named)
    code = _place(columns, COMMUNE, _COMMUNES)
    return None if code is None else ByCommune(code, centres, (columns[code].id,))


def commune_column(columns: Sequence[Column]) -> Column | None:
    """The column that holds codes of communes."""
    at = _place(columns, COMMUNE, _COMMUNES)
    return None if at is None else columns[at]


def _place(columns: Sequence[Column], element: str, names: Sequence[str]) -> int | None:
    """A column that is bound to the element, else one that is bound to none and named so."""
    for at, column in enumerate(columns):
        if column.element == element:
            return at
    for at, column in enumerate(columns):
        if not column.element and fold(column.label) in names:
            return at
    return None


def _degrees(value: Value, most: int) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if -most <= found <= most else None
