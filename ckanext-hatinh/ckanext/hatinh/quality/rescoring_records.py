"""Records and their evidence as they stand in the database, many in one statement."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.hatinh.quality.model_due import KINDS
from ckanext.hatinh.quality.model_evidence import read
from ckanext.hatinh.shared.mapping import from_package, theme_group
from ckanext.hatinh.shared.vocabulary import dictionary
from hatinh.dataset import Dataset
from hatinh.dictionary.model import CodeList
from hatinh.errors import SchemaError
from hatinh.quality import Evidence, KeptEvidence

log = logging.getLogger(__name__)

UNREADABLE = (SchemaError, KeyError, TypeError, ValueError)
"""What reading a row raises that nobody could have stored through the portal."""

IN_JSON = ("title_translated", "notes_translated", "places")
"""Fields that the database holds as JSON in a text."""

_RECORDS = """
SELECT p.id, p.type, p.title, p.notes, p.license_id, p.extras, g.name AS organization,
    (SELECT jsonb_agg(jsonb_build_object('id', r.id, 'url', r.url, 'format', r.format,
            'stored', coalesce(r.url_type, '') = 'upload') ORDER BY r.position)
        FROM resource r WHERE r.package_id = p.id AND r.state = 'active') AS files,
    (SELECT jsonb_agg(t.name ORDER BY t.name) FROM member m JOIN "group" t ON t.id = m.group_id
        WHERE m.table_id = p.id AND m.table_name = 'package' AND m.state = 'active'
            AND NOT t.is_organization AND t.state = 'active') AS themes,
    (SELECT jsonb_agg(t.name ORDER BY t.name) FROM package_tag l JOIN tag t ON t.id = l.tag_id
        WHERE l.package_id = p.id AND l.state = 'active') AS tags,
    e.problems, e.files AS found
FROM package p
LEFT JOIN "group" g ON g.id = p.owner_org
LEFT JOIN hatinh_quality_evidence e ON e.package_id = p.id
WHERE p.id = ANY(:ids) AND p.state = 'active' AND p.type = ANY(:kinds)
ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Record:
    """One record with what was found in it."""

    id: str
    dataset: Dataset
    kept: KeptEvidence
    files: Sequence[tuple[str, bool]]

    def evidence(self, day: date) -> Evidence:
        """What it is scored from on a day."""
        return self.kept.evidence(self.dataset, self.files, day)

    @property
    def updated(self) -> date | None:
        """The day from which its period runs."""
        return self.dataset.modified or self.dataset.issued


def records(ids: Sequence[str]) -> Iterator[Record]:
    """Those of some records that are there; one that cannot be read is told of and left out."""
    found = model.Session.execute(sa.text(_RECORDS), {"ids": [*ids], "kinds": [*KINDS]})
    themes = dictionary().code_lists["themes"]
    groups = frozenset(theme_group(theme.code, themes) for theme in themes)
    for row in found.mappings().all():
        try:
            yield _record(row, themes, groups)
        except UNREADABLE:
            log.exception("Record %s cannot be scored", row["id"])


def _record(row: Any, themes: CodeList, groups: frozenset[str]) -> Record:
    files = row["files"] or []
    return Record(
        id=row["id"],
        dataset=from_package(_package(row, groups), themes),
        kept=read(row["problems"] or [], row["found"] or {}),
        files=[(file["id"], file["stored"]) for file in files],
    )


def _package(row: Any, groups: frozenset[str]) -> dict[str, Any]:
    """The package dict, with those fields that a score looks at."""
    extras: Mapping[str, str] = row["extras"] or {}
    parsed = {name: json.loads(extras[name]) for name in IN_JSON if extras.get(name)}
    texts = {
        "title_translated": parsed.get("title_translated") or {"vi": row["title"]},
        "notes_translated": parsed.get("notes_translated") or {"vi": row["notes"]},
        "places": parsed.get("places") or [],
        "spatial": None,
    }
    return {
        **extras,
        **texts,
        "id": row["id"],
        "type": row["type"],
        "license_id": row["license_id"],
        "owner_org": row["organization"] or "",
        "groups": [{"name": name} for name in row["themes"] or () if name in groups],
        "tags": [{"name": name} for name in row["tags"] or ()],
        "resources": [
            {"id": file["id"], "url": file["url"] or "", "format": file["format"]}
            for file in row["files"] or ()
        ],
    }
