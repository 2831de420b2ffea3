"""The catalogue against real PostgreSQL and Solr: fields, slugs, search, filters, addresses."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from bs4 import BeautifulSoup
from ckan.tests import factories
from ckan.types import Context

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
"""What the catalogue asks of every dataset."""

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")


@pytest.fixture
def office() -> str:
    """Name of an organisation."""
    tk.get_action("organization_create")(
        sysadmin(),
        {
            "name": "so-gddt",
            "title_translated": {"vi": "Sở Giáo dục và Đào tạo", "en": "Schools"},
        },
    )
    return "so-gddt"


@pytest.fixture
def create(office: str) -> Callable[..., dict[str, Any]]:
    """Creates a valid dataset with some fields changed; a field given as ``None`` is left out."""

    def create(**changes: Any) -> dict[str, Any]:
        data = dataset(office) | changes
        given = {name: value for name, value in data.items() if value is not None}
        return tk.get_action("package_create")(sysadmin(), given)

    return create


def sysadmin() -> Context:
    """A context that may do everything, validated like any other."""
    return Context(user=tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])


def dataset(office: str) -> dict[str, Any]:
    """A valid dataset of an organisation."""
    return {
        "type": "dataset",
        "title_translated": {"vi": "Danh sách trường học", "en": "List of schools"},
        "notes_translated": {"vi": "Các trường của tỉnh", "en": "Schools of the province"},
        "owner_org": office,
        **CLASSIFIED,
        "contact_email": "phong@example.org",
        "places": ["42"],
        "resources": [
            {
                "name_translated": {"vi": "Bảng trường", "en": "Schools"},
                "url": "https://example.test/truong.csv",
                "format": "CSV",
            }
        ],
    }


def search(q: str = "*:*", **parameters: Any) -> dict[str, Any]:
    """Search as an anonymous visitor."""
    return tk.get_action("package_search")({}, {"q": q, **parameters})


def names(found: dict[str, Any]) -> list[str]:
    """Names of the datasets of a search result, in its order."""
    return [item["name"] for item in found["results"]]


class TestFields:
    def test_title_without_name_gives_transliterated_slug(self, create):
        """A slug transliterates first: CKAN's own drops the Vietnamese letters (REQ-24)."""
        assert create()["name"] == "danh-sach-truong-hoc"

    def test_second_dataset_of_same_title_gets_number(self, create):
        """Equal titles give different names."""
        create()
        assert create()["name"] == "danh-sach-truong-hoc-2"

    def test_bilingual_texts_come_back_as_dicts(self, create):
        """Bilingual fields are ``{"vi", "en"}``; CKAN's own fields hold the Vietnamese."""
        made = create()
        assert made["title_translated"] == {"vi": "Danh sách trường học", "en": "List of schools"}
        assert (made["title"], made["notes"]) == ("Danh sách trường học", "Các trường của tỉnh")
        assert made["resources"][0]["name"] == "Bảng trường"
        assert made["resources"][0]["name_translated"]["en"] == "Schools"
        assert made["places"] == ["42"]

    def test_form_keys_give_bilingual_text(self, create):
        """A form sends one key a language."""
        made = create(
            **{
                "title_translated": None,
                "title_translated-vi": "Sổ hộ tịch",
                "title_translated-en": "",
            }
        )
        assert made["title_translated"] == {"vi": "Sổ hộ tịch"}
        assert made["name"] == "so-ho-tich"

    def test_shown_dataset_saved_again_stays_equal(self, create):
        """What the API gives can be sent back."""
        made = create()
        saved = tk.get_action("package_update")(sysadmin(), dict(made))
        changing = {"metadata_modified"}
        assert {k: v for k, v in saved.items() if k not in changing} == {
            k: v for k, v in made.items() if k not in changing
        }

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title_translated", {"en": "Only English"}),
            ("title_translated", "Không phải JSON"),
            ("title_translated", {"vi": ["not", "text"]}),
            ("frequency", "moi_the_ky"),
            ("frequency", None),
            ("frequency", ["nam"]),
            ("places", ["99999"]),
            ("places", '["42"'),
            ("places", {"ma": "42"}),
            ("license_id", "riêng"),
        ],
    )
    def test_wrong_value_is_refused_with_its_field(self, create, field, value):
        """A value outside its list, or not of its form, never gets in."""
        with pytest.raises(tk.ValidationError) as refused:
            create(**{field: value})
        assert field in refused.value.error_dict

    def test_wrong_table_schema_is_refused(self, create):
        """The promise of a table has a fixed shape."""
        resource = {"name_translated": {"vi": "a"}, "url": "https://example.test/a.csv"}
        with pytest.raises(tk.ValidationError):
            create(resources=[resource | {"schema": '{"columns": [{"nam": "x"}]}'}])

    def test_table_schema_is_kept(self, create):
        """A right one comes back as it was."""
        schema = {"columns": [{"name": "ma", "element": "Ma", "key": True}], "sums": []}
        resource = {"name_translated": {"vi": "a"}, "url": "https://example.test/a.csv"}
        made = create(resources=[resource | {"schema": json.dumps(schema)}])
        assert json.loads(made["resources"][0]["schema"]) == schema


class TestSearch:
    @pytest.mark.parametrize(
        "q",
        [
            pytest.param("trường học", id="marks"),
            pytest.param("truong hoc", id="no-marks"),
            pytest.param("Trường Học", id="capitals"),
            pytest.param(unicodedata.normalize("NFD", "trường học"), id="decomposed"),
        ],
    )
    def test_words_with_or_without_marks_find(self, create, q):
        """Marks, capitals and Unicode form do not matter for finding."""
        create()
        assert names(search(q)) == ["danh-sach-truong-hoc"]

    def test_exact_marks_come_first(self, create):
        """Among equals, the words as they were typed win."""
        create(title_translated={"vi": "Bảng dật liệu"}, notes_translated={"vi": "x"})
        create(title_translated={"vi": "Bảng đất liệu"}, notes_translated={"vi": "x"})
        create(title_translated={"vi": "Bảng đạt liệu"}, notes_translated={"vi": "x"})
        assert names(search("đất"))[0] == "bang-dat-lieu-2"
        assert len(names(search("dat"))) == 3

    def test_english_title_and_office_find(self, create):
        """English texts, names of offices and of files are searched too."""
        create()
        for q in ("schools", "sở giáo dục", "so giao duc", "bang truong"):
            assert names(search(q)) == ["danh-sach-truong-hoc"], q

    def test_titles_sort_by_vietnamese_alphabet(self, create):
        """a ă â b c d đ e: đ after all d, not after z."""
        for title in ("Đất đai", "Dân số", "Ếch nhái", "Ăn uống", "Âm nhạc", "An toàn"):
            create(title_translated={"vi": title}, notes_translated={"vi": "x"})
        found = search(sort="title_string asc")
        assert [item["title"] for item in found["results"]] == [
            "An toàn",
            "Ăn uống",
            "Âm nhạc",
            "Dân số",
            "Đất đai",
            "Ếch nhái",
        ]

    def test_coded_filters_have_names(self, create):
        """A filter shows what a code means, and no blank value."""
        create()
        wanted = {"facet.field": ["frequency", "data_layer", "quality_band", "places"]}
        found = search("*:*", **wanted)
        facets = found["search_facets"]
        assert [i["display_name"] for i in facets["frequency"]["items"]] == ["Hằng năm"]
        assert [i["name"] for i in facets["places"]["items"]] == ["42"]
        assert facets["quality_band"]["items"] == []

    def test_fielded_query_stays_as_asked(self, create):
        """Who writes ``name:…`` gets what CKAN gives."""
        create()
        assert names(search("name:danh-sach-truong-hoc")) == ["danh-sach-truong-hoc"]
        assert names(search("name:khac")) == []

    def test_box_finds_dataset_within(self, create):
        """A search by map finds what lies in its box."""
        ring = [[105.8, 18.2], [106, 18.2], [106, 18.4], [105.8, 18.4], [105.8, 18.2]]
        create(spatial=json.dumps({"type": "Polygon", "coordinates": [ring]}))
        assert search(extras={"ext_bbox": "105,18,107,19"})["count"] == 1
        assert search(extras={"ext_bbox": "100,10,101,11"})["count"] == 0


class TestRelations:
    def test_dataset_names_its_system_and_service(self, create, office):
        """Dataset, system and service find each other by their ids at the source."""
        create(source_system="DB031", harvest_guid="truong", harvest_source="so-gddt")
        common = {"owner_org": office, "contact": "Phòng Kế hoạch", "harvest_source": "so-gddt"}
        for data in (
            {"type": "system", "title_translated": {"vi": "CSDL ngành"}, "harvest_guid": "DB031"},
            {
                "type": "dataservice",
                "title_translated": {"vi": "Dịch vụ trường"},
                "endpoint_url": "https://lgsp.example.test/truong",
                "serves_datasets": "truong; lop",
            },
        ):
            tk.get_action("package_create")(sysadmin(), common | data)
        shown = {
            name: tk.get_action("package_show")({}, {"id": name})
            for name in ("danh-sach-truong-hoc", "csdl-nganh", "dich-vu-truong")
        }
        related = {
            name: {other["name"] for other in tk.h.hatinh_related(package)}
            for name, package in shown.items()
        }
        assert related == {
            "danh-sach-truong-hoc": {"csdl-nganh", "dich-vu-truong"},
            "csdl-nganh": {"danh-sach-truong-hoc"},
            "dich-vu-truong": {"danh-sach-truong-hoc"},
        }


class TestPages:
    def test_each_kind_has_its_own_page_and_list(self, app, create, office):
        """/dataset lists datasets only, /system systems, /dataservice services."""
        create()
        tk.get_action("package_create")(
            sysadmin(),
            {
                "type": "system",
                "title_translated": {"vi": "Hệ thống một cửa"},
                "owner_org": office,
                "contact": "Phòng Kế hoạch",
            },
        )
        assert "Danh sách trường học" in app.get("/dataset/").body
        assert "Hệ thống một cửa" not in app.get("/dataset/").body
        assert "Hệ thống một cửa" in app.get("/system/").body
        assert "Danh sách trường học" not in app.get("/system/").body
        assert app.get("/system/he-thong-mot-cua").status_code == 200
        assert app.get("/dataservice/").status_code == 200

    def test_office_and_theme_pages_have_filters_with_names(self, app, create):
        """On the page of an office all kinds of records can be told apart."""
        create()
        page = app.get("/organization/so-gddt").body
        assert "dataset_type=dataset" in page
        assert "frequency=nam" in page
        assert "Hằng năm" in page

    def test_permanent_address_leads_to_page(self, app, create):
        """The identifier in ``uri`` outlives addresses: it answers 303 (REQ-45)."""
        made = create()
        answer = app.get(f"/id/dataset/{made['id']}", follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith(f"/dataset/{made['id']}")

    def test_permanent_address_leads_program_to_rdf(self, app, create):
        """A program that asks for Turtle is sent to the Turtle."""
        made = create()
        answer = app.get(
            f"/id/dataset/{made['id']}", headers={"Accept": "text/turtle"}, follow_redirects=False
        )
        assert answer.headers["Location"].endswith(f"/dataset/{made['id']}.ttl")
        assert "Accept" in answer.headers["Vary"]

    def test_form_shows_choices_in_vietnamese(self, app, create):
        """The form of a new dataset offers the codes in force by name."""
        admin = factories.APIToken(user=factories.Sysadmin()["name"], scopes=["full"])
        page = app.get("/dataset/new", headers={"Authorization": admin["token"]}).body
        assert "Hằng năm" in page
        assert 'name="title_translated-vi"' in page

    def test_form_saves_dataset_and_names_it(self, app, office):
        """An editor fills the form in two languages and leaves the address to the portal."""
        admin = factories.APIToken(user=factories.Sysadmin()["name"], scopes=["full"])
        skipped = ("type", "resources", "title_translated", "notes_translated")
        data = {name: value for name, value in dataset(office).items() if name not in skipped} | {
            "title_translated-vi": "Sổ hộ tịch",
            "title_translated-en": "Civil register",
            "notes_translated-vi": "Đoạn một\nĐoạn hai",
            "places": ["42", "18073"],
            "name": "",
            "_ckan_phase": "1",
            "save": "",
        }
        headers = {"Authorization": admin["token"]}
        answer = app.post("/dataset/new", data=data, headers=headers, follow_redirects=False)
        assert "/dataset/so-ho-tich/resource/new" in answer.headers["Location"], answer.body
        made = tk.get_action("package_show")(sysadmin(), {"id": "so-ho-tich"})
        assert made["title_translated"] == {"vi": "Sổ hộ tịch", "en": "Civil register"}
        assert made["notes"] == "Đoạn một\nĐoạn hai"
        assert made["places"] == ["42", "18073"]

    def test_page_describes_dataset_to_search_engines(self, app, create):
        """The page of a dataset carries schema.org JSON-LD that parses."""
        page = BeautifulSoup(app.get(f"/dataset/{create()['name']}").body, "html.parser")
        (script,) = page.find_all("script", type="application/ld+json")
        described = json.loads(script.get_text())
        assert "Danh sách trường học" in json.dumps(described, ensure_ascii=False)
