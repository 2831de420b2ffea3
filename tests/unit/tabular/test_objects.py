"""JSON and GeoJSON as tables."""

import json

import pytest

from hatinh.errors import UnreadableTableError
from hatinh.tabular import read_table


@pytest.mark.parametrize("wrap", ["{}", '{{"data": {}}}', '{{"total": 1, "records": {}}}'])
def test_list_of_objects_is_a_table(wrap: str) -> None:
    """Bare or under its only list, numbers exactly as written, missing keys blank."""
    items = '[{"ma": "01", "so": 1.50, "co": true}, {"ma": "02", "moi": null, "phu": [1]}]'
    table = read_table("x", "JSON", wrap.format(items).encode())
    assert table.header == ("ma", "so", "co", "moi", "phu")
    assert table.rows[0] == ("01", "1.50", "true", None, None)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "[1]", '{"a": 1}', '{"a":[{}],"b":[{}]}', "[" * 99999]
)
def test_other_json_is_no_table(body: str) -> None:
    """No list of objects, or more than one: nobody can say which is the table."""
    with pytest.raises(UnreadableTableError):
        read_table("x", "JSON", body.encode())


def test_geojson_gives_properties_and_the_place_of_points() -> None:
    """A feature is a row; a point adds longitude and latitude, other shapes do not."""
    features = [
        {"geometry": {"type": "Point", "coordinates": [105.9, 18.34]}, "properties": {"ma": "1"}},
        {"geometry": {"type": "Polygon", "coordinates": []}, "properties": {"ma": "2"}},
        {"geometry": None, "properties": None},
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    table = read_table("x", "GEOJSON", body)
    assert table.header == ("lon", "lat", "ma")
    assert table.rows[:2] == [("105.9", "18.34", "1"), (None, None, "2")]
