"""Why records that were public are withdrawn; every plugin that takes some out of sight says so."""

from enum import StrEnum


class Cause(StrEnum):
    """Given as ``cause`` to the hooks of ``package_delete``."""

    PERSON = "person"
    SOURCE = "source"
    ROLLBACK = "rollback"
    UNSTATED = "unstated"
