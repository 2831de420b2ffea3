"""Names that nothing bears now but that belong to a record for ever; for whoever gives names."""

from collections.abc import Callable, Collection, Mapping

Owners = Mapping[str, str]
"""The id of the record that a name belongs to, by the name."""

CHECKED = "hatinh_names_checked"
"""Key of a context in which names were looked up beforehand, many at a time."""

_readers: list[Callable[[Collection[str]], Owners]] = []


def owners(names: Collection[str]) -> Owners:
    """Those of some names that belong to a record; nothing where no plugin keeps them."""
    return _readers[0](names) if _readers else {}


def read_from(reader: Callable[[Collection[str]], Owners]) -> None:
    """Ask this function for the owners from now on."""
    _readers[:] = [reader]
