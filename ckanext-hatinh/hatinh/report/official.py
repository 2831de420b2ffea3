"""What makes a report an administrative document (văn bản hành chính; REQ-82, 88): head and foot.

The words are Vietnamese whatever the language of the report: it is the form of the State.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError


@dataclass(frozen=True, slots=True)
class Official:
    """Head and foot, ready to be printed. ``superior`` may be empty."""

    country: str
    motto: str
    superior: str
    issuer: str
    number: str
    place_and_day: str
    kind: str
    recipients_label: str
    recipients: tuple[str, ...]
    signer: str
    signer_note: str


@dataclass(frozen=True, slots=True)
class OfficialForm:
    """The form that is filled in for an office and a day; ``consolidates`` issues for all."""

    words: Mapping[str, Any]

    @property
    def consolidates(self) -> str:
        """The office that reports for the whole province, by its slug."""
        return self.words["consolidates"]

    def filled(self, issuer: str, code: str, day: date, *, province: bool) -> Official:
        """For an office, named in full and by its short name, and a day.

        A day below 10 and the months 1 and 2 have a zero before them, as the form asks.
        """
        words = self.words
        month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
        recipients = words["recipients"]["province" if province else "unit"]
        superior = words["superior"]
        return Official(
            country=words["country"],
            motto=words["motto"],
            superior="" if issuer.upper() == superior else superior,
            issuer=issuer.upper(),
            number=words["number"].format(code=code),
            place_and_day=words["place_and_day"].format(
                day=f"{day.day:02d}", month=month, year=day.year
            ),
            kind=words["kind"],
            recipients_label=words["recipients_label"],
            recipients=(*(f"- {name};" for name in recipients), f"- {words['archive']}"),
            signer=words["signer"],
            signer_note=words["signer_note"],
        )


def load_official(path: Path) -> OfficialForm:
    """Read the form. Raises :class:`SchemaError` when a word of it is missing."""
    try:
        form = OfficialForm(yaml.safe_load(path.read_text(encoding="utf-8")))
        for province in (False, True):
            form.filled("", "", date(2026, 1, 1), province=province)
        _ = form.consolidates
    except (AttributeError, KeyError, TypeError, OSError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    return form
