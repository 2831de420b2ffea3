"""The quality of a record in six dimensions: đúng, đủ, sạch, sống, thống nhất, dùng chung.

    Evidence + Formula ──measure()──▶ Score(dimensions, total, band, losses)

Every point that is missing from 100 is a :class:`Loss` with its rule and place.
"""

from hatinh.quality.evidence import Evidence, ResourceEvidence
from hatinh.quality.formula import Formula, load_formula
from hatinh.quality.freshness import UpdateState, update_state
from hatinh.quality.openness import open_level
from hatinh.quality.score import Loss, Score, measure

__all__ = [
    "Evidence",
    "Formula",
    "Loss",
    "ResourceEvidence",
    "Score",
    "UpdateState",
    "load_formula",
    "measure",
    "open_level",
    "update_state",
]
