"""Inventory campaigns (đợt kiểm kê dữ liệu): parts, deadlines, the snapshot and its packs."""

from hatinh.campaign.form import SYSTEM, UNIT, Deadline, Form, Question, load_form
from hatinh.campaign.late import Line, Standing, register, reminder
from hatinh.campaign.model import (
    WHOLE,
    Action,
    Answers,
    Campaign,
    Part,
    PartState,
    State,
    Step,
    Subject,
    unit_dict,
    unit_from,
)
from hatinh.campaign.printed import province_report, unit_report
from hatinh.campaign.snapshot import Kept, Plain, Snapshot, fingerprint, freeze, program
from hatinh.campaign.tables import Evidence, plain
from hatinh.campaign.units import Unit, units
from hatinh.campaign.words import figure_of, kept

__all__ = [
    "SYSTEM",
    "UNIT",
    "WHOLE",
    "Action",
    "Answers",
    "Campaign",
    "Deadline",
    "Evidence",
    "Form",
    "Kept",
    "Line",
    "Part",
    "PartState",
    "Plain",
    "Question",
    "Snapshot",
    "Standing",
    "State",
    "Step",
    "Subject",
    "Unit",
    "figure_of",
    "fingerprint",
    "freeze",
    "kept",
    "load_form",
    "plain",
    "program",
    "province_report",
    "register",
    "reminder",
    "unit_dict",
    "unit_from",
    "unit_report",
    "units",
]
