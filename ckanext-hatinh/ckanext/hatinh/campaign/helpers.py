"""Template helpers: words of the campaigns."""

from collections.abc import Mapping

import ckan.plugins.toolkit as tk

from ckanext.hatinh.campaign.forms import form
from ckanext.hatinh.shared.auditors import audits
from ckanext.hatinh.shared.editors import my_offices
from ckanext.hatinh.shared.refusals import language
from hatinh.report import Cell, Column
from hatinh.report.report import printed
from hatinh.text import Text

__all__ = [
    "hatinh_campaign_cell",
    "hatinh_campaign_part_state",
    "hatinh_campaign_standing",
    "hatinh_campaign_state",
    "hatinh_campaign_step",
    "hatinh_campaign_takes_part",
    "hatinh_campaign_words",
]


def hatinh_campaign_takes_part() -> bool:
    """Whether campaigns are shown to the person who looks."""
    return bool(my_offices()) or audits(tk.current_user.name)


def hatinh_campaign_state(state: str) -> str:
    """Name of a state of a campaign."""
    return _say(form().states[state])


def hatinh_campaign_part_state(state: str) -> str:
    """Name of a state of a part."""
    return _say(form().part_states[state])


def hatinh_campaign_standing(standing: str) -> str:
    """How a unit stands to its deadline."""
    return _say(form().standings[standing])


def hatinh_campaign_step(action: str) -> str:
    """Name of a step."""
    return _say(form().steps[action])


def hatinh_campaign_cell(cell: Cell | Text, column: Column) -> str:
    """A cell of a report as people write it; nothing as a dash."""
    return printed(cell, column, language(), official=True) or "–"


def hatinh_campaign_words(text: Text | Mapping[str, str]) -> str:
    """A text, or its JSON form, in the reader's language."""
    return _say(text if isinstance(text, Text) else Text(text["vi"], text.get("en") or ""))


def _say(text: Text) -> str:
    return text.said(language())
