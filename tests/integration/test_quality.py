"""Scores against real PostgreSQL and Solr: kept, shown, explained, forgotten."""

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.tests import factories
from ckan.types import Context

from ckanext.hatinh.quality.model import QualityScore
from hatinh.problem import warning
from hatinh.quality import Loss, Score

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")

DIMENSIONS = {
    "dung": 60.0, "du": 100.0, "sach": None, "song": 90.0, "thong_nhat": 100.0, "dung_chung": 100.0,
}  # fmt: skip
SUM = warning("sum-differs", "$.resources[0].rows[14].so_cau_hoi", "97556", expected="97656")


def score(total: float = 90.0, band: str = "xanh") -> dict[str, Any]:
    """A score that lost points for one wrong sum, in its JSON form."""
    loss = Loss("dung", "sum-differs", 40.0, 1, "sum-differs", SUM.path)
    return Score(DIMENSIONS, total, band, (loss,), "test-1").as_dict()


def as_site() -> Context:
    """The context of the harvest."""
    return Context(user=tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"])


def save(package: str, **changes: Any) -> None:
    """Save a score as the harvest does, with its own commit."""
    data = {"package_id": package, "score": score(**changes), "problems": [SUM.as_dict()]}
    tk.get_action("hatinh_score_save")(as_site(), data)


@pytest.fixture
def dataset() -> dict[str, Any]:
    """A public system record of an office (it needs the fewest fields)."""
    return record("he-thong")


def record(name: str, **fields: Any) -> dict[str, Any]:
    """Create a record of the education department."""
    if model.Group.get("so-gddt") is None:
        title = {"vi": "Sở Giáo dục và Đào tạo"}
        tk.get_action("organization_create")(
            as_site(), {"name": "so-gddt", "title_translated": title}
        )
    data = {
        "type": "system",
        "name": name,
        "title_translated": {"vi": "Hệ thống trường học"},
        "owner_org": "so-gddt",
        "contact": "Phòng Kế hoạch",
    }
    return tk.get_action("package_create")(as_site(), data | fields)


def test_saved_score_is_shown_to_anyone(dataset):
    """A score is as public as its dataset, and says by which formula and when."""
    save(dataset["id"])
    shown = tk.get_action("hatinh_score_show")({"user": ""}, {"id": dataset["name"]})
    assert shown["total"] == 90.0
    assert shown["dimensions"] == DIMENSIONS
    assert shown["problems"] == [SUM.as_dict()]
    assert shown["formula"] == "test-1"
    assert shown["measured_at"]


def test_second_score_replaces_first(dataset):
    """Only the newest score of a dataset is kept."""
    save(dataset["id"])
    save(dataset["id"], total=70.0, band="do")
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(QualityScore)) == 1
    assert tk.h.hatinh_score(dataset["id"])["band"] == "do"


def test_saved_score_leaves_dataset_untouched(dataset):
    """Measuring is no change of the data: the time of change stays."""
    save(dataset["id"])
    shown = tk.get_action("package_show")({}, {"id": dataset["id"]})
    assert shown["metadata_modified"] == dataset["metadata_modified"]


def test_saved_score_can_be_searched_by_band(dataset):
    """The band is a filter of the search."""
    save(dataset["id"])
    found = tk.get_action("package_search")({}, {"fq": "quality_band:xanh"})
    assert [item["name"] for item in found["results"]] == ["he-thong"]


def test_deferred_save_leaves_commit_to_caller(dataset):
    """The harvest commits score and dataset together, or neither."""
    data = {"package_id": dataset["id"], "score": score()}
    context = as_site()
    context["defer_commit"] = True
    tk.get_action("hatinh_score_save")(context, data)
    model.Session.rollback()
    assert tk.h.hatinh_score(dataset["id"]) is None


def test_malformed_score_is_refused(dataset):
    """Nothing but a score is stored as one."""
    with pytest.raises(tk.ValidationError):
        tk.get_action("hatinh_score_save")(
            as_site(), {"package_id": dataset["id"], "score": {"total": 1}}
        )


@pytest.mark.parametrize("someone", ["", "editor"])
def test_only_the_portal_saves_scores(dataset, someone):
    """Neither visitors nor editors can improve their own score."""
    user = factories.User()["name"] if someone else ""
    if user:
        member = {"id": "so-gddt", "username": user, "role": "editor"}
        tk.get_action("organization_member_create")(as_site(), member)
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("hatinh_score_save")(
            {"user": user, "ignore_auth": False}, {"package_id": dataset["id"], "score": score()}
        )


def test_private_dataset_hides_its_score(dataset):
    """Nobody learns from a score what they may not see; its members do."""
    hidden = record("noi-bo", private=True)
    save(hidden["id"])
    save(dataset["id"])
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("hatinh_score_show")({"user": "", "ignore_auth": False}, {"id": "noi-bo"})
    asked = {"organization": "so-gddt"}
    public = tk.get_action("hatinh_score_list")({"user": ""}, asked)
    assert [item["package_id"] for item in public] == [dataset["id"]]
    assert len(tk.get_action("hatinh_score_list")(as_site(), asked)) == 2


def test_unmeasured_dataset_has_no_score(dataset):
    """Missing is not zero."""
    assert tk.h.hatinh_score(dataset["id"]) is None
    with pytest.raises(tk.ObjectNotFound):
        tk.get_action("hatinh_score_show")({}, {"id": dataset["id"]})


def test_purged_dataset_takes_its_score_along(dataset):
    """No score without its dataset."""
    save(dataset["id"])
    sure = as_site()
    sure["ignore_auth"] = True
    tk.get_action("dataset_purge")(sure, {"id": dataset["id"]})
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(QualityScore)) == 0


def test_lists_of_scores_need_one_query_each(dataset):
    """Search pages and the home page ask once, however many datasets they show."""
    others = [record(f"he-thong-{number}")["id"] for number in range(3)]
    for number, package in enumerate((dataset["id"], *others)):
        save(package, total=60.0 + 10 * number)
    assert tk.h.hatinh_scores([dataset["id"], *others])[others[2]] == 90.0
    assert tk.h.hatinh_organization_scores() == {"so-gddt": 75.0}


def test_page_leads_from_total_to_row(app, dataset):
    """A reader gets from the total to the rule, the row, the value and the mend."""
    save(dataset["id"])
    page = app.get(f"/system/{dataset['name']}/chat-luong").body
    assert "dòng 14" in page
    assert "so_cau_hoi" in page
    assert "97556" in page
    assert "sum-differs" in page
    assert app.get("/en/system/he-thong/chat-luong").status_code == 200


def test_page_of_unmeasured_dataset_is_not_found(app, dataset):
    """There is no page about nothing."""
    assert app.get(f"/system/{dataset['name']}/chat-luong").status_code == 404
    assert app.get("/dataset/khong-co/chat-luong").status_code == 404
