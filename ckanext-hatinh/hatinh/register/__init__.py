"""The register: systems, their databases, datasets and services, and what does not fit together."""

from hatinh.register.calls import CallCount, read_calls
from hatinh.register.coverage import Coverage, coverage, is_approved
from hatinh.register.joins import Index, Joined
from hatinh.register.model import (
    DATASET,
    SERVICE,
    SYSTEM,
    Calls,
    Catalogue,
    Counted,
    Facts,
    Finding,
    Kind,
    Row,
    Rules,
)
from hatinh.register.printed import printed
from hatinh.register.rules import reconcile
from hatinh.register.texts import Config, Words, describe, load_config
from hatinh.register.tree import Branch, Node, grow

__all__ = [
    "DATASET",
    "SERVICE",
    "SYSTEM",
    "Branch",
    "CallCount",
    "Calls",
    "Catalogue",
    "Config",
    "Counted",
    "Coverage",
    "Facts",
    "Finding",
    "Index",
    "Joined",
    "Kind",
    "Node",
    "Row",
    "Rules",
    "Words",
    "coverage",
    "describe",
    "grow",
    "is_approved",
    "load_config",
    "printed",
    "read_calls",
    "reconcile",
]
