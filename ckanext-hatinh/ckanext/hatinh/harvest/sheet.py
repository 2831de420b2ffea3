"""The sheet of an inventory (bảng kiểm kê): what its columns seem to be, for a person to check."""

from dataclasses import asdict
from functools import lru_cache
from typing import Any

import schemas
from ckanext.hatinh.harvest.forms import field_label
from harvesters.errors import GarbledSourceError
from harvesters.http import Client
from harvesters.mapping import Labels, load_labels, propose_mapping, read_sheet
from harvesters.source import SourceConfig
from hatinh.errors import UnreadableTableError


def proposed(config: SourceConfig, client: Client) -> dict[str, Any]:
    """The columns of the sheet with what each is taken for, and the options that follow.

    Raises :class:`harvesters.errors.SourceError`.
    """
    response = client.bound_to(config).get(config.url)
    name = response.url.rsplit("/", 1)[-1]
    try:
        grid = read_sheet(name, response.body, str(config.options.get("sheet", "")))
    except UnreadableTableError as err:
        raise GarbledSourceError(config.name, response.url, err.why) from err
    found = propose_mapping(grid, _labels())
    return {
        "columns": [asdict(guess) for guess in found.guesses],
        "options": found.options,
        "missing": list(found.missing),
        "error": None,
    }


def fields() -> list[tuple[str, dict[str, str]]]:
    """What a column may hold, with its words, in the order of a select box."""
    return [(name, field_label(name).as_dict()) for name in _labels().names]


@lru_cache(maxsize=1)
def _labels() -> Labels:
    return load_labels(schemas.ROOT)
