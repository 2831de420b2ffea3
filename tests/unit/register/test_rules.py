"""The six kinds of mismatch: each is found where it is, with its owner, and nowhere else."""

from datetime import date

import pytest
from registry import (
    CATALOGUE,
    CONFIG,
    COUNTED,
    DATASET_ROW,
    MONTH,
    SERVICE_ROW,
    SYSTEM_ROW,
    changed,
    facts,
    found,
    reasons,
    row,
)

from hatinh.register import (
    DATASET,
    SERVICE,
    SYSTEM,
    Calls,
    Catalogue,
    Counted,
    Joined,
    Kind,
    describe,
)
from hatinh.text import Text

NOT_CALLED = Counted(*MONTH, (Calls("sv", 0),))
ANOTHER_SYSTEM = row(SYSTEM, "db2", title="tên CỦA Db1")
LISTED = row(
    SERVICE, "gw1", guid="sv", from_gateway=True, endpoint="https://LGSP.example.vn/truong/1.0/"
)


def test_register_in_order_has_no_finding():
    """Nothing is found where everything fits."""
    assert found() == []


# -- declared shared, never called ---------------------------------------------------------------


def test_connected_service_without_calls_is_found():
    """A month was counted, and nobody called it: its own office is told."""
    (finding,) = found(counted=NOT_CALLED)
    assert (finding.kind, finding.reason) == (Kind.NEVER_CALLED, "no_calls")
    assert (finding.subject, finding.owner) == ("sv1", "so-sv1")
    assert finding.words == {"first": "01/10/2026", "last": "30/10/2026"}


def test_service_of_shared_data_counts_as_declared():
    """The level of its dataset declares it shared, whatever its own state."""
    service = changed(SERVICE_ROW, lgsp_status="")
    shared = changed(DATASET_ROW, sharing_level="dung_chung")
    assert reasons(service, shared, counted=NOT_CALLED, catalogues=()) == ["no_calls"]
    assert reasons(service, counted=NOT_CALLED) == []


@pytest.mark.parametrize(
    "counted", [Counted(), Counted(date(2026, 10, 2), MONTH[1], (Calls("other", 0),))]
)
def test_unknown_calls_are_not_none(counted):
    """Without counts, or with those of too few days, no service is called idle."""
    assert reasons(counted=counted) == []


def test_new_service_is_given_time():
    """Whoever declared a service a week ago is not told that nobody calls it."""
    assert reasons(changed(SERVICE_ROW, since=date(2026, 10, 23)), counted=NOT_CALLED) == []


def test_system_that_the_gateway_denies_is_found():
    """It says connected, the gateway's list says in progress."""
    listed = row(SERVICE, "gw2", title=SYSTEM_ROW.title, from_gateway=True, lgsp_status="process")
    (finding,) = found(listed)
    assert (finding.reason, finding.subject, finding.others) == ("denied", "db1", ("gw2",))
    assert reasons(changed(listed, lgsp_status="active")) == ["no_calls"]
    assert reasons(changed(listed, lgsp_status="")) == []


# -- called, in no decision ----------------------------------------------------------------------


def test_called_dataset_outside_the_decision_is_found():
    """The edition in force of its catalogue does not name it: the dataset's office is told."""
    (finding,) = found(catalogues=(Catalogue("du-lieu-mo", "mo", 2, "2/QĐ", {"x": ""}),))
    assert (finding.kind, finding.reason) == (Kind.NOT_DECIDED, "unlisted")
    assert (finding.subject, finding.others, finding.owner) == ("ds1", ("sv1",), "so-ds1")


def test_without_a_decision_nothing_is_outside_it():
    """No edition in force, or a dataset of another catalogue."""
    assert reasons(catalogues=()) == []
    other = Catalogue("du-lieu-dung-chung", "dung_chung", 1, "1/QĐ", {})
    assert reasons(catalogues=(other, CATALOGUE)) == []


def test_calls_of_what_is_not_registered_are_found():
    """Nobody owns it: the steward is told. Counted without a call it is nothing."""
    counted = Counted(*MONTH, (*COUNTED.services, Calls("la", 7), Calls("khong", 0)))
    (finding,) = found(counted=counted)
    assert (finding.reason, finding.about) == ("unregistered_calls", "la")
    assert (finding.owner, finding.words["calls"]) == ("so-khcn", "7")


def test_calls_by_a_title_of_two_services_are_found():
    """They are counted to neither of them."""
    counted = Counted(*MONTH, (Calls(SERVICE_ROW.title.upper(), 7),))
    twin = row(SERVICE, "sv2", title=SERVICE_ROW.title, source_system="DB001")
    told = found(twin, counted=counted)
    assert sorted(f.reason for f in told) == ["ambiguous_calls", "no_calls"]
    assert told[1].others == ("sv1", "sv2")


def test_calls_under_several_names_of_a_service_are_added_up():
    """The gateway may name it by id one day, by title or endpoint another."""
    words = ("sv", SERVICE_ROW.title, SERVICE_ROW.endpoint)
    days = (MONTH[0], MONTH[1], None)
    given = tuple(Calls(word, 2, day) for word, day in zip(words, days, strict=True))
    found_calls = Joined(facts(counted=Counted(*MONTH, given))).calls["sv1"]
    assert (found_calls.count, found_calls.last) == (6, MONTH[1])


def test_called_service_of_an_unknown_dataset_is_found():
    """It names what the portal does not have; while nobody calls it that is no mismatch."""
    service = changed(SERVICE_ROW, serves=("truong", "lop"))
    assert [(f.reason, f.about) for f in found(service)] == [("unknown_dataset", "lop")]
    assert reasons(changed(service, lgsp_status=""), counted=NOT_CALLED) == []


def test_called_service_of_nothing_is_found():
    """It is called, and nobody knows for what."""
    assert reasons(changed(SERVICE_ROW, serves=())) == ["serves_nothing"]


def test_service_of_an_ambiguous_dataset_is_found():
    """Two datasets of that title: neither is taken."""
    twin = row(DATASET, "ds2", title=DATASET_ROW.title, source_system="DB001")
    service = changed(SERVICE_ROW, serves=(DATASET_ROW.title,))
    assert reasons(service, twin) == ["ambiguous_dataset"]


def test_equal_ids_of_two_sources_are_told_apart_by_the_source():
    """A service means the dataset of its own source."""
    twin = row(DATASET, "ds2", guid="truong", source="t", source_system="DB001")
    assert reasons(twin) == []


# -- no owner system -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "reason"),
    [("", "blank_system"), ("DB999", "unknown_system"), ("Tên của db1", "ambiguous_system")],
)
def test_dataset_whose_system_cannot_be_told_is_found(words, reason):
    """Nothing said, nothing of that name, or two of that title."""
    (finding,) = found(changed(DATASET_ROW, source_system=words), ANOTHER_SYSTEM)
    assert (finding.kind, finding.reason, finding.owner) == (Kind.NO_SYSTEM, reason, "so-ds1")
    assert finding.others == (("db1", "db2") if reason == "ambiguous_system" else ())


@pytest.mark.parametrize("words", ["DB001", "db1", "ten cua DB1"])
def test_system_is_known_by_id_name_or_title(words):
    """Titles are compared without case and marks."""
    assert reasons(changed(DATASET_ROW, source_system=words)) == []


def test_only_datasets_have_to_name_a_system():
    """A service may do without, and a system is part of another only if it says so."""
    assert reasons(changed(SERVICE_ROW, source_system="")) == []
    assert reasons(changed(SYSTEM_ROW, source_system="DB404")) == ["unknown_system"]
    assert reasons(changed(SYSTEM_ROW, source_system="DB001")) == []


# -- stale endpoint ------------------------------------------------------------------------------


def test_service_that_its_source_no_longer_lists_is_found():
    """Its office is told since when."""
    (finding,) = found(changed(SERVICE_ROW, gone_since=date(2026, 11, 1)))
    assert (finding.kind, finding.reason) == (Kind.STALE_ENDPOINT, "gone_endpoint")
    assert finding.words == {"day": "01/11/2026"}


def test_service_at_another_address_than_the_gateways_is_found():
    """An address is the same with another case of its host, or a slash at its end."""
    counted = Counted(*MONTH, (Calls("sv1", 3), Calls("gw1", 3)))
    listed = changed(LISTED, serves=("truong",), source="s")
    assert reasons(listed, counted=counted) == []
    moved = changed(listed, endpoint="https://lgsp.example.vn/truong/2.0")
    (finding,) = found(moved, counted=counted)
    assert (finding.reason, finding.subject, finding.others) == ("moved_endpoint", "sv1", ("gw1",))


def test_two_entries_of_the_gateway_with_its_title_are_found():
    """Which is meant cannot be told: no address is compared."""
    twins = [row(SERVICE, f"gw{n}", title=SERVICE_ROW.title, from_gateway=True) for n in (1, 2)]
    assert reasons(*twins) == ["ambiguous_endpoint"]


# -- wrong access class --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"pii_class": "sensitive"}, ["personal_open"]),
        ({"private": True}, ["decided_hidden"]),
        ({"publication_class": "khong"}, ["class_differs", "open_but_closed", "wider_service"]),
        ({"publication_class": "co_dieu_kien"}, ["class_differs", "wider_service"]),
        ({"sharing_level": "chuyen_nganh"}, ["level_differs"]),
    ],
)
def test_classes_that_do_not_fit_are_found(values, reason):
    """Within a record, against the service that gives it, and against the decision."""
    assert reasons(changed(DATASET_ROW, **values)) == reason


def test_narrower_service_is_no_mismatch():
    """A service may be open to fewer people than the dataset."""
    assert reasons(changed(SERVICE_ROW, publication_class="khong")) == []
    assert reasons(changed(SERVICE_ROW, publication_class="")) == []


def test_personal_data_that_is_not_public_is_no_mismatch():
    """The class says who gets it; a record that nobody decided on may be prepared unseen."""
    assert reasons(changed(DATASET_ROW, private=True), catalogues=()) == []
    closed = changed(DATASET_ROW, pii_class="basic", publication_class="co_dieu_kien")
    assert reasons(closed, catalogues=(), counted=Counted()) == ["wider_service"]


# -- no dictionary -------------------------------------------------------------------------------


def test_dataset_with_a_bare_table_is_found():
    """One of its two tables has no column that is an element."""
    (finding,) = found(changed(DATASET_ROW, undescribed=1))
    assert (finding.kind, finding.owner) == (Kind.NO_DICTIONARY, "so-ds1")
    assert finding.words == {"bare": "1", "tables": "2"}


# -- findings ------------------------------------------------------------------------------------


def test_finding_is_the_same_while_its_figures_change():
    """Words do not make another finding, another side does."""
    first, again = (
        found(counted=Counted(*MONTH, (*COUNTED.services, Calls("la", n))))[0] for n in (7, 8)
    )
    other = found(counted=Counted(*MONTH, (*COUNTED.services, Calls("khac", 7))))[0]
    assert first.key == again.key
    assert first.key != other.key
    assert first.words != again.words


def test_every_reason_is_told_in_both_languages():
    """No hole is left in a text; codes are told by their names."""
    broken = [
        changed(DATASET_ROW, publication_class="khong", pii_class="basic", undescribed=1),
        changed(SERVICE_ROW, gone_since=MONTH[0], serves=("truong", "lop")),
        ANOTHER_SYSTEM,
    ]
    names = {"cls": {"khong": Text("Không công khai", "Not public")}}
    for finding in found(*broken, counted=Counted(*MONTH, (Calls("sv", 3), Calls("la", 1)))):
        for text in describe(finding, CONFIG.words, names):
            assert text.vi
            assert text.en
            assert "{" not in text.vi + text.en
            assert "khong" not in text.vi.split()
