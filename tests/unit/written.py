"""Tables of tests as files, so that they are read like those that are sent."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str | None]]) -> BytesIO:
    """A table as CSV in UTF-8; ``None`` is a blank cell."""
    out = StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return BytesIO(out.getvalue().encode())
