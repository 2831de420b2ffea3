"""ckanapi carries the catalogue into an empty portal, and nothing of it is lost on the way."""

import io
import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckanapi import LocalCKAN
from ckanapi.cli.dump import dump_things_worker
from ckanapi.cli.load import load_things_worker

from ckanext.hatinh.harvest.config import load

SOURCES = Path(__file__).parents[2] / "config" / "sources.yaml"
CARRIED = ("so-gddt-kiem-ke", "so-nnmt-csw", "lgsp-danh-muc-dich-vu", "so-khcn-he-thong")
"""Sources that bring records of all kinds, with files, tables, places and outlines."""

THINGS = {
    "organizations": ("organization_list", "organization_show"),
    "groups": ("group_list", "group_show"),
    "datasets": ("package_list", "package_show"),
}
OF_THE_PORTAL = (
    # When this portal made them. What the publisher says of time (issued, modified), and when a
    # record was changed last, is carried.
    r"/(organizations|groups)/[^/]+/created", r"/datasets/[^/]+/organization/created",
    r"/datasets/[^/]+/metadata_created", r"/datasets/[^/]+/resources/\d+/metadata_modified",
    # Accounts are no part of a catalogue: whoever loads has created it.
    r"/datasets/[^/]+/creator_user_id",
    # CKAN knows tags by their names.
    r"/datasets/[^/]+/tags/\d+/id",
)  # fmt: skip
"""What each portal has of its own, and CKAN's actions show. Scores are not in them: each portal
measures for itself."""

NO_OPTIONS = {
    "--insecure": False, "--include-users": False, "--datastore-fields": False,
    "--resource-views": False, "--create-only": False, "--update-only": False,
    "--upload-resources": False, "--upload-logo": False,
}  # fmt: skip


@pytest.mark.usefixtures("demo_url")
def test_catalogue_dumped_and_loaded_is_the_same_catalogue(
    harvest: Callable[..., Any], site_user: str
) -> None:
    """Organisations, themes and records of all kinds, loaded where there is none of them."""
    sources = {source.name: source for source in load(SOURCES, os.environ)}
    for name in CARRIED:
        harvest(sources[name])
    before = catalogue(site_user)
    kinds = {record["type"] for record in before["datasets"].values()}
    assert kinds == {"dataset", "system", "dataservice"}
    lines = {thing: dumped(thing, before[thing], site_user) for thing in THINGS}
    empty()
    assert not any(catalogue(site_user).values())
    for thing, body in lines.items():
        assert loaded_into(thing, body, site_user) == []
    after = catalogue(site_user)
    assert list(differences(before, after)) == []


def catalogue(user: str) -> dict[str, dict[str, Any]]:
    """Everything as its action shows it, by kind of thing and name."""
    model.Session.rollback()
    found: dict[str, dict[str, Any]] = {}
    for thing, (listing, show) in THINGS.items():
        names = tk.get_action(listing)({"user": user}, {})
        found[thing] = {name: tk.get_action(show)({"user": user}, {"id": name}) for name in names}
    return found


def dumped(thing: str, names: Iterable[str], user: str) -> list[bytes]:
    """What ``ckanapi dump`` writes."""
    asked = "".join(f"{json.dumps(name)}\n" for name in names).encode()
    out = io.BytesIO()
    dump_things_worker(LocalCKAN(username=user), thing, NO_OPTIONS, io.BytesIO(asked), out)
    replies = [json.loads(line) for line in out.getvalue().splitlines()]
    assert {error for _, error, _ in replies} == {None}
    return [json.dumps(record).encode() for _, _, record in replies]


def loaded_into(thing: str, lines: Iterable[bytes], user: str) -> list[Any]:
    """What ``ckanapi load`` does with it; gives what was refused or not made anew."""
    given, out = io.BytesIO(b"\n".join(lines) + b"\n"), io.BytesIO()
    load_things_worker(LocalCKAN(username=user), thing, NO_OPTIONS, given, out)
    replies = [json.loads(line) for line in out.getvalue().splitlines()]
    return [rest for _, *rest in replies if rest[:2] != ["create", None]]


def empty() -> None:
    """Take every record, theme and organisation away, as if they had never been."""
    model.Session.rollback()
    tables = 'package, "group", tag, hatinh_permanent_tombstone, hatinh_permanent_name'
    model.Session.execute(sa.text(f"TRUNCATE {tables} CASCADE"))
    model.Session.commit()
    model.Session.remove()
    search.clear_all()


def differences(before: Any, after: Any, path: str = "") -> Iterable[str]:
    """Where two catalogues differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            yield from differences(before.get(key), after.get(key), f"{path}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{path}/{number}")
    elif before != after and not any(re.fullmatch(own, path) for own in OF_THE_PORTAL):
        yield f"{path}: {before!r} → {after!r}"
