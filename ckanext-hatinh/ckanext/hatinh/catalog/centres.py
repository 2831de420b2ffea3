"""Where a place lies: the centre of an administrative unit in force, as a point in WKT."""

import csv
from functools import lru_cache

import schemas
from hatinh.dictionary.model import Code


def centre(unit: Code) -> str:
    """``POINT(longitude latitude)`` in WGS 84; empty where no centre is known."""
    since = unit.valid_from.isoformat() if unit.valid_from else ""
    return _centres().get((unit.code, since), "")


@lru_cache(maxsize=1)
def _centres() -> dict[tuple[str, str], str]:
    file = schemas.ROOT / "admin_unit_centres.csv"
    with file.open(encoding="utf-8", newline="") as stream:
        return {
            (row["code"], row["valid_from"]): f"POINT({row['lon']} {row['lat']})"
            for row in csv.DictReader(stream)
        }
