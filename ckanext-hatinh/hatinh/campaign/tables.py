"""What the parts of a campaign are in a snapshot: plain tables, described in
``schemas/campaign_tables.yaml``."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hatinh.campaign.late import Line
from hatinh.campaign.model import WHOLE, Action, Part
from hatinh.campaign.snapshot import Plain
from hatinh.figures import Tables, columns_of
from hatinh.pack.pack import Table, Value


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file or an address that stands behind an answer; an address has no hash and no size."""

    id: int
    unit: str
    subject: str
    name: str
    size: int | None
    sha256: str


def plain(
    definitions: Tables, lines: Sequence[Line], before: str, evidence: Iterable[Evidence]
) -> list[Plain]:
    """The tables of a campaign's parts. Who took a step is not in them."""
    rows: dict[str, Iterable[Sequence[Value]]] = {
        "campaign_units": [_unit(line, before) for line in lines],
        "campaign_answers": [row for line in lines for row in _answers(line.part)],
        "campaign_evidence": [
            (item.id, item.unit, item.subject, item.name, item.size, item.sha256)
            for item in evidence
        ],
    }
    columns = columns_of(definitions)
    return [
        Plain(Table(name, columns[name], rows[name]), definitions[name].scope)
        for name in definitions
    ]


def _unit(line: Line, before: str) -> Sequence[Value]:
    part = line.part
    days = (part.last(Action.SUBMIT), line.signed)
    submitted, signed = (day.isoformat() if day else "" for day in days)
    name = part.unit.name
    return (
        part.unit.id, name.vi, name.en, part.position, part.state, line.standing,
        submitted, signed, before, line.days_late,
    )  # fmt: skip


def _answers(part: Part) -> Iterator[Sequence[Value]]:
    titles = {WHOLE: "", **{subject.id: subject.title for subject in part.subjects}}
    for subject, told in part.answers.items():
        for question, answer in told.items():
            if answer:
                yield part.unit.id, subject, titles.get(subject, ""), question, answer
