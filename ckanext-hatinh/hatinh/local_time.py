"""The time zone of the province (giờ Việt Nam)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


def local_day(moment: datetime | str) -> date:
    """The day in the province of a moment that CKAN keeps in UTC, without saying so."""
    found = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return found.replace(tzinfo=UTC).astimezone(LOCAL_TIME).date()
