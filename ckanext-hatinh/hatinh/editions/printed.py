"""An edition as the provincial form: a report that CSV, XLSX, DOCX and PDF are written from."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from hatinh.editions.annulment import Annulment
from hatinh.editions.form import SENT, Form
from hatinh.editions.model import Edition, Entry
from hatinh.report.report import Cell, Column, ColumnType, Report
from hatinh.text import Text


def shown_fields(entry: Entry, sent: date | None) -> Mapping[str, str]:
    """The fields of an entry with the day on which its edition was sent."""
    return {**entry.fields, SENT: f"{sent:%d/%m/%Y}" if sent else ""}


def printed(
    edition: Edition,
    form: Form,
    sent: date | None,
    *,
    paper: bool = False,
    annulled: Annulment | None = None,
) -> Report:
    """The table of an edition: a number and the fields of each entry, on paper fewer of them.

    The entries stand in Vietnamese, as the decision has them. An annulled edition says so.
    """
    fields = form.paper if paper else tuple(form.fields)
    return Report(
        id=edition.kind,
        title=form.kinds[edition.kind].title,
        columns=(
            Column("tt", form.ordinal, ColumnType.INTEGER),
            *(Column(name, form.fields[name], ColumnType.TEXT) for name in fields),
        ),
        rows=[
            _cells(place, shown_fields(entry, sent), fields)
            for place, entry in enumerate(edition.entries, 1)
        ],
        generated_at=_moment(edition),
        preamble=(_act(edition, form), *([_end(annulled, form)] if annulled else ())),
        notes=(form.unverified,),
    )


def _cells(place: int, values: Mapping[str, str], fields: Sequence[str]) -> tuple[Cell | Text, ...]:
    return (place, *(values.get(name, "") for name in fields))


def _moment(edition: Edition) -> datetime:
    """When the content became what it is: the files of an issued edition never change by it."""
    return edition.steps[-1].at


def _act(edition: Edition, form: Form) -> Text:
    if edition.decided is None:
        return form.draft
    return _said(form.annexed, edition.decision, edition.decided)


def _end(annulled: Annulment, form: Form) -> Text:
    return _said(form.annulled, annulled.decision, annulled.decided)


def _said(words: Text, decision: str, day: date | None) -> Text:
    values = {"decision": decision, "day": f"{day:%d/%m/%Y}" if day else ""}
    return Text(words.vi.format(**values), words.en.format(**values))
