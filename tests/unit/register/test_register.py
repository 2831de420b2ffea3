"""Coverage, the tree, and files of calls."""

from datetime import date

import pytest
from registry import DATASET_ROW, SERVICE_ROW, SYSTEM_ROW, changed, facts, row

from hatinh.register import (
    SYSTEM,
    CallCount,
    Joined,
    Node,
    coverage,
    grow,
    is_approved,
    read_calls,
)

TODAY = date(2026, 11, 22)
APPROVED = "Chủ tịch UBND tỉnh, Quyết định 12/QĐ-UBND ngày 03/02/2026"


# -- coverage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "approval", "expected"),
    [
        ("Cơ yếu", APPROVED, True),
        ("Cơ yếu", "Chủ tịch, 2026-02-03", True),
        ("", APPROVED, False),
        ("Cơ yếu", "", False),
        ("Cơ yếu", "Chủ tịch UBND tỉnh", False),
        ("Cơ yếu", "03/02/2026", False),
        ("Cơ yếu", "Chủ tịch, 31/02/2026", False),
        ("Cơ yếu", "Chủ tịch, 01/01/2030", False),
        ("Cơ yếu", "ngày 03/02/2026", False),
        ("Cơ yếu", "Đang chờ UBND tỉnh phê duyệt (trình ngày 03/02/2026)", False),
        ("Cơ yếu", "Theo Tờ trình 5/TTr-SKHCN, UBND tỉnh đồng ý ngày 03/02/2026", True),
    ],
)
def test_exception_needs_reason_approver_and_day(reason, approval, expected):
    """A day that is none, or to come, approves nothing; neither do words of hope."""
    assert is_approved(reason, approval, TODAY) is expected


def test_coverage_is_connected_by_all_without_approved_exceptions():
    """1 of 4, of which one is excused: 1 of 3. A claim without approval does not help."""
    systems = [
        row(SYSTEM, "a", lgsp_status="active", exception="Cơ yếu", approval=APPROVED),
        row(SYSTEM, "b", exception="Cơ yếu", approval=APPROVED),
        row(SYSTEM, "c", exception="Cơ yếu", lgsp_status="process"),
        row(SYSTEM, "d"),
    ]
    found = coverage(systems, "active", TODAY)
    assert (found.connected, found.exceptions, found.claimed) == (("a",), ("b",), ("c",))
    assert (found.denominator, found.percent) == (3, 33.3)


def test_coverage_of_nothing_has_no_figure():
    """No system, or only excused ones: not 0 and not 100 per cent."""
    assert coverage([], "active", TODAY).percent is None
    excused = [row(SYSTEM, "b", exception="Cơ yếu", approval=APPROVED)]
    assert coverage(excused, "active", TODAY).percent is None


# -- the tree ------------------------------------------------------------------------------------


def shape(node: Node) -> dict:
    """A node as names."""
    return {
        node.system.id: [shape(part) for part in node.parts],
        "datasets": {b.dataset.id: [s.id for s in b.services] for b in node.datasets},
        "services": [service.id for service in node.services],
    }


def test_tree_goes_from_system_to_database_to_dataset_to_service():
    """A database says of which system it is part; a service stands below the dataset it gives."""
    database = row(SYSTEM, "db2", guid="DB002", source_system="DB001")
    dataset = changed(DATASET_ROW, source_system="DB002")
    (root,) = grow(Joined(facts(database, dataset)))
    inner = {"db2": [], "datasets": {"ds1": ["sv1"]}, "services": []}
    assert shape(root) == {"db1": [inner], "datasets": {}, "services": ["sv1"]}


def test_hidden_system_hides_nothing_below_it():
    """What may be seen of it stands at the top."""
    database = row(SYSTEM, "db2", guid="DB002", source_system="DB001")
    found = grow(Joined(facts(database)), lambda row: row.id != "db1")
    assert [node.system.id for node in found] == ["db2"]


def test_ring_of_systems_is_shown_once():
    """Two that are part of each other, and one that is part of itself."""
    ring = [
        changed(SYSTEM_ROW, source_system="DB002"),
        row(SYSTEM, "db2", guid="DB002", source_system="DB001"),
        row(SYSTEM, "db3", guid="DB003", source_system="DB003"),
    ]
    found = [node.system.id for root in grow(Joined(facts(*ring))) for node in root.walk()]
    assert sorted(found) == ["db1", "db2", "db3"]


def test_service_listed_by_its_systems_title_belongs_to_it():
    """The gateway's list names systems, with any case and marks."""
    listed = changed(SERVICE_ROW, source_system="", serves=(), title="TEN CUA DB1")
    (root,) = grow(Joined(facts(listed)))
    assert [service.id for service in root.services] == ["sv1"]


# -- calls ---------------------------------------------------------------------------------------

FILE = """Dịch vụ;Ngày;Số lượt gọi;Ghi chú
sv;31/10/2026;1.234;
sv;2026-11-01;0;không gọi
la;2026-10;12;cả tháng

"""


def test_calls_are_read_as_they_are_written_here():
    """Vietnamese numbers and days, a whole month on its last day, any order of columns."""
    counts, problems = read_calls(FILE.encode("utf-8-sig"), TODAY)
    assert problems == []
    assert counts == [
        CallCount("sv", date(2026, 10, 31), 1234),
        CallCount("sv", date(2026, 11, 1), 0),
        CallCount("la", date(2026, 10, 31), 12),
    ]
    turned = "count,service,day\n5,sv,2026-10-01\n"
    assert read_calls(turned.encode(), TODAY)[0] == [CallCount("sv", date(2026, 10, 1), 5)]


@pytest.mark.parametrize(
    ("line", "code", "path"),
    [
        (",01/10/2026,1", "calls-service-missing", "$.rows[2].service"),
        ("sv,30/02/2026,1", "calls-day-unreadable", "$.rows[2].day"),
        ("sv,hôm qua,1", "calls-day-unreadable", "$.rows[2].day"),
        ("sv,2026-11,1", "calls-day-to-come", "$.rows[2].day"),
        ("sv,01/10/2026,", "calls-count-wrong", "$.rows[2].count"),
        ("sv,01/10/2026,-1", "calls-count-wrong", "$.rows[2].count"),
        ('sv,01/10/2026,"1,5"', "calls-count-wrong", "$.rows[2].count"),
        (f"sv,01/10/2026,{'9' * 400}", "calls-count-wrong", "$.rows[2].count"),
        ("sv", "calls-day-unreadable", "$.rows[2].day"),
        ("dau,2026-10-02,7", "calls-twice", "$.rows[2].service"),
    ],
)
def test_wrong_row_is_told_with_its_place(line, code, path):
    """The other rows are read all the same."""
    content = f"service,day,calls\ndau,02/10/2026,1\n{line}\ncuoi,03/10/2026,2\n"
    counts, problems = read_calls(content.encode(), TODAY)
    assert (code, path) in [(problem.code, problem.path) for problem in problems]
    assert [found.service for found in counts] == ["dau", "cuoi"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "calls-unreadable"),
        (b"\xff\xfe", "calls-unreadable"),
        ("dịch vụ,ngày\n".encode(), "calls-column-missing"),
        (b"service,day,count\n" + b'"' + b"x" * 200_000, "calls-unreadable"),
    ],
)
def test_file_that_is_none_is_told(content, code):
    """No count is taken from it."""
    counts, problems = read_calls(content, TODAY)
    assert counts == []
    assert [problem.code for problem in problems] == [code]
