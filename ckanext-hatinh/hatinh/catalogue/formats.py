"""Formats of files: their media type, and their entry in the EU's table of file types."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
OWN_TYPE = "https://data.hatinh.gov.vn/def/formats/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"

_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}", re.ASCII)


@dataclass(frozen=True)
class FileFormat:
    """One format: ``CSV``, ``text/csv``, and its code in the EU's table."""

    name: str
    media_type: str
    file_type: str


def load_formats(file: Path) -> Mapping[str, FileFormat]:
    """The formats of ``file_formats.csv``, by name."""
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        return {
            row["format"]: FileFormat(row["format"], row["media_type"], row["file_type"])
            for row in rows
        }


def format_iri(name: str, formats: Mapping[str, FileFormat]) -> str:
    """The address of a format: the EU's, or one of ours for a format that is not in its table."""
    known = formats.get(name.upper())
    return FILE_TYPE + known.file_type if known else OWN_TYPE + quote(name, safe="")


def media_type(said: str) -> str:
    """A media type without its parameters; empty when it is none."""
    bare = said.partition(";")[0].strip().lower()
    return bare if _TYPE.fullmatch(bare) else ""
