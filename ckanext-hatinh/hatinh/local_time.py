"""The time zone of the province (giờ Việt Nam)."""

from zoneinfo import ZoneInfo

LOCAL_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
