"""An edition as CSV: one table of elements, one of code lists, one of codes."""

import csv
import io
import zipfile

from hatinh.dictionary.attributes import Attributes, edition_flags
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.workbook_form import cells, flag, things
from hatinh.report.guard import inert


def table(edition: Edition, sheet: str, attributes: Attributes) -> bytes:
    """One table (``elements``, ``code_lists``, ``codes``): RFC 4180, UTF-8 with its mark.

    The header holds the keys of ``schemas/attributes.yaml``; the last column is the notice.
    """
    form = attributes.sheets[sheet]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*(column.key for column in form.columns), "notice"])
    for thing in things(edition, sheet):
        row = [*cells(thing, form), flag(thing, attributes.guide)]
        writer.writerow(map(inert, row))
    return out.getvalue().encode("utf-8-sig")


def zipped_tables(edition: Edition, attributes: Attributes) -> bytes:
    """The three tables and a text that says what they are. Equal editions give equal bytes."""
    notices = [f"{w.vi}\r\n{w.en}" for w in edition_flags(edition, attributes.guide)]
    about = "\r\n".join((f"{edition.number} · {edition.date:%d/%m/%Y} · {edition.owner}", *notices))
    files = {"about.txt": about.encode("utf-8-sig")}
    files |= {f"{sheet}.csv": table(edition, sheet, attributes) for sheet in attributes.sheets}
    day = edition.date
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            archive.writestr(info, body, zipfile.ZIP_DEFLATED)
    return out.getvalue()
