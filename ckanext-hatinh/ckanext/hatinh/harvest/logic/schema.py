"""What the actions accept. Wrong values are told in the words of the person's language."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Schema

from ckanext.hatinh.harvest.page import in_language
from ckanext.hatinh.shared.parameters import number
from harvesters import schedule
from harvesters.address import RefusedAddressError, host_and_port
from harvesters.config import SLUG
from harvesters.fields import CANONICAL
from harvesters.plan import OUTCOMES, Approval, Policy
from harvesters.registry import ADAPTERS
from hatinh.text import clean

MOST_RUNS = 100
MOST_RECORDS = 1000


# -- values -----------------------------------------------------------------------------------


def source_name(value: Any) -> str:
    """Accept the name of a source that is to be made."""
    if not SLUG.fullmatch(str(value)) or len(str(value)) > 100:
        raise tk.Invalid(tk._("Use small letters a-z, digits and single hyphens"))
    return str(value)


def titles(value: Any) -> dict[str, str]:
    """Accept a title in Vietnamese, and in English if there is one."""
    words = value if isinstance(value, dict) else {"vi": value}
    found = {lang: clean(words.get(lang) or "") for lang in ("vi", "en")}
    if not found["vi"]:
        raise tk.Invalid(tk._("Give the source a name in Vietnamese"))
    return {lang: text for lang, text in found.items() if text}


def address(value: Any) -> str:
    """Accept an address that may be called at all; where it leads is judged at each call."""
    try:
        host_and_port(str(value).strip())
    except RefusedAddressError as err:
        raise tk.Invalid(
            tk._("Give an address that begins with http:// or https:// ({fault})").format(fault=err)
        ) from err
    return str(value).strip()


def office(value: Any) -> str:
    """Accept the name or id of an organisation, and give its name."""
    found = model.Group.get(str(value))
    if found is None or not found.is_organization or found.state != "active":
        raise tk.Invalid(tk._("There is no office {name}").format(name=value))
    return found.name


def cron(value: Any) -> str:
    """Accept a schedule, or none."""
    text = " ".join(str(value or "").split())
    try:
        schedule.check(text)
    except schedule.ScheduleError as err:
        raise tk.Invalid(in_language(err.words)) from err
    return text


def an_object(value: Any) -> dict[str, Any]:
    """Accept names with values."""
    if not isinstance(value, dict):
        raise tk.Invalid(tk._("Must be an object"))
    return {str(name): item for name, item in value.items()}


def canonical_object(value: Any) -> dict[str, Any]:
    """Accept fields of a dataset with values."""
    given = an_object(value)
    _known(given)
    return given


def canonical_names(value: Any) -> list[str]:
    """Accept names of fields of a dataset."""
    names = [value] if isinstance(value, str) else list(value or ())
    _known(names)
    return [str(name) for name in names]


def texts(value: Any) -> dict[str, str]:
    """Accept names with texts."""
    return {name: str(text or "") for name, text in an_object(value).items()}


def _known(names: Any) -> None:
    if unknown := sorted(set(names) - CANONICAL):
        raise tk.Invalid(
            tk._("{names}: there is no such field of a dataset").format(names=", ".join(unknown))
        )


def _v(*names: str) -> list[Any]:
    return [tk.get_validator(name) for name in names]


def _one_of(values: Any) -> Any:
    make: Any = tk.get_validator("one_of")
    return make(list(values))


# -- actions ----------------------------------------------------------------------------------


def by_id() -> dict[str, Any]:
    """One thing."""
    return {"id": _v("not_empty", "unicode_safe")}


def source_list() -> Schema:
    """``owner``: only one office's sources."""
    return {"owner": _v("ignore_empty", "unicode_safe")}


def source_create() -> Schema:
    """A whole source; what is not given has the usual value."""
    required: dict[str, Any] = {
        "kind": [*_v("not_empty"), _one_of(sorted(ADAPTERS))],
        "title": [*_v("not_empty"), titles],
        "url": [*_v("not_empty"), address],
        "owner": [*_v("not_empty"), office],
    }
    return {"name": [*_v("ignore_empty"), source_name]} | required | _settings()


def source_update() -> Schema:
    """What changes; ``name`` and ``kind`` never do."""
    return {
        "id": _v("not_empty", "unicode_safe"),
        "title": [*_v("ignore_missing"), titles],
        "url": [*_v("ignore_missing"), address],
        "owner": [*_v("ignore_missing"), office],
    } | _settings()


def _settings() -> dict[str, Any]:
    return {
        "allow_private": _v("ignore_missing", "boolean_validator"),
        "active": _v("ignore_missing", "boolean_validator"),
        "defaults": [*_v("ignore_missing"), canonical_object],
        "options": [*_v("ignore_missing"), an_object],
        "secrets": [*_v("ignore_missing"), texts],
        "schedule": [*_v("ignore_missing"), cron],
        "policy": [*_v("ignore_missing"), _one_of(list(map(str, Policy)))],
        "local_fields": [*_v("ignore_missing"), canonical_names],
        "approval": [*_v("ignore_missing"), _one_of(list(map(str, Approval)))],
    }


def run_start() -> Schema:
    """``full`` reads everything anew, whatever is remembered."""
    return {
        "source": _v("not_empty", "unicode_safe"),
        "full": _v("ignore_missing", "boolean_validator"),
    }


def run_list() -> Schema:
    """``source`` and ``limit`` of a list of runs."""
    return {
        "source": _v("ignore_empty", "unicode_safe"),
        "limit": [number(0, MOST_RUNS, 20)],
    }


def run_records() -> Schema:
    """``id`` of a run, the one outcome asked for, and which part of them."""
    return by_id() | {
        "action": [*_v("ignore_empty"), _one_of(OUTCOMES)],
        "limit": [number(0, MOST_RECORDS, 100)],
        "offset": [number(0, 10**9, 0)],
    }


def run_approve() -> Schema:
    """``without_removals`` lets the rest through and keeps what the source no longer has."""
    return by_id() | {"without_removals": _v("ignore_missing", "boolean_validator")}


def notice_list() -> Schema:
    """How many notices."""
    return {"limit": [number(0, MOST_RUNS, 50)]}


def notice_seen() -> Schema:
    """Which notice; none is all."""
    return {"id": _v("ignore_empty", "natural_number_validator")}
