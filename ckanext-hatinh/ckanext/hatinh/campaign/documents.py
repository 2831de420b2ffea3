"""Head and foot of the reports of a campaign."""

from datetime import date
from functools import lru_cache

import schemas
from ckanext.hatinh.shared.vocabulary import organizations
from hatinh.report.official import Official, OfficialForm, load_official
from hatinh.text import Text


def official(issuer: str, name: Text, day: date, *, province: bool = False) -> Official:
    """Head and foot of a report of an office (its slug and name) on a day."""
    known = organizations().get(issuer, day)
    short = known.other_names[0] if known and known.other_names else name.vi
    code = "".join(letter for letter in short if letter.isupper())
    return _form().filled(name.vi, code, day, province=province)


@lru_cache(maxsize=1)
def _form() -> OfficialForm:
    return load_official(schemas.ROOT / "figures" / "official.yaml")
