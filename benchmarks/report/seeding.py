"""A large catalogue in little time: some records made by the portal, the rest copied by SQL.

The models are made by ``package_create`` and scored by the portal, with different offices,
themes, periods, ages, licences and forms of files. A copy differs from its model by its id,
its name and its office. Copies are not in the search index: nothing that is measured searches.
"""

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.hatinh.shared.vocabulary import today

MODELS = 200
PREFIX = "bench-report"

PERIODS = ("ngay", "tuan", "thang", "quy", "nam", "khi_phat_sinh")
LICENCES = ("CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0")
FORMS = ("CSV", "XLSX", "PDF", "JSON", "GeoJSON")
CLASSES = ("cong_khai", "khong")

OF_PACKAGE = ("resource", "package_tag")
"""Tables whose rows belong to a package by ``package_id`` and have an id of their own."""
OF_SCORE = ("hatinh_quality_score", "hatinh_quality_evidence")
"""Tables with one row for a package."""

_PROBLEMS = """
UPDATE hatinh_quality_score SET problems = (
    SELECT jsonb_agg(jsonb_build_object('code', code, 'severity', 'error', 'count', n,
        'path', '$.resources[0].rows[' || n || '].x')) FROM unnest(ARRAY[
        'value-required', 'value-type', 'value-not-in-list', 'value-duplicate']) WITH ORDINALITY
        AS p(code, n)
) WHERE problems = '[]'
"""

_USE = """
INSERT INTO hatinh_use_day (package_id, day, views, downloads, calls)
SELECT package_id, date_trunc('month', current_date) - make_interval(months => back), 7, 3, 1
FROM hatinh_quality_score, generate_series(0, 11) back ON CONFLICT DO NOTHING
"""

_ID = "md5({id} || '-' || k)::uuid::text"


def grow(count: int) -> None:
    """Have so many records, the models among them; every one is scored as its model is."""
    models = _models()
    there = model.Session.scalar(sa.text("SELECT count(*) FROM package WHERE state = 'active'"))
    first, last = (there or 0) // len(models), count // len(models)
    if last > first:
        for statement in _copying():
            given = {"models": models, "first": first, "last": last - 1}
            model.Session.execute(sa.text(statement), given)
    model.Session.commit()
    with model.Session.get_bind().engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(sa.text("ANALYZE"))


def models() -> list[str]:
    """The ids of the records that the portal has made."""
    query = sa.text("SELECT id FROM package WHERE name ~ :name ORDER BY name")
    return list(model.Session.scalars(query, {"name": f"^{PREFIX}-[0-9]+$"}))


def change(share: float, seed: int = 1) -> list[str]:
    """Take the licence off this share of the copies; gives their ids."""
    query = sa.text(
        "UPDATE package SET license_id = '' WHERE id IN (SELECT id FROM package"
        " WHERE name ~ :copies AND license_id <> '' ORDER BY md5(id || :seed)"
        " LIMIT (SELECT ceil(count(*) * :share) FROM package WHERE state = 'active'))"
        " RETURNING id"
    )
    found = list(
        model.Session.scalars(
            query, {"share": share, "seed": str(seed), "copies": f"^{PREFIX}-[0-9]+-"}
        )
    )
    model.Session.commit()
    return found


def burden() -> None:
    """Give every record problems of its values and a year of use: what a snapshot keeps most of."""
    for statement in (_PROBLEMS, _USE, "ANALYZE"):
        model.Session.execute(sa.text(statement))
    model.Session.commit()


def busiest() -> str:
    """The name of the office with the most records."""
    query = sa.text(
        'SELECT g.name FROM package p JOIN "group" g ON g.id = p.owner_org'
        " GROUP BY g.name ORDER BY count(*) DESC, g.name LIMIT 1"
    )
    return model.Session.scalars(query).one()


def _models() -> list[str]:
    for number in range(len(models()), MODELS):
        _make(number, random.Random(number))  # a catalogue, not a secret
    return models()


def _make(number: int, chance: random.Random) -> None:
    made = today() - timedelta(chance.randrange(800))
    files = [
        {
            "url": f"https://so.example.vn/{number}/{at}",
            "format": chance.choice(FORMS),
            "name_translated": {"vi": f"Tệp {at}"},
        }
        for at in range(chance.randrange(4))
    ]
    given: dict[str, Any] = {
        "name": f"{PREFIX}-{number}",
        "title_translated": {"vi": f"Bộ dữ liệu số {number}"},
        "notes_translated": {"vi": "Số liệu theo xã, phường. " * chance.randrange(1, 20)},
        "owner_org": chance.choice(_names("organization")),
        "groups": [{"name": chance.choice(_names("group"))}],
        "tags": [{"name": f"từ khoá {tag}"} for tag in range(chance.randrange(5))],
        "private": number % 10 == 0,
        "license_id": chance.choice(LICENCES),
        "frequency": chance.choice(PERIODS),
        "modified": made.isoformat(),
        "publication_class": CLASSES[number % 10 == 0],
        "sharing_level": "mo",
        "pii_class": "none",
        "importance_class": "khac",
        "data_layer": "tong_hop",
        "legal_basis": "Kế hoạch 731/KH-UBND",
        "contact": "Phòng Kế hoạch",
        "resources": files,
    }
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tk.get_action("package_create")(Context(user=user, ignore_auth=True), given)


def _names(kind: str) -> list[str]:
    query = sa.text(
        "SELECT name FROM \"group\" WHERE type = :kind AND state = 'active' ORDER BY name"
    )
    return list(model.Session.scalars(query, {"kind": kind}))


def _copying() -> list[str]:
    """Statements that copy the models for each k from ``first`` to ``last``."""
    office = (
        "(SELECT o.ids[1 + (abs(hashtext(m.id || k)) % array_length(o.ids, 1))] FROM"
        ' (SELECT array_agg(id ORDER BY id) ids FROM "group"'
        " WHERE is_organization AND state = 'active') o)"
    )
    copied = {"id": _ID.format(id="m.id"), "name": "m.name || '-' || k"}
    package = _ID.format(id="m.package_id")
    member = {"id": _ID.format(id="m.id"), "table_id": _ID.format(id="m.table_id")}
    return [
        _copy("package", "m.id = ANY(:models)", {**copied, "owner_org": office}),
        *(
            _copy(
                table,
                "m.package_id = ANY(:models)",
                {"id": _ID.format(id="m.id"), "package_id": package},
            )
            for table in OF_PACKAGE
        ),
        _copy("member", "m.table_id = ANY(:models) AND m.table_name = 'package'", member),
        *(
            _copy(table, "m.package_id = ANY(:models)", {"package_id": package})
            for table in OF_SCORE
        ),
        _copy(
            "hatinh_quality_history",
            "m.package_id = ANY(:models)",
            {"package_id": package},
            without=("id",),
        ),
    ]


def _copy(table: str, which: str, other: Mapping[str, str], without: tuple[str, ...] = ()) -> str:
    """A statement that copies rows of a table with other values in some columns."""
    found = model.Session.scalars(
        sa.text(
            "SELECT column_name FROM information_schema.columns WHERE table_name = :table"
            " AND table_schema = 'public' AND is_generated = 'NEVER' ORDER BY ordinal_position"
        ),
        {"table": table},
    )
    columns = [name for name in found if name not in without]
    values = ", ".join(other.get(name, f'm."{name}"') for name in columns)
    named = ", ".join(f'"{name}"' for name in columns)
    return (
        f'INSERT INTO "{table}" ({named}) SELECT {values} FROM "{table}" m,'
        f" generate_series(CAST(:first AS int), CAST(:last AS int)) k WHERE k > 0 AND {which}"
    )
