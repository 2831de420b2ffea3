"""A set of rows as GeoJSON (RFC 7946), piece by piece."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hatinh.rows.column import Column, Row, encoded
from hatinh.rows.files import in_pieces, plain
from hatinh.rows.position import Position


def to_geojson(
    columns: Sequence[Column],
    rows: Iterable[Row],
    position: Position | None,
    about: Mapping[str, Any],
) -> Iterator[bytes]:
    """A feature of each row; one that does not say where it lies has no geometry."""
    yield encoded({"type": "FeatureCollection", "metadata": about})[:-1] + b',"features":['
    names = [column.id for column in columns]
    separator = b"\n"
    for some in in_pieces(rows):
        yield separator + b",\n".join(encoded(_feature(names, row, position)) for row in some)
        separator = b",\n"
    yield b"\n]}\n"


def _feature(names: Sequence[str], row: Row, position: Position | None) -> dict[str, Any]:
    point = position.of(row) if position else None
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": point} if point else None,
        "properties": dict(zip(names, map(plain, row), strict=True)),
    }
