"""The quality of a record in six dimensions: đúng, đủ, sạch, sống, thống nhất, dùng chung.

    KeptEvidence + Dataset + day ─▶ Evidence
    Evidence + Formula ──measure()──▶ Score(dimensions, total, band, losses)

Every point that is missing from 100 is a :class:`Loss` with its rule and place.
"""

from hatinh.quality.evidence import Evidence, ResourceEvidence
from hatinh.quality.formula import Formula, Formulas, load_formula, load_formulas
from hatinh.quality.freshness import UpdateState, next_move, update_state
from hatinh.quality.kept import FileEvidence, KeptEvidence, of_table, set_apart
from hatinh.quality.openness import open_level
from hatinh.quality.score import (
    ColumnLoss,
    ColumnScore,
    Loss,
    Score,
    measure,
    measure_columns,
    measure_files,
)

__all__ = [
    "ColumnLoss",
    "ColumnScore",
    "Evidence",
    "FileEvidence",
    "Formula",
    "Formulas",
    "KeptEvidence",
    "Loss",
    "ResourceEvidence",
    "Score",
    "UpdateState",
    "load_formula",
    "load_formulas",
    "measure",
    "measure_columns",
    "measure_files",
    "next_move",
    "of_table",
    "open_level",
    "set_apart",
    "update_state",
]
