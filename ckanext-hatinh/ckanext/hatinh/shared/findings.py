"""What was found in files, from whoever reads them to the plugin that keeps it."""

from collections.abc import Callable

from hatinh.quality import FileEvidence

SCORED = "hatinh_scored"
"""Key of a context in which a record comes with its score: it need not be scored again."""

_keepers: list[Callable[[str, FileEvidence], None]] = []


def keep(resource_id: str, found: FileEvidence) -> None:
    """Have kept, in the open transaction, what was found in a file; nothing where nobody does."""
    for keeper in _keepers:
        keeper(resource_id, found)


def kept_by(keeper: Callable[[str, FileEvidence], None]) -> None:
    """Give findings to this function from now on."""
    _keepers[:] = [keeper]
