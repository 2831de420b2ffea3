"""The versions of the formula of the score that this process works with."""

from functools import lru_cache

import schemas
from hatinh.quality import Formulas, load_formulas


@lru_cache(maxsize=1)
def formulas() -> Formulas:
    """Every version; ``formulas().on(day)`` is the one in force."""
    return load_formulas(schemas.ROOT)
