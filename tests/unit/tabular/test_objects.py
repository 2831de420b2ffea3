"""JSON and GeoJSON as tables."""

import json

import pytest

from hatinh.errors import UnreadableTableError
from hatinh.tabular import Limits, read_table


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


@pytest.mark.parametrize(
    ("kind", "wrap", "parting"),
    [
        ("JSON", "[{}]", ","),
        ("JSONL", "{}", "\n"),
        ("GEOJSON", '{{"type": "FeatureCollection", "features": [{}]}}', ","),
    ],
)
def test_ever_new_names_stop_the_reading(kind: str, wrap: str, parting: str) -> None:
    """No more names are kept than a table may have columns; what comes after is not read."""
    items = [json.dumps({"properties": {f"a{n}": 1}, f"b{n}": 1}) for n in range(300)]
    body = wrap.format(parting.join([*items, "no JSON"])).encode()
    with pytest.raises(UnreadableTableError) as refused:
        read_table("x", kind, body, limits=Limits(columns=200))
    assert refused.value.reason == "too-many-columns"


def test_numbers_are_written_out() -> None:
    """What programs write with an exponent is the same number without; others are as written."""
    body = b'[{"a": 1e-05, "b": 2.5E3, "c": 1.50, "d": 1e999999999}]'
    assert read_table("x", "JSON", body).rows == [("0.00001", "2500", "1.50", "1e999999999")]
    far = "1e1" + "0" * 19
    assert read_table("x", "JSON", f'[{{"a": {far}}}]'.encode()).rows == [(far,)]


def test_objects_within_a_cell_stay_as_they_are() -> None:
    """A number in a list is no text there, and keeps its digits."""
    body = '[{"a": {"số": [1, 2.50, "x", null, true], "b": {}}, "c": []}]'
    assert read_table("x", "JSON", body.encode()).rows == [
        ('{"số": [1, 2.50, "x", null, true], "b": {}}', "[]")
    ]


def test_depth_at_which_only_the_writing_fails_has_a_reason() -> None:
    """What can just be parsed may still be too deep to be written again."""
    refused = 0
    for depth in range(100, 1_000, 20):
        body = f'[{{"a": {"[" * depth}1{"]" * depth}}}]'.encode()
        try:
            read_table("x", "JSON", body)
        except UnreadableTableError:
            refused += 1
    assert refused
