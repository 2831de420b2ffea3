"""Editions of the legal catalogues (danh mục dữ liệu mở, danh mục dữ liệu dùng chung)."""

from hatinh.editions.annulment import (
    Annulment,
    AnnulmentState,
    Standing,
    asking_refusals,
    confirming_refusals,
    standing,
)
from hatinh.editions.difference import Change, Difference, difference
from hatinh.editions.entry import Names, Record, entry_of
from hatinh.editions.form import Form, Kind, load_form
from hatinh.editions.model import Action, Edition, Entry, State, Step, fingerprint
from hatinh.editions.package import bundle
from hatinh.editions.printed import printed, shown_fields
from hatinh.editions.subjects import Subject, SubjectState, load_subjects, state_of

__all__ = [
    "Action",
    "Annulment",
    "AnnulmentState",
    "Change",
    "Difference",
    "Edition",
    "Entry",
    "Form",
    "Kind",
    "Names",
    "Record",
    "Standing",
    "State",
    "Step",
    "Subject",
    "SubjectState",
    "asking_refusals",
    "bundle",
    "confirming_refusals",
    "difference",
    "entry_of",
    "fingerprint",
    "load_form",
    "load_subjects",
    "printed",
    "shown_fields",
    "standing",
    "state_of",
]
