"""The table of evidence: what was found in each record and its files, to score it again from."""

from collections.abc import Collection, Mapping
from typing import Any

import ckan.plugins.toolkit as tk
import msgspec
import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ckanext.hatinh.quality import model_due
from hatinh.problem import Problem
from hatinh.quality import FileEvidence, KeptEvidence


class QualityEvidence(tk.BaseModel):
    """The evidence of one record (căn cứ chấm điểm)."""

    __tablename__ = "hatinh_quality_evidence"

    package_id: Mapped[str] = mapped_column(
        sa.ForeignKey("package.id", ondelete="CASCADE"), primary_key=True
    )
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    files: Mapped[dict[str, Any]] = mapped_column(JSONB)


_SAVE = """
INSERT INTO hatinh_quality_evidence (package_id, problems, files)
SELECT package_id, problems, files FROM jsonb_to_recordset(CAST(:rows AS jsonb))
    AS given(package_id text, problems jsonb, files jsonb)
ORDER BY package_id
ON CONFLICT (package_id) DO UPDATE SET problems = excluded.problems, files = excluded.files
"""
_SAVE_FILE = """
INSERT INTO hatinh_quality_evidence AS kept (package_id, problems, files)
SELECT r.package_id, '[]', jsonb_build_object(r.id, CAST(:file AS jsonb))
FROM resource r WHERE r.id = :id
ON CONFLICT (package_id) DO UPDATE SET files = excluded.files || (
    SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}')
    FROM jsonb_each(kept.files) f JOIN resource r ON r.id = f.key
    WHERE r.package_id = kept.package_id AND r.state = 'active' AND r.id <> :id)
RETURNING package_id
"""


def of_packages(package_ids: Collection[str]) -> dict[str, KeptEvidence]:
    """The evidence of those of some records that have any, by package id."""
    row = QualityEvidence
    query = sa.select(row.package_id, row.problems, row.files)
    found = model.Session.execute(query.where(row.package_id.in_(package_ids)))
    return {id_: read(problems, files) for id_, problems, files in found}


def save(given: Mapping[str, KeptEvidence]) -> None:
    """Keep what was found in whole records, in the open transaction; two statements.

    Of a file whose bytes are the same, what the loader found stays: it knows the elements that
    people gave to the columns, and nobody asks it to read the file again.
    """
    former = of_packages(given)
    rows = [
        {"package_id": id_, **_stored(_merged(former.get(id_, KeptEvidence()), evidence))}
        for id_, evidence in given.items()
    ]
    if rows:
        model.Session.execute(sa.text(_SAVE), {"rows": msgspec.json.encode(rows).decode()})


def save_file(resource_id: str, found: FileEvidence) -> None:
    """Keep what was found in one file, and have its record scored, in the open transaction."""
    written = msgspec.json.encode(found.as_dict()).decode()
    given = {"id": resource_id, "file": written}
    package = model.Session.scalar(sa.text(_SAVE_FILE), given)
    if package is not None:
        model_due.note_all([package], model_due.Task.SCORE)


def read(problems: list[dict[str, Any]], files: Mapping[str, Any]) -> KeptEvidence:
    """Evidence from its JSON form."""
    return KeptEvidence(
        tuple(map(Problem.from_dict, problems)),
        {id_: FileEvidence.from_dict(stored) for id_, stored in files.items()},
    )


def _merged(former: KeptEvidence, fresh: KeptEvidence) -> KeptEvidence:
    files = {
        id_: old if (old := former.files.get(id_)) and old.outlives(found) else found
        for id_, found in fresh.files.items()
    }
    return KeptEvidence(fresh.problems, files)


def _stored(evidence: KeptEvidence) -> dict[str, Any]:
    return {
        "problems": [problem.as_dict() for problem in evidence.problems],
        "files": {id_: found.as_dict() for id_, found in evidence.files.items()},
    }
