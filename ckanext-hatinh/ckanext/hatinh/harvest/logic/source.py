"""Actions on sources: the list for everybody, making and trying them for their officers."""

import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.authz import is_sysadmin
from ckan.types import Context, DataDict

from ckanext.hatinh.harvest import forms, health, secrets, sheet, shown, sources, trial
from ckanext.hatinh.harvest.access import among, looks_after
from ckanext.hatinh.harvest.logic import schema
from ckanext.hatinh.harvest.model.source import HarvestSource, any_source, find_source, live_sources
from ckanext.hatinh.harvest.page import in_language
from ckanext.hatinh.shared.parameters import checked
from harvesters.address import RefusedAddressError, host_and_port
from harvesters.errors import SourceError
from harvesters.plan import Approval, Policy
from hatinh.errors import SchemaError
from hatinh.text import slug

log = logging.getLogger(__name__)

PLAIN = (
    "title", "url", "owner", "defaults", "options", "schedule", "policy", "local_fields",
    "approval", "active",
)  # fmt: skip
"""What is taken over as it is given."""


@tk.side_effect_free
def hatinh_source_list(context: Context, data_dict: DataDict) -> list[dict[str, Any]]:
    """Every source: ``name``, ``kind``, ``title``, ``owner``, ``active``, ``health``, ``last_run``.

    Officers see more of the sources of their office. Parameter: ``owner``, only its sources.
    """
    tk.check_access("hatinh_source_list", context, data_dict)
    asked = checked(data_dict, schema.source_list())
    found = [s for s in live_sources() if asked.get("owner") in (None, s.owner)]
    states = health.of_sources({source.name: source.next_run for source in found})
    mine = among(_user(context), (source.owner for source in found))
    return [
        shown.whole_source(source, states[source.name])
        if source.owner in mine
        else shown.public_source(source, states[source.name])
        for source in found
    ]


@tk.side_effect_free
def hatinh_source_show(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """One source; what is public of it to those who do not look after it. Parameter: ``id``."""
    tk.check_access("hatinh_source_show", context, data_dict)
    source = _source(checked(data_dict, schema.by_id())["id"])
    state = health.of_sources({source.name: source.next_run})[source.name]
    if looks_after(_user(context), source.owner):
        return shown.whole_source(source, state)
    return shown.public_source(source, state)


def hatinh_source_create(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Make a source. Parameters: ``kind``, ``title``, ``url``, ``owner`` and, if wanted, ``name``
    and the settings of :func:`hatinh_source_update`.

    It is not active until it is said to be, and may be incomplete until then. A name that was ever
    given to a source stays taken: identifiers made from it may exist.
    """
    asked = checked(data_dict, schema.source_create())
    tk.check_access("hatinh_source_create", context, asked)
    name = asked.pop("name", "") or _free_name(asked["title"]["vi"])
    if any_source(name):
        raise tk.ValidationError({"name": [tk._("There is a source of this name already")]})
    source = HarvestSource(
        name=name, kind=asked["kind"], origin="page", active=False,
        allow_private=False, url="", owner=asked["owner"], title={}, defaults={}, options={},
        secrets="", schedule="", policy=Policy.SOURCE_WINS, local_fields=[],
        approval=Approval.GUARD,
        visited={}, state="live",
    )  # fmt: skip
    model.Session.add(source)
    return _store(context, source, asked, "made")


def hatinh_source_update(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Change a source. Parameters: ``id``, and whatever of ``title``, ``url``, ``owner``,
    ``allow_private`` (sysadmins), ``defaults``, ``options``, ``secrets``, ``schedule``, ``policy``,
    ``local_fields``, ``approval``, ``active`` is to be another.

    When the source leads to another server, its secrets must be given anew and the permission
    for the internal network lapses: neither may follow an address that somebody else chose.
    """
    asked = checked(data_dict, schema.source_update())
    tk.check_access("hatinh_source_update", context, asked)
    source = _source(asked["id"])
    if source.origin == "file":
        words = tk._("This source is kept in the portal's file of sources and changed only there")
        raise tk.ValidationError({"id": [words]})
    return _store(context, source, asked, "changed")


def hatinh_source_delete(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a source out of use and forget its secrets; its datasets stay. Parameter: ``id``."""
    tk.check_access("hatinh_source_delete", context, data_dict)
    source = _source(checked(data_dict, schema.by_id())["id"])
    if source.origin == "file":
        words = tk._("This source is kept in the portal's file of sources and changed only there")
        raise tk.ValidationError({"id": [words]})
    sources.retire(source)
    source.secrets = ""
    model.Session.commit()
    log.info("Source %s taken out of use by %s", source.name, _user(context))
    return {"name": source.name}


def hatinh_source_test(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Call a source: ``ok``, ``steps`` (``name``, ``title``, ``ok``: true, false, or null when it
    was not reached) and ``error``, a problem with its reason and mend. Parameter: ``id``."""
    tk.check_access("hatinh_source_test", context, data_dict)
    source = _source(checked(data_dict, schema.by_id())["id"])
    config, client = _config(source), trial.patient_client()
    if source.kind == "inventory" and not source.options.get("columns"):
        found = trial.test(config, lambda: len(sheet.proposed(config, client)["columns"]))
        return shown.tested(found)
    if fault := shown.not_yet(source):
        steps = [{"name": s.name, "title": s.title.as_dict(), "ok": None} for s in forms.steps()]
        return {"ok": False, "steps": steps, "error": fault}
    return shown.tested(trial.test(config, lambda: len(trial.drafts(config, client, 1))))


def hatinh_source_preview(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Read the first 20 records and judge them; nothing is written, no file is fetched.

    Gives ``records`` (``guid``, ``title``, ``taken``, ``problems``), ``counts`` (``taken``,
    ``remarks``, ``refused``) and ``error`` when the source cannot be read. Parameter: ``id``.
    """
    tk.check_access("hatinh_source_preview", context, data_dict)
    source = _source(checked(data_dict, schema.by_id())["id"])
    config = _config(source)
    if fault := shown.not_yet(source):
        return {"records": [], "counts": trial.tally(()), "error": fault}
    try:
        records = trial.preview(config, trial.patient_client())
    except (SourceError, SchemaError) as err:
        fault = shown.problem(trial.as_fault(config, err).as_dict())
        return {"records": [], "counts": trial.tally(()), "error": fault}
    shown_records = [shown.previewed(record) for record in records]
    return {"records": shown_records, "counts": trial.tally(records), "error": None}


def hatinh_source_mapping(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Read the sheet of an inventory and propose what its columns mean; nothing is written.

    Gives ``columns`` (``label``, ``name``, ``confidence``, ``reason``, ``sample``), ``options``
    ready for the source, ``missing`` and ``error``. Parameter: ``id``.
    """
    tk.check_access("hatinh_source_mapping", context, data_dict)
    source = _source(checked(data_dict, schema.by_id())["id"])
    if source.kind != "inventory":
        raise tk.ValidationError({"id": [tk._("Only an inventory sheet has columns to map")]})
    config = sources.without_secrets(source)
    try:
        return sheet.proposed(config, trial.patient_client())
    except (SourceError, SchemaError) as err:
        fault = shown.problem(trial.as_fault(config, err).as_dict())
        return {"columns": [], "options": {}, "missing": [], "error": fault}


# -- storing ----------------------------------------------------------------------------------


def _store(
    context: Context, source: HarvestSource, asked: Mapping[str, Any], what: str
) -> dict[str, Any]:
    before = set(_servers(source.url, source.options)) if source.url else set()
    for name in PLAIN:
        if name in asked:
            setattr(source, name, asked[name])
    moved = not set(_servers(source.url, source.options)) <= before
    _allow_private(context, source, asked, moved)
    _seal(source, asked.get("secrets", {}), moved)
    _check_whole(source)
    now = datetime.now(UTC)
    source.modified = now
    sources.plan_next(source, now)
    model.Session.commit()
    log.info("Source %s %s by %s", source.name, what, _user(context))
    return hatinh_source_show(context, {"id": source.name})


def _allow_private(
    context: Context, source: HarvestSource, asked: Mapping[str, Any], moved: bool
) -> None:
    """The internal network is opened by sysadmins only, and for the servers that they saw."""
    if is_sysadmin(_user(context)):
        source.allow_private = asked.get("allow_private", source.allow_private)
        return
    source.allow_private = source.allow_private and not moved
    if asked.get("allow_private") and not source.allow_private:
        model.Session.rollback()
        words = tk._("Only administrators of the portal open the internal network to a source")
        raise tk.ValidationError({"allow_private": [words]})
    if asked.get("allow_private") is False:
        source.allow_private = False


def _seal(source: HarvestSource, given: Mapping[str, str], moved: bool) -> None:
    try:
        kept = {} if moved else secrets.open_(source.secrets)
        source.secrets = secrets.seal(secrets.renewed(kept, given))
    except SchemaError as err:
        model.Session.rollback()
        log.warning("Secrets of %s cannot be kept: %s", source.name, err)
        words = tk._("The portal has no key for keeping secrets; tell its administrator")
        raise tk.ValidationError({"secrets": [words]}) from err


def _check_whole(source: HarvestSource) -> None:
    """An active source must be complete."""
    if source.active and (faults := shown.faults(source)):
        model.Session.rollback()
        raise tk.ValidationError({"active": [in_language(fault) for fault in faults]})


def _servers(base: str, *values: Any) -> Iterator[str]:
    """Every ``host:port`` that the address of a source, or one in its options, leads to."""
    for value in (base, *values):
        if isinstance(value, Mapping):
            yield from _servers(base, *value.values())
        elif isinstance(value, list | tuple):
            yield from _servers(base, *value)
        elif isinstance(value, str) and "//" in value:
            try:
                yield host_and_port(urljoin(base, value))
            except (RefusedAddressError, ValueError):
                yield value


def _free_name(title: str) -> str:
    base = slug(title, 80) or "nguon"
    names = (base, *(f"{base}-{number}" for number in range(2, 1000)))
    return next(name for name in names if not any_source(name))


def _config(source: HarvestSource) -> Any:
    try:
        return sources.config_of(source)
    except SchemaError as err:
        log.warning("Source %s cannot be opened: %s", source.name, err)
        return sources.without_secrets(source)


def _source(name: str) -> HarvestSource:
    found = find_source(name)
    if found is None:
        raise tk.ObjectNotFound(tk._("No such source: {name}").format(name=name))
    return found


def _user(context: Context) -> str:
    return context.get("user") or ""
