"""What templates ask of the harvest."""

from datetime import datetime

from ckanext.hatinh.harvest.model.run import last_success

__all__ = ["hatinh_last_harvest"]


def hatinh_last_harvest() -> datetime | None:
    """End of the latest run that completed, of whichever source."""
    return last_success()
