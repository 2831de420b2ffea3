"""The problems of a run, by cause (nguyên nhân): what, how often, an example, and the mend."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.harvest import shown
from ckanext.hatinh.harvest.model.outcome import HarvestOutcome
from ckanext.hatinh.harvest.model.run import HarvestRun
from hatinh.local_time import LOCAL_TIME
from hatinh.report.report import Column, ColumnType, Report
from hatinh.text import Text

GROUPS = sa.text("""
    SELECT found ->> 'code' AS code, found ->> 'severity' AS severity,
           count(DISTINCT position) AS records, sum((found ->> 'count')::bigint) AS places,
           (array_agg(found ORDER BY position))[1] AS example,
           (array_agg(title ORDER BY position))[1] AS title,
           (array_agg(guid ORDER BY position))[1] AS guid
      FROM hatinh_harvest_outcome, jsonb_array_elements(problems) AS found
     WHERE run_id = :run
     GROUP BY 1, 2
     ORDER BY found ->> 'severity' <> 'error', count(DISTINCT position) DESC, 1
""")

COLUMNS = tuple(
    Column(name, Text(vi, en), ColumnType.TEXT)
    for name, vi, en in (
        ("title", "Bản ghi", "Record"),
        ("guid", "Mã", "Code"),
        ("outcome", "Kết quả", "Outcome"),
        ("severity", "Mức độ", "Severity"),
        ("reason", "Vấn đề", "Problem"),
        ("place", "Vị trí", "Place"),
        ("value", "Giá trị", "Value"),
        ("mend", "Cách sửa", "What to do"),
        ("problem", "Mã vấn đề", "Problem code"),
    )
)
OUTCOMES = {
    "created": Text("Thêm mới", "New"),
    "updated": Text("Cập nhật", "Updated"),
    "unchanged": Text("Không đổi", "Unchanged"),
    "rejected": Text("Bị từ chối", "Refused"),
    "gone": Text("Không còn ở nguồn", "No longer at the source"),
    "conflict": Text("Xung đột", "Conflict"),
    "restored": Text("Khôi phục", "Restored"),
    "archived": Text("Đã lưu trữ", "Archived"),
}
SEVERITIES = {"error": Text("Lỗi", "Error"), "warning": Text("Cảnh báo", "Warning")}


def grouped(run_id: str) -> list[dict[str, Any]]:
    """The causes, refusals first, the most frequent first: ``code``, ``severity``, ``records``,
    ``places``, and an ``example`` with ``title``, ``guid``, ``reason``, ``mend`` and ``place``."""
    found = model.Session.execute(GROUPS, {"run": run_id}).mappings()
    return [
        {
            "code": row["code"],
            "severity": row["severity"],
            "records": row["records"],
            "places": int(row["places"]),
            "example": shown.problem(row["example"]) | {"title": row["title"], "guid": row["guid"]},
        }
        for row in found
    ]


def report(run: HarvestRun, title: Text, now: datetime) -> Report:
    """Every problem of a run as a table for downloading."""
    rows = [
        _row(Text(title or guid), guid, action, shown.problem(stored))
        for title, guid, action, stored in told(run.id)
    ]
    count = len(rows)
    return Report(
        id="problems",
        title=Text(
            f"Vấn đề của nguồn: {title.vi}", f"Problems of the source: {title.en or title.vi}"
        ),
        columns=COLUMNS,
        rows=rows,
        totals=(Text(f"Tổng số: {count}", f"Total: {count}"), *[None] * (len(COLUMNS) - 1)),
        generated_at=now.astimezone(LOCAL_TIME),
    )


def told(run_id: str) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Every problem of a run in the source's order: title, guid and outcome of its record, and the
    problem as it is stored."""
    query = (
        sa.select(
            HarvestOutcome.title, HarvestOutcome.guid, HarvestOutcome.action,
            HarvestOutcome.problems,
        )
        .where(HarvestOutcome.run_id == run_id)
        .where(sa.func.jsonb_array_length(HarvestOutcome.problems) > 0)
        .order_by(HarvestOutcome.position)
    )  # fmt: skip
    for title, guid, action, problems in model.Session.execute(query):
        for stored in problems:
            yield title, guid, action, stored


def _row(title: Text, guid: str, action: str, told: dict[str, Any]) -> tuple[Any, ...]:
    reason, mend, place = (Text(**told[name]) for name in ("reason", "mend", "place"))
    outcome, severity = OUTCOMES[action], SEVERITIES[told["severity"]]
    return title, guid, outcome, severity, reason, place, told["value"], mend, told["code"]
