"""The configset against a real Solr: order, tone marks, spellings of one letter."""

from collections.abc import Iterator

import ckan.plugins.toolkit as tk
import pysolr
import pytest

SITE = "vietnamese-test"
ALPHABETICAL = ["a", "An", "ă", "â", "Ấn", "d", "Dak", "đ", "Đà", "e"]


@pytest.fixture(scope="module")
def index() -> Iterator[pysolr.Solr]:
    """Documents of a site of their own, removed afterwards."""
    solr = pysolr.Solr(tk.config["solr_url"])
    titles = [*reversed(ALPHABETICAL), "Danh sách trường học", "Thửa đất", "Dật dờ", "CSDL đất đai"]
    titles.append("Tru\u031bo\u031b\u0300ng mầm non")  # every mark a character of its own
    solr.add(
        [
            {
                "index_id": f"{SITE}-{number}",
                "id": str(number),
                "site_id": SITE,
                "entity_type": "package",
                "name": title,
                "title_vi": title,
                "title_vi_exact": title,
                "title_sort_vi": title,
                "themes": ["HT05", "HT06"],
                "spatial_geom": "POLYGON((105 18, 106 18, 106 19, 105 19, 105 18))",
            }
            for number, title in enumerate(titles)
        ],
        commit=True,
    )
    yield solr
    solr.delete(q=f"site_id:{SITE}", commit=True)


def found(index: pysolr.Solr, query: str, **options: object) -> list[str]:
    fields = {"fq": f"site_id:{SITE}", "fl": "name", "rows": 100, **options}
    return [document["name"] for document in index.search(query, **fields)]


def test_titles_sort_in_the_vietnamese_alphabet(index: pysolr.Solr) -> None:
    """a ă â … d đ e, with tone marks deciding only between equal letters."""
    titles = found(index, "*:*", sort="title_sort_vi asc")
    assert [title for title in titles if title in ALPHABETICAL] == ALPHABETICAL


@pytest.mark.parametrize("query", ["trường học", "truong hoc", "TRUONG HOC", "Truo\u031b\u0300ng"])
def test_words_are_found_with_and_without_marks(index: pysolr.Solr, query: str) -> None:
    """Marks, case and the encoding of a letter make no difference to what is found."""
    assert "Danh sách trường học" in found(index, query, defType="edismax", qf="title_vi")


def test_decomposed_title_is_found_by_composed_query(index: pysolr.Solr) -> None:
    """A file that stores marks as characters of their own is found like any other."""
    titles = {"Danh sách trường học", "Tru\u031bo\u031b\u0300ng mầm non"}
    assert set(found(index, "trường", df="title_vi_exact")) == titles


def test_exact_field_tells_words_apart_by_their_marks(index: pysolr.Solr) -> None:
    """đất is not dật where marks are kept."""
    assert "Dật dờ" not in found(index, "đất", df="title_vi_exact")


def test_abbreviation_finds_its_full_form(index: pysolr.Solr) -> None:
    """Synonyms work in both directions, with marks folded after them."""
    assert found(index, '"cơ sở dữ liệu"', df="title_vi") == ["CSDL đất đai"]


def test_shape_is_found_by_box(index: pysolr.Solr) -> None:
    """The JTS shape field takes polygons and answers intersections."""
    inside = "{!field f=spatial_geom}Intersects(ENVELOPE(105.5, 105.6, 18.6, 18.5))"
    outside = "{!field f=spatial_geom}Intersects(ENVELOPE(10, 11, 11, 10))"
    assert found(index, "*:*", fq=[f"site_id:{SITE}", inside])
    assert not found(index, "*:*", fq=[f"site_id:{SITE}", outside])
