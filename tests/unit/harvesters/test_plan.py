"""What a run would do, before it does it: outcomes, removals, and the guard (F08-F10, F29)."""

from datetime import UTC, datetime, timedelta

import pytest

from harvesters.plan import (
    Found,
    KnownRecord,
    Limits,
    Offer,
    Plan,
    Standing,
    decide,
    guard,
    is_global,
    removals,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LIVE = KnownRecord("live", "raw", "old", has_package=True)
THERE = Found(exists=True, owner="so-gddt")
OFFER = Offer("g", "new", "so-gddt")


def codes(plan: Plan, limits: Limits | None = None) -> list[str]:
    """Why the guard stops a plan."""
    return [reason["code"] for reason in guard(plan, limits or Limits())]


# -- outcomes ---------------------------------------------------------------------------------


def test_decide_new_record_is_created() -> None:
    """Nothing is known of it, nothing stands where it goes."""
    assert decide(OFFER, None) == ("created", None)


def test_decide_same_hash_is_unchanged_even_when_edited_in_the_portal() -> None:
    """A source that says nothing new overwrites nobody's edit, whatever the policy."""
    same = Offer("g", "old", "so-gddt")
    for policy in ("source-wins", "keep-local", "ask"):
        assert decide(same, LIVE, Found(exists=True, edited=True), policy) == ("unchanged", None)


def test_decide_refused_record_is_rejected_and_nothing_else() -> None:
    """A record without a dataset has no hash."""
    assert decide(Offer("g", ""), LIVE, THERE) == ("rejected", None)


def test_decide_local_edit_by_each_policy() -> None:
    """The source wins and says so, or asks; kept fields are merged later, without a word (F29)."""
    edited = Found(exists=True, edited=True, owner="so-gddt")
    action, remark = decide(OFFER, LIVE, edited, "source-wins")
    assert (action, remark and remark.code) == ("updated", "local-edit-replaced")
    action, remark = decide(OFFER, LIVE, edited, "ask")
    assert (action, remark and remark.code) == ("conflict", "edited-locally")
    assert decide(OFFER, LIVE, edited, "keep-local") == ("updated", None)


def test_decide_dataset_of_another_source_is_a_conflict() -> None:
    """The source that brought a dataset first keeps it (F08)."""
    action, remark = decide(OFFER, None, Found(elsewhere="so-khcn"))
    assert (action, remark and remark.code) == ("conflict", "same-dataset-elsewhere")


def test_decide_identifier_that_changed_its_owner_is_a_conflict_unless_it_was_inherited() -> None:
    """An id used again for another office's data; a merged office's data pass to its heir."""
    other = Offer("g", "new", "so-tc")
    action, remark = decide(other, LIVE, THERE)
    assert (action, remark and remark.code) == ("conflict", "guid-changed-owner")
    assert decide(other, LIVE, THERE, successors={"so-gddt": "so-tc"}) == ("updated", None)


@pytest.mark.parametrize("standing", ["gone", "archived"])
def test_decide_record_that_came_back_is_restored(standing: Standing) -> None:
    """Before and after the grace period, with the same words or others."""
    known = KnownRecord(standing, "raw", "old", has_package=True)
    there = Found(exists=True, deleted=standing == "archived")
    assert decide(Offer("g", "old"), known, there)[0] == "restored"
    expected = "restored" if standing == "archived" else "updated"
    assert decide(OFFER, known, there)[0] == expected


def test_global_identifiers_are_addresses_and_uuids() -> None:
    """Two departments may both have a record «12»; nobody has another's web address."""
    assert is_global("https://data.example.vn/dataset/a")
    assert is_global("urn:uuid:5d3ca8e2-3f8f-4c0b-9d1e-0c7f3b1b2a11")
    assert not any(map(is_global, ("12", "ds-01", "https://data.example.vn/", "http://[", "")))


# -- removals ---------------------------------------------------------------------------------


def known(**standings: Standing) -> dict[str, KnownRecord]:
    """Records by identifier, gone ones since 15 days."""
    since = NOW - timedelta(days=15)
    return {
        guid: KnownRecord(standing, "", "", has_package=True, gone_since=since)
        for guid, standing in standings.items()
    }


def test_removals_are_what_was_live_and_is_not_given_any_more() -> None:
    """What is gone already is not gone again."""
    records = known(a="live", b="live", c="rejected", d="archived", e="gone")
    assert removals(records, {"a"}, NOW, timedelta(days=30)).gone == ("b", "c")


def test_removals_after_the_grace_period_are_archived() -> None:
    """Also when the source says that nothing changed; not one that came back."""
    records = known(a="gone", b="gone")
    assert removals(records, {"a"}, NOW).archived == ("b",)
    assert removals(records, None, NOW).archived == ("a", "b")
    assert removals(records, None, NOW, timedelta(days=16)).archived == ()


def test_removals_of_what_was_only_ever_refused_are_forgotten() -> None:
    """There is no dataset that could be gone; while the source gives it, it is remembered."""
    refused = KnownRecord("rejected", "raw", "", has_package=False)
    records = known(a="live", b="rejected") | {"c": refused, "d": refused}
    found = removals(records, {"a", "c"}, NOW)
    assert (found.gone, found.forgotten) == (("b",), ("d",))
    assert removals(records, None, NOW).forgotten == ()


def test_removals_unmodified_source_has_none_gone() -> None:
    """Not modified says that all of it is still there."""
    assert removals(known(a="live"), None, NOW).gone == ()


# -- the guard --------------------------------------------------------------------------------


def test_guard_lets_small_changes_pass() -> None:
    """A tenth of the datasets, and fifty, may vanish unasked."""
    assert codes(Plan(live=100, given=90, counts={"gone": 10})) == []
    assert codes(Plan(live=1000, given=950, counts={"gone": 50})) == []


def test_guard_stops_a_source_that_shrinks() -> None:
    """By share or by number."""
    assert codes(Plan(live=100, given=89, counts={"gone": 11})) == ["guard-many-gone"]
    assert codes(Plan(live=1000, given=949, counts={"gone": 51})) == ["guard-many-gone"]
    assert codes(Plan(live=100, given=90, counts={"gone": 10}), Limits(0.05, 50)) != []


def test_guard_stops_an_empty_source_that_had_records() -> None:
    """A first run of an empty source is no fault."""
    assert codes(Plan(live=3, given=0, counts={"gone": 3})) == ["guard-empty"]
    assert codes(Plan(live=0, given=0, counts={})) == []


def test_guard_tells_ids_that_all_changed() -> None:
    """Everything gone and as much new: nobody lost data, somebody numbered it anew (F09)."""
    reasons = codes(Plan(live=100, given=100, counts={"gone": 100, "created": 100}))
    assert reasons == ["guard-many-gone", "guard-ids-changed"]


def test_guard_asks_always_where_the_source_says_so_but_not_for_nothing() -> None:
    """A source may want a person before each change; a run without changes needs none."""
    changing = Plan(live=9, given=9, counts={"updated": 1}, approval="always")
    assert codes(changing) == ["guard-always"]
    assert codes(Plan(live=9, given=9, counts={"unchanged": 9}, approval="always")) == []


def test_guard_asks_after_a_rollback() -> None:
    """The source still says what was just taken back."""
    plan = Plan(live=9, given=9, counts={"updated": 1}, after_rollback=True)
    assert codes(plan) == ["guard-after-rollback"]
