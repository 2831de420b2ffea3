"""When a source is read, said in words."""

from datetime import UTC, datetime

import pytest

from harvesters import schedule
from harvesters.schedule import ScheduleError


@pytest.mark.parametrize(
    ("cron", "vi", "en"),
    [
        ("0 2 * * *", "Hằng ngày lúc 02:00", "Every day at 02:00"),
        ("30 13 * * 1", "Hằng tuần vào thứ Hai lúc 13:30", "Every Monday at 13:30"),
        ("0 2 * * 7", "Hằng tuần vào Chủ nhật lúc 02:00", "Every Sunday at 02:00"),
        ("0 2 * * 1-5", "Hằng tuần từ thứ Hai đến thứ Sáu, lúc 02:00", "Monday to Friday at 02:00"),
        ("5 3 1 * *", "Hằng tháng vào ngày 1, lúc 03:05", "On day 1 of every month at 03:05"),
        ("0 0 2 9 *", "Hằng năm vào ngày 2 tháng 9, lúc 00:00",
         "Every year on day 2 of month 9 at 00:00"),
        ("7 * * * *", "Mỗi giờ một lần, vào phút 07", "Every hour at minute 07"),
        ("0 */6 * * *", "Cứ 6 giờ một lần, vào phút 00", "Every 6 hours at minute 00"),
        ("*/20 * * * *", "Cứ 20 phút một lần", "Every 20 minutes"),
        ("0 2,14 * * *", "Theo lịch riêng (0 2,14 * * *)",
         "By a schedule of its own (0 2,14 * * *)"),
        ("", "Không đặt lịch; chỉ chạy khi có người bấm nút",
         "No schedule; runs only when somebody starts it"),
    ],
)  # fmt: skip
def test_schedule_is_a_sentence(cron: str, vi: str, en: str) -> None:
    """The usual forms of cron are told as people say them, the others as they are."""
    assert schedule.explain(cron) == (vi, en)


@pytest.mark.parametrize(
    "cron", ["x", "0 2 * *", "0 2 * * * *", "61 2 * * *", "0 0 30 2 *", "* * * * *", "*/5 * * * *"]
)
def test_schedule_that_cannot_be_kept_is_refused(cron: str) -> None:
    """No cron, a day that never comes, or too often: each is told in both languages."""
    with pytest.raises(ScheduleError) as refused:
        schedule.check(cron)
    assert all(refused.value.words)


def test_offered_schedules_can_be_kept() -> None:
    """What the form offers is accepted, and told in words of its own."""
    offered = schedule.choices()
    for choice in offered:
        schedule.check(choice.cron)
    assert len({choice.words for choice in offered}) == len(offered)


def test_next_time_is_that_of_the_province() -> None:
    """Two in the morning in Hà Tĩnh is seven in the evening before in UTC."""
    after = datetime(2026, 11, 22, 10, tzinfo=UTC)
    due = schedule.next_time("0 2 * * *", after)
    assert due == datetime(2026, 11, 22, 19, tzinfo=UTC)
    assert schedule.next_time("", after) is None
