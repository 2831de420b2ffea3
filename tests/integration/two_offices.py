"""Two offices with private things, people of theirs, and questions that find such things."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ckan.logic as registry
import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context

from ckanext.hatinh.harvest.model.run import HarvestRun, RunState

OWN, OTHER = "so-gddt", "so-noi-vu"
CANARIES = {OWN: "chim-vang-nha", OTHER: "chim-xanh-hang-xom"}
CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
PASSWORD = "mật-khẩu-dài-12345"


@dataclass
class Office:
    """A private dataset with a file, a table and a source, all of which say the canary's word."""

    name: str
    dataset: str
    resource: str
    source: str
    run: str
    maker: str

    def state(self) -> str:
        """Everything that a token of others must leave as it is."""
        looking = Context(ignore_auth=True, user=site_user())
        shown = [
            tk.get_action("package_show")(looking.copy(), {"id": self.dataset}),
            tk.get_action("datastore_search")(looking.copy(), {"resource_id": self.resource}),
            tk.get_action("hatinh_source_show")(looking.copy(), {"id": self.source}),
            tk.get_action("organization_show")(looking.copy(), {"id": self.name}),
        ]
        return json.dumps(shown, sort_keys=True, default=str)


@dataclass
class Portal:
    """Two offices, and an editor and a sysadmin who are editors of both."""

    app: CKANTestApp
    editor: str
    sysadmin: str
    offices: dict[str, Office] = field(default_factory=dict)

    def token(self, user: str, *given: str, offices: tuple[str, ...] = (OWN,)) -> dict[str, str]:
        """The header of a new token."""
        fields = {"user": user, "name": "t", "scopes": list(given), "organizations": list(offices)}
        made = tk.get_action("api_token_create")(Context(user=user, ignore_auth=True), fields)
        return {"Authorization": made["token"]}

    def sign_in(self, user: str) -> None:
        """Let the browser be somebody's from here on."""
        form = {"login": user, "password": PASSWORD}
        assert user in self.app.post("/user/login", data=form).text

    def ask(self, header: dict[str, str], action: str, **given: Any) -> Any:
        """The answer of the API."""
        return self.app.post(f"/api/3/action/{action}", headers=header, json=given)


def two_offices(app: CKANTestApp) -> Portal:
    """A portal with two offices, an editor and a sysadmin of both."""
    made = Portal(app, factories.User(password=PASSWORD)["name"], factories.Sysadmin()["name"])
    for name in (OWN, OTHER):
        for user in (made.editor, made.sysadmin):
            member = {"id": name, "username": user, "role": "editor"}
            tk.get_action("organization_member_create")({"ignore_auth": True}, member)
        made.offices[name] = _office(made.sysadmin, name)
    return made


def _office(maker: str, name: str) -> Office:
    word = CANARIES[name]
    fields = {
        "name": f"{word}-bo",
        "title_translated": {"vi": word},
        "notes_translated": {"vi": word},
        "owner_org": name,
        "private": True,
        "resources": [{"url": f"https://so.example.vn/{word}.csv", "format": "CSV"}],
        **CLASSIFIED,
    }
    dataset = tk.get_action("package_create")(Context(user=maker), fields)
    table = {"resource_id": dataset["resources"][0]["id"], "force": True, "records": [{"a": word}]}
    tk.get_action("datastore_create")(Context(user=maker), table)
    source = {
        "kind": "ckan",
        "title": {"vi": f"Nguồn của {name}"},
        "url": f"http://127.0.0.1:9/{word}",
        "owner": name,
    }
    made = tk.get_action("hatinh_source_create")(Context(user=maker), source)
    run = HarvestRun(
        source=made["name"], state=RunState.WAITING.value, guard=[], stats={}, counts={}
    )
    model.Session.add(run)
    model.Session.commit()
    return Office(name, dataset["id"], table["resource_id"], made["name"], run.id, maker)


def site_user() -> str:
    return tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]


def live() -> dict[str, bool]:
    """Every action of this portal, and whether it says that it changes nothing."""
    registry.get_action("status_show")
    return {
        name: getattr(registry.get_action(name), "side_effect_free", False)
        for name in sorted(registry._actions)
    }


def asked_of(office: Office, *, reads: bool) -> Iterator[dict[str, Any]]:
    """Parameters that make most actions find something of an office: ids of each kind in turn.

    The last two are for the DataStore and the search, which take nothing that they do not know.
    """
    told = {
        "name_or_id": office.dataset, "package_id": office.dataset, "dataset": office.dataset,
        "object": office.dataset, "object_type": "package", "resource_id": office.resource,
        "owner_org": office.name, "organization": office.name, "organization_id": office.name,
        "owner": office.name, "source": office.source, "include_private": True,
        "include_drafts": True, "include_datasets": True, "rows": 100,
    }  # fmt: skip
    changes = {
        "records": [{"a": "moi"}], "force": True, "notes_translated": {"vi": "đã đổi"},
        "order": [office.resource], "policy": "whole", "match": {"id": office.dataset},
    }  # fmt: skip
    things = (office.dataset, office.resource, office.name, office.source, office.run, office.maker)
    for id_ in things:
        yield {"id": id_, "user_id": office.maker, **told, **({} if reads else changes)}
    rows = {"records": [{"a": "moi"}], "force": True, "method": "insert"}
    yield {"resource_id": office.resource, **({} if reads else rows)}
    yield {"include_private": True, "include_drafts": True, "rows": 100}
