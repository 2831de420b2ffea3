"""Every address and every action of the portal, filled with the ids of hidden things."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import ckan.logic as registry
from canaries import BEGINS, CALL
from hidden_things import OPEN, OWN, Hidden

from ckanext.hatinh.api.table import api

Values = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Ask:
    """One request; ``given`` is the body of a POST, ``writes`` whether it may change something."""

    path: str
    given: Mapping[str, Any] | None = None
    writes: bool = False


FILES = {"static", "webassets"}
"""Rules that serve files of the program."""
OTHER_LANGUAGES = "home.redirect_locale"
LEAVES = "user.logout"
SEARCHES = (
    "/dataset/", "/system/", "/dataservice/", "/feeds/custom.atom", "/feeds/search.atom",
    f"/organization/{OWN}",
)  # fmt: skip
FORMS_OF_RDF = ("ttl", "jsonld", "rdf")


def addresses(rules: Iterable[Any], hidden: Hidden) -> list[Ask]:
    """Every rule that answers GET, filled with the ids of what is hidden.

    Raises ``KeyError`` for a rule with a parameter that :func:`_values` has no ids for: whoever
    adds a rule says there what it is asked with.
    """
    known = _values(hidden)
    found: dict[str, Ask] = {}
    for rule in rules:
        if "GET" not in rule.methods or rule.endpoint in (OTHER_LANGUAGES, LEAVES, "api.action"):
            continue
        if rule.endpoint.partition(".")[0] in FILES:
            continue
        for path in _filled(rule, known):
            found.setdefault(path, Ask(path))
    new, old = hidden.ids["withdrawn activity"], hidden.ids["activity"]
    for kind in ("dataset", "group", "organization"):
        path = f"/{kind}/changes_multiple?new_id={new}&old_id={old}"
        found[path] = Ask(path)
    for path, word in product(SEARCHES, (CALL, BEGINS)):
        found[f"{path}?q={word}"] = Ask(f"{path}?q={word}")
    return list(found.values())


def _filled(rule: Any, known: Mapping[str, Sequence[Values]]) -> Iterator[str]:
    names = re.findall(r"<(?:[^<>:]*(?:\([^)]*\))?:)?(\w+)>", rule.rule)
    if not names:
        yield rule.rule
        return
    blueprint = rule.endpoint.rpartition(".")[0]
    for values in known.get(rule.endpoint) or known[blueprint]:
        try:
            choices = [_several(values[name]) for name in names]
        except KeyError as err:
            raise KeyError(f"{rule.endpoint} {rule.rule}: no value for {err}") from err
        for chosen in product(*choices):
            path = rule.rule
            for name, value in zip(names, chosen, strict=True):
                path = re.sub(rf"<[^<>]*\b{name}>", value, path)
            yield path


def _several(value: str | Sequence[str]) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


def _values(hidden: Hidden) -> dict[str, Sequence[Values]]:
    """What the parameters of rules are filled with, by endpoint, else by blueprint."""
    ids, plain = hidden.ids, hidden.words.plain
    more: dict[str, str | Sequence[str]] = {
        "view_id": ids["view"], "activity_id": (ids["activity"], ids["withdrawn activity"]),
        "filename": "bang.csv", "column": plain("private column"), "_format": "ttl",
        "rule": "sum-differs",
    }  # fmt: skip
    every = [
        {**more, "id": it["id"], "_id": it["id"], "name": it["id"], "kind": "dataset",
         "resource_id": it["resource_id"], "resource": it["resource_id"],
         "form": "csv"}
        for it in (hidden.datasets[name] for name in ("private", "draft", "deleted", "withdrawn"))
    ]  # fmt: skip
    public = {"name": ids["public"], "resource_id": ids["public file"], "id": ids["public"]}
    rdf = [{**it, "form": "ttl"} for it in every]
    system, service = (
        {**every[0], "id": hidden.datasets[kind]["id"], "name": hidden.datasets[kind]["id"],
         "kind": kind, "form": "ttl"}
        for kind in ("system", "dataservice")
    )  # fmt: skip
    office, theme = {"id": OWN}, {"id": "giao-duc-va-dao-tao"}
    person = {"id": ids["user"]}
    edition = {"number": ids["edition"]}
    catalogue = {
        "kind": "du-lieu-mo", "number": ids["catalogue"], "ending": ("docx", "pdf", "xlsx", "csv"),
    }  # fmt: skip
    source = {"name": "nguon-kin", "run_id": ids["run"], "kind": "lgsp", "form": ("csv", "xlsx")}
    known: dict[str, Sequence[Values]] = {
        "dataset": [*every, public],
        "dataset.read": [*every, public, {"id": plain("private name")}],
        "resource": every,
        "resource.edit_view": every[:1],
        "dataset_resource": every[:1],
        "system": [system],
        "system_resource": [system],
        "dataservice": [service],
        "dataservice_resource": [service],
        "datastore": every[:2],
        "activity": [*every[:1], every[3]],
        "activity.group_activity": [theme],
        "activity.group_changes": [{"id": ids["activity"]}],
        "activity.organization_activity": [office],
        "activity.organization_changes": [{"id": ids["activity"]}],
        "activity.package_changes": [{"id": ids["activity"]}],
        "activity.user_activity": [person],
        "dcat": every[:1],
        "feeds.group": [theme],
        "feeds.organization": [office],
        "feeds.tag": [{"id": hidden.words.word("private tag")}],
        "group": [theme],
        "organization": [office, {"id": OPEN}],
        "user": [person],
        "file": [{"id": every[0]["resource_id"], "storage_name": "default",
                  "location": every[0]["resource_id"], "token": "x"}],
        "api": [{"ver": "2", "lang": "vi"}],
        "hatinh_access": [{"user": ids["user"]}],
        "hatinh_api": [{"name": "swagger-ui.css"}],
        "hatinh_campaign": [{
            "number": "1", "unit": OWN, "file_id": ids["evidence"],
            "figure": ("inventory", "owners", "ranking", "verdicts"),
            "ending": ("docx", "pdf", "xlsx", "csv"),
        }],
        "hatinh_catalog": rdf,
        "hatinh_catalog.record": [*rdf, system, service],
        "hatinh_catalog.owner": [{"kind": "organization", "name": OWN}],
        "hatinh_catalogue": [{"form": FORMS_OF_RDF}],
        "hatinh_catalogue_tables": [{**it, "number": "1"} for it in every],
        "hatinh_datastore": every,
        "hatinh_dictionary": [{
            **edition, "list_id": "themes", "code": "HT05", "form": "ttl", "entity": "GiaoDuc",
            "element_id": "SoBoBanGhe",
        }],
        "hatinh_dictionary_id": [{
            **edition, "list_id": "themes", "code": "HT05", "since": "2020-01-01",
            "element_id": "SoBoBanGhe", "entity": "GiaoDuc",
        }],
        "hatinh_dictionary_tables": every,
        "hatinh_editions": [catalogue],
        "hatinh_harvest": [source],
        "hatinh_harvest_desk": [source],
        "hatinh_harvest_runs": [source],
        "hatinh_permanent": [*every, system, service],
        "hatinh_register": [{**system, "form": ("csv", "xlsx")}],
        "hatinh_boards": [{
            "office": OWN, "form": ("csv", "xlsx"), "rule": "sum-differs",
            "table": ("mends", "trend", "worst", "overdue", "problems"),
        }],
        "hatinh_boards.province_file": [{"table": ("ranking", "heat"), "form": "csv"}],
        "hatinh_quality": [{**it, "rule": "field-empty"} for it in (*every[:3], system)],
        "hatinh_report": [{"report_id": _reports(), "form": "csv"}],
        "hatinh_rows": [*every, {**more, **public, "form": "json", "column": "ma"}],
        "hatinh_rows.rows": [*every, {**every[0], "form": ("json", "jsonl", "xlsx", "geojson")}],
    }  # fmt: skip
    return known


def _reports() -> Sequence[str]:
    found = registry.get_action("hatinh_report_list")({"ignore_auth": True}, {})
    return [report["id"] for report in found]


def actions(hidden: Hidden) -> list[Ask]:
    """Every action, with the ids of what is hidden."""
    registry.get_action("status_show")  # fills the registry
    found: list[Ask] = []
    for name in sorted(registry._actions):
        reads = getattr(registry.get_action(name), "side_effect_free", False)
        given = _asked(name, hidden, reads=reads)
        found += [Ask(f"/api/3/action/{name}", one, not reads) for one in given]
    return found + [Ask("/api/3/action/package_search", given) for given in _sly_searches()]


def _asked(name: str, hidden: Hidden, *, reads: bool) -> Iterator[dict[str, Any]]:
    described = api().actions.get(name)
    takes = {taken.parameter.name for taken in described.takes} if described else None
    seen: list[dict[str, Any]] = []
    for given in _parameters(name, hidden, reads=reads):
        mine = {key: value for key, value in given.items() if takes is None or key in takes}
        if mine not in seen:
            seen.append(mine)
            yield mine


def _parameters(name: str, hidden: Hidden, *, reads: bool) -> Iterator[dict[str, Any]]:
    """What an action is asked with: whichever hidden thing its name speaks of."""
    ids = hidden.ids
    base = {
        "user": ids["user"], "user_id": ids["user"], "username": ids["user"],
        "organization": OWN, "owner": OWN, "source": "nguon-kin", "number": ids["edition"],
        "element": "SoBoBanGhe", "key": "ckan.site_title", "object_type": "package",
        "owner_type": "user", "owner_id": ids["user"], "vocabulary_id": "x",
    }  # fmt: skip
    for id_ in _subjects(name, hidden, reads=reads):
        yield base | id_
    if reads and name.endswith(("search", "autocomplete", "_list")):
        for word in (CALL, BEGINS):
            yield base | {"q": word, "query": f"name:{word}", "id": OWN}


def _subjects(name: str, hidden: Hidden, *, reads: bool) -> Iterator[dict[str, Any]]:
    ids = hidden.ids
    fixed = {
        "run": {"id": ids["run"]},
        "campaign": {
            "number": 1,
            "unit": OWN,
            "id": int(ids["evidence"]),
            "figure": "owners",
        },
        "catalogue": {"kind": "du-lieu-mo", "number": int(ids["catalogue"])},
        "source": {"id": "nguon-kin"},
        "view": {"id": ids["view"], "resource_id": hidden.datasets["private"]["resource_id"]},
        "organization": {"id": OWN, "include_datasets": True, "include_users": True},
        "group": {"id": "giao-duc-va-dao-tao", "include_datasets": True, "include_users": True},
        "member": {"id": OWN},
        "member_list": {"id": "giao-duc-va-dao-tao"},
        "user": {"id": ids["user"], "include_datasets": True},
        "token": {"user_id": ids["user"]},
        "mend": {"id": "", "organization": OWN},
        "score": {
            "id": hidden.datasets["private"]["id"],
            "organization": OWN,
            "rule": "field-empty",
        },
        "tag": {"id": hidden.words.word("private tag"), "include_datasets": True},
    }
    meant = [given for word, given in fixed.items() if word in name]
    yield from meant
    datasets = list(hidden.datasets.values())[: 4 if reads else 1]
    if any(word in name for word in ("resource", "datastore", "load", "column", "example", "rows")):
        for it in datasets:
            yield {"id": it["resource_id"], "resource_id": it["resource_id"],
                   "package_id": it["id"]}  # fmt: skip
        return
    if "activity" in name:
        for id_ in (ids["activity"], ids["withdrawn activity"]):
            yield {"id": id_, "object_type": "package", "diff_type": "html"}
    of_datasets = ("package", "dataset", "quality", "score", "mend")
    if meant and not any(word in name for word in of_datasets):
        return
    for it in datasets:
        yield {"id": it["id"], "package_id": it["id"], "dataset_id": it["id"]}


def _sly_searches() -> Iterator[dict[str, Any]]:
    """Searches that try to see more than they may."""
    facets = ["organization", "groups", "tags", "license_id", "res_format", "capacity", "owner_org"]
    whole = {
        "include_private": True, "include_drafts": True, "include_deleted": True, "rows": 1000,
        "facet": True, "facet.field": facets, "facet.limit": -1,
    }  # fmt: skip
    yield whole
    for query in (
        "+capacity:private",
        "+state:draft",
        "*:* OR capacity:private",
        "permission_labels:*",
        f"owner_org:* OR text:{CALL}",
    ):
        yield whole | {"fq": query}
        yield whole | {"q": query}
    yield {"q": "*:*", "rows": 1000, "fl": "id,name,title,notes,data_dict,validated_data_dict"}
