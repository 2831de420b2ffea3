"""Reminders before a deadline: to each unit that has not signed off, and to the steward.

Each goes out once, by e-mail to the editors of the office that answers. A reminder is noted before
its letters go out: rather one letter lost than two sent.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import ckan.plugins.toolkit as tk
from ckan import model as core

from ckanext.hatinh.campaign import model
from ckanext.hatinh.campaign.campaigns import lines
from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.campaign.roles import offices, steward
from ckanext.hatinh.shared.letters import write_to_editors
from ckanext.hatinh.shared.vocabulary import today
from hatinh.campaign import PartState, State, reminder

EVERY = 3600.0
"""Seconds between two looks of the data worker."""

PROVINCE = ""
"""Stands for the unit where the province's own report is due."""

SUBJECT = "Nhắc hạn kiểm kê dữ liệu: {title}"
AHEAD = "Phải được lãnh đạo duyệt trước ngày {before} (còn {left} ngày):"
PAST = "Phải được lãnh đạo duyệt trước ngày {before}, nay đã quá hạn:"
FOOT = "\n\nMời vào: {url}\n\nThư này do Cổng dữ liệu mở tỉnh Hà Tĩnh gửi tự động."
REPORT = "Báo cáo kiểm kê của tỉnh"


@dataclass(frozen=True, slots=True)
class Due:
    """What one office is reminded of: some of its units, by id and name, and the days left."""

    campaign: model.InventoryCampaign
    office: str
    units: Mapping[str, str]
    before: date
    days: int
    left: int


def send(day: date | None = None) -> int:
    """Send what is due and was not sent; gives the number of letters. Commits before each."""
    sent = 0
    for due in list(_due(day or today())):
        number = due.campaign.number
        noted = {unit for unit in due.units if model.remind(number, unit, due.days)}
        core.Session.commit()
        if noted:
            subject = SUBJECT.format(title=due.campaign.title["vi"])
            write_to_editors(due.office, subject, _body(due, noted))
            sent += 1
    return sent


def _due(day: date) -> Iterator[Due]:
    for row in model.campaigns(State.OPEN, State.FROZEN):
        told = model.reminded(row.number)
        if row.state == State.OPEN:
            yield from _units_due(row, told, day)
        before = row.province_before
        days = reminder(before, day, form().remind_days, told.get(PROVINCE, ()))
        if days is not None:
            left = (before - day).days
            yield Due(row, steward(), {PROVINCE: REPORT}, before, days, left)


def _units_due(
    row: model.InventoryCampaign, told: Mapping[str, set[int]], day: date
) -> Iterator[Due]:
    """By office, for one answers for many communes while they have none of their own."""
    before = row.units_before
    waiting = {
        line.part.unit.id: line.part.unit
        for line in lines(row)
        if line.part.state is not PartState.SIGNED
    }
    office = offices(waiting)
    found: dict[tuple[str, int], dict[str, str]] = {}
    for id_, unit in waiting.items():
        days = reminder(before, day, form().remind_days, told.get(id_, ()))
        if days is not None:
            found.setdefault((office[id_], days), {})[id_] = unit.name.vi
    for (name, days), units in found.items():
        yield Due(row, name, units, before, days, (before - day).days)


def _body(due: Due, noted: Collection[str]) -> str:
    words = AHEAD if due.left > 0 else PAST
    text = words.format(before=f"{due.before:%d/%m/%Y}", left=due.left)
    listed = "".join(f"\n- {name}" for unit, name in due.units.items() if unit in noted)
    url = tk.url_for("hatinh_campaign.campaign", number=due.campaign.number, _external=True)
    return text + listed + FOOT.format(url=url)
