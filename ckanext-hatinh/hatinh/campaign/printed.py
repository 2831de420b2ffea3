"""The two reports of a campaign, each with its addressees: a unit's, and the province's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from hatinh.campaign.form import SYSTEM, Deadline, Form, Question
from hatinh.campaign.late import Line, Standing
from hatinh.campaign.model import WHOLE, Action, Campaign, Part
from hatinh.campaign.tables import Evidence
from hatinh.report import Column, ColumnType, Report
from hatinh.report.official import Official
from hatinh.text import Text

_TITLE = Text("Báo cáo kiểm kê dữ liệu: {unit}", "Data inventory report: {unit}")
_PROVINCE = Text(
    "Báo cáo kiểm kê dữ liệu toàn tỉnh: {title}", "Data inventory of the province: {title}"
)
_TO = Text("Kính gửi: {names}", "To: {names}")
_BASIS = Text("Căn cứ: {basis}", "Under: {basis}")
_NUMBER = "Số: {}"
_DRAFT = Text("(Dự thảo, lãnh đạo chưa duyệt)", "(Draft, not signed off)")
_SIGNED = Text("Lãnh đạo đơn vị duyệt ngày {day}", "Signed off by the unit's leader on {day}")
_EVIDENCE = Text("Minh chứng: {name}{hash}", "Evidence: {name}{hash}")
_SNAPSHOT = Text(
    "Số liệu chốt ngày {day}; mã băm của bản chốt (SHA-256): {hash}",
    "Figures frozen on {day}; hash of the snapshot (SHA-256): {hash}",
)
_COUNTS = Text(
    "Đơn vị duyệt đúng hạn: {in_time}; muộn: {late}; chưa duyệt: {missing}",
    "Units that signed in time: {in_time}; late: {late}; not signed: {missing}",
)
_NOT_IN_TIME = Text("Chưa duyệt, hoặc duyệt muộn: {names}", "Not signed, or late: {names}")
_COLUMNS = (
    Column("tt", Text("TT", "No."), ColumnType.INTEGER),
    Column("subject", Text("Đối tượng", "Subject"), ColumnType.TEXT),
    Column("question", Text("Nội dung", "Question"), ColumnType.TEXT),
    Column("answer", Text("Trả lời", "Answer"), ColumnType.TEXT),
)


def unit_report(
    campaign: Campaign, part: Part, evidence: Iterable[Evidence], form: Form, official: Official
) -> Report:
    """What a unit reports to its three addressees. Until it is signed off, it says so."""
    name = part.unit.name
    rows = [
        (place, subject, question.text, _answer(question, told, form))
        for place, (subject, question, told) in enumerate(_asked(campaign.questions, part), 1)
    ]
    return Report(
        id=f"{campaign.number}-{part.unit.id}",
        title=_said(_TITLE, unit=name),
        columns=_COLUMNS,
        rows=rows,
        generated_at=(part.steps or campaign.steps)[-1].at,
        preamble=(*_addressed(form, form.units), _standing(part)),
        notes=tuple(_note(item) for item in evidence),
        official=_numbered(official, part.letter),
    )


def province_report(
    campaign: Campaign, ranking: Report, lines: Sequence[Line], form: Form, hash_: str
) -> Report:
    """What the province reports to its three addressees: the ranking on the snapshot, and who
    was late. The ranking has the head and foot of an official document."""
    frozen = next(step.at for step in campaign.steps if step.action is Action.FREEZE)
    counted = {s: sum(line.standing is s for line in lines) for s in Standing}
    late = [line.part.unit.name for line in lines if line.standing is not Standing.IN_TIME]
    return replace(
        ranking,
        id=f"{campaign.number}-toan-tinh",
        title=_said(_PROVINCE, title=campaign.title),
        generated_at=frozen,
        preamble=tuple(_addressed(form, form.province)),
        official=_numbered(ranking.official, campaign.letter),
        notes=(
            *ranking.notes,
            _said(
                _COUNTS,
                in_time=counted[Standing.IN_TIME],
                late=counted[Standing.LATE],
                missing=counted[Standing.MISSING] + counted[Standing.DUE],
            ),
            *([_said(_NOT_IN_TIME, names=_joined(late, "; "))] if late else []),
            _said(_SNAPSHOT, day=_day(frozen.date()), hash=hash_),
        ),
    )


def _asked(
    questions: Sequence[Question], part: Part
) -> Iterable[tuple[Text, Question, Mapping[str, str]]]:
    places = [(WHOLE, part.unit.name), *((s.id, Text(s.title)) for s in part.subjects)]
    for id_, title in places:
        for question in questions:
            if (question.about == SYSTEM) is bool(id_):
                yield title, question, part.answers.get(id_, {})


def _answer(question: Question, told: Mapping[str, str], form: Form) -> Text:
    value = told.get(question.id, "")
    return form.choices.get(value, Text(value))


def _standing(part: Part) -> Text:
    signed = part.last(Action.SIGN)
    return _said(_SIGNED, day=_day(signed)) if signed else _DRAFT


def _numbered(official: Official | None, letter: str) -> Official | None:
    """Head and foot with the number of the letter, once it is known."""
    return replace(official, number=_NUMBER.format(letter)) if official and letter else official


def _addressed(form: Form, deadline: Deadline) -> Iterable[Text]:
    yield _said(_TO, names=_joined(deadline.addressees, "; "))
    yield _said(_BASIS, basis=form.basis)


def _note(item: Evidence) -> Text:
    return _said(_EVIDENCE, name=item.name, hash=f" (SHA-256: {item.sha256})" * bool(item.sha256))


def _joined(names: Iterable[Text], between: str) -> Text:
    listed = list(names)
    return Text(
        between.join(name.vi for name in listed),
        between.join(name.en or name.vi for name in listed),
    )


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _said(words: Text, **values: object) -> Text:
    """The words with their values, of which a :class:`Text` stands in its own language."""
    vi = {name: v.vi if isinstance(v, Text) else v for name, v in values.items()}
    en = {name: (v.en or v.vi) if isinstance(v, Text) else v for name, v in values.items()}
    return Text(words.vi.format(**vi), words.en.format(**en))
