"""Which columns say where things lie."""

import pytest

from hatinh.rows.column import Column, Kind
from hatinh.rows.position import ByCommune, ByCoordinates, find_position

CENTRES = {"18073": (105.903, 18.3419)}


def columns(*named: tuple[str, str]) -> list[Column]:
    """Columns by label and element."""
    return [Column(f"c{at}", *part) for at, part in enumerate(_typed(named))]


def _typed(named):
    return ((label, Kind.TEXT, element) for label, element in named)


@pytest.mark.parametrize(
    "named",
    [
        [("x", "KinhDo"), ("y", "ViDo")],
        [("Kinh độ", ""), ("Vĩ độ", "")],
        [("lon", ""), ("lat", "")],
        [("Longitude", ""), ("Latitude", "")],
    ],
)
def test_coordinates_are_found_by_element_or_name(named):
    """Two columns of degrees place a row at its very point."""
    found = find_position(columns(*named), CENTRES)
    assert isinstance(found, ByCoordinates)
    assert found.of(["105.9", "18.3"]) == (105.9, 18.3)


@pytest.mark.parametrize("named", [[("Mã", "ma_dvhc")], [("ma_xa", "")]])
def test_commune_places_a_row_at_its_centre(named):
    """A code of a commune is a place; an unknown one is none."""
    found = find_position(columns(*named), CENTRES)
    assert isinstance(found, ByCommune)
    assert found.of([" 18073"]) == (105.903, 18.3419)
    assert found.of(["99999"]) is None


def test_coordinates_go_before_communes():
    """The nearer word counts."""
    found = find_position(columns(("ma_xa", ""), ("lon", ""), ("lat", "")), CENTRES)
    assert isinstance(found, ByCoordinates)
    assert found.columns == ("c1", "c2")


@pytest.mark.parametrize(
    "named", [[("lon", "")], [("Kinh độ", "HoTen"), ("Vĩ độ", "")], [("Tên", "")]]
)
def test_other_columns_say_no_place(named):
    """Half of a pair is no place, and a column that was bound to another meaning is not guessed."""
    assert find_position(columns(*named), CENTRES) is None


@pytest.mark.parametrize("row", [[None, 18], ["", "18"], ["a", "18"], [181, 18], [105, -91]])
def test_row_beyond_the_earth_has_no_place(row):
    """Values that are no degrees give no point."""
    found = find_position(columns(("lon", ""), ("lat", "")), CENTRES)
    assert found is not None
    assert found.of(row) is None
