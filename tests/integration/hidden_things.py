"""A portal full of things that must stay hidden, each marked by a word of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from canaries import Canaries
from ckan import model
from ckan.tests import factories
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.catalog import dump, refreshing
from ckanext.hatinh.datastore import database
from ckanext.hatinh.datastore.sweeping import sweep
from ckanext.hatinh.datastore.worker import Shutdown, take_one
from ckanext.hatinh.dictionary import editions
from ckanext.hatinh.harvest.model.notice import HarvestNotice
from ckanext.hatinh.harvest.model.outcome import HarvestOutcome
from ckanext.hatinh.harvest.model.record import HarvestRecord, RecordState
from ckanext.hatinh.harvest.model.run import HarvestRun, RunState
from ckanext.hatinh.register import reconciling
from ckanext.hatinh.shared.workers import this_worker
from hatinh.problem import error
from hatinh.quality import Loss, Score

CLASSIFIED = json.loads((Path(__file__).parents[1] / "data" / "classified.json").read_text("utf-8"))
OWN, OTHER, STEWARD, OPEN = "so-gddt", "so-noi-vu", "so-khcn", "so-xay-dung"
"""Offices: whose things are hidden, from whom, who keeps the catalogue, and one of open data."""

NEVER = frozenset({"client id", "source secret"})
"""What nobody is shown again, not even who wrote it."""
KNOWN = frozenset({"user name", "user full name", "user about"})
"""What CKAN tells whoever has an account of others who have one; never their e-mail."""

VISITOR, MEMBER, EDITOR = "visitor", "member of another office", "editor of another office"
OFFICER, KEEPER, SYSADMIN = "editor of the office", "editor of the steward", "sysadmin"
STRANGERS = (VISITOR, MEMBER, EDITOR)


@dataclass
class Hidden:
    """What was made: who can ask, the words, and the ids by which things are asked for."""

    words: Canaries = field(default_factory=Canaries)
    people: dict[str, str] = field(default_factory=dict)
    datasets: dict[str, Mapping[str, str]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def do(self, who: str, action: str, **given: Any) -> Any:
        """Call an action as one of the people."""
        return tk.get_action(action)(Context(user=self.people[who]), given)

    def hide_dataset(self, name: str, **fields: Any) -> dict[str, Any]:
        """A private dataset of the office with a file, each of its texts a canary."""
        text, plain = self.words.text, self.words.plain
        given = {
            "name": plain(f"{name} name"),
            "title_translated": {"vi": text(f"{name} title"), "en": text(f"{name} title en")},
            "notes_translated": {"vi": text(f"{name} notes")},
            "provenance": text(f"{name} provenance"),
            "tag_string": self.words.word(f"{name} tag"),
            "owner_org": OWN,
            "private": True,
            "groups": [{"name": "giao-duc-va-dao-tao"}],
            **CLASSIFIED,
            "contact": text(f"{name} contact"),
        }
        # Editors of an office do not choose its themes by this action; a harvest does.
        context = Context(user=self.people[OFFICER], ignore_auth=True)
        return tk.get_action("package_create")(context, given | fields)

    def put_file(self, dataset: str, name: str, **fields: Any) -> str:
        """A table as a file of a dataset: its name, a column and its rows are canaries."""
        text, word = self.words.text, self.words.word
        body = f"{word(f'{name} column')},so\n{text(f'{name} row')},1\n"
        made = self.do(
            OFFICER,
            "resource_create",
            package_id=dataset,
            name_translated={"vi": text(f"{name} file")},
            description_translated={"vi": text(f"{name} file notes")},
            format="CSV",
            url="bang.csv",
            upload=FileStorage(BytesIO(body.encode()), "bang.csv"),
            **fields,
        )
        return made["id"]

    def note(self, name: str, dataset: str, resource: str = "") -> None:
        """Remember by which ids a dataset is asked for; they are canaries as well."""
        self.datasets[name] = {"id": dataset, "resource_id": resource}
        self.words.ids[dataset] = f"{name} id"
        if resource:
            self.words.ids[resource] = f"{name} file id"

    def hide_one_more(self, name: str) -> None:
        """One more private dataset with a table, wherever the portal tells of such."""
        made = self.hide_dataset(name)
        self.note(name, made["id"], self.put_file(made["id"], name))
        _load_tables()
        publish()

    def show_dataset(self, name: str, office: str, **fields: Any) -> dict[str, Any]:
        """A public dataset of an office."""
        given = {
            "name": name,
            "title_translated": {"vi": "Bảng công khai"},
            "notes_translated": {"vi": "Ai cũng xem được"},
            "owner_org": office,
            "groups": [{"name": "giao-duc-va-dao-tao"}],
            "resources": [{"url": "https://so.example.vn/a.csv", "format": "CSV"}],
            **CLASSIFIED,
        }
        return self.do(SYSADMIN, "package_create", **given | fields)


def hide() -> Hidden:
    """Fill a portal that has its offices and no dataset."""
    database.prepare()
    editions.load_first()
    hidden = Hidden()
    _people(hidden)
    _public_things(hidden)
    _datasets(hidden)
    _systems(hidden)
    _load_tables()
    _scores(hidden)
    _harvest(hidden)
    _catalogue(hidden)
    _dictionary(hidden)
    _campaign(hidden)
    publish()
    for who in (MEMBER, EDITOR):  # their dashboards show what they follow
        hidden.do(who, "follow_dataset", id=hidden.datasets["withdrawn"]["id"])
    # Whatever was made while it could be seen is still there.
    hidden.do(OFFICER, "package_patch", id=hidden.datasets["withdrawn"]["id"], private=True)
    return hidden


def publish() -> None:
    """Make the dump of the catalogue and look for mismatches, as the data worker does."""
    refreshing.refresh()
    dump.build()
    reconciling.run()


def _people(hidden: Hidden) -> None:
    word, plain = hidden.words.text, hidden.words.plain
    hidden.people[VISITOR] = ""
    for who, office, role in (
        (MEMBER, OTHER, "member"),
        (EDITOR, OTHER, "editor"),
        (KEEPER, STEWARD, "editor"),
    ):
        hidden.people[who] = factories.User()["name"]
        _join(hidden.people[who], office, role)
    hidden.people[SYSADMIN] = factories.Sysadmin()["name"]
    officer = factories.User(
        name=plain("user name"),
        fullname=word("user full name"),
        email=f"{plain('user e-mail')}@example.vn",
        about=word("user about"),
    )
    _join(officer["name"], OWN, "editor")
    hidden.people[OFFICER] = officer["name"]
    hidden.ids["user"] = officer["id"]


def _join(name: str, office: str, role: str) -> None:
    given = {"id": office, "username": name, "role": role}
    tk.get_action("organization_member_create")({"ignore_auth": True}, given)


def _public_things(hidden: Hidden) -> None:
    """A public dataset, with a system that it names: pages about them must not tell the rest."""
    hidden.show_dataset("cua-so", OWN)
    made = hidden.show_dataset(
        "cong-khai",
        OPEN,
        source_system="HT-01",
        harvest_source="nguon-kin",
        harvest_guid="BO-01",
    )
    hidden.ids["public"] = made["id"]
    hidden.ids["public file"] = made["resources"][0]["id"]
    rows = [{"ma": "01", "ten": "Trường"}]
    asked = {"resource_id": hidden.ids["public file"], "force": True, "records": rows}
    hidden.do(SYSADMIN, "datastore_create", **asked)


def _datasets(hidden: Hidden) -> None:
    for name, fields in (
        ("private", {}),
        ("draft", {"state": "draft"}),
        ("deleted", {}),
        ("withdrawn", {"private": False}),
    ):
        made = hidden.hide_dataset(name, **fields)
        hidden.note(name, made["id"], hidden.put_file(made["id"], name))
    hidden.do(OFFICER, "package_delete", id=hidden.datasets["deleted"]["id"])
    view = hidden.do(
        OFFICER,
        "resource_view_create",
        resource_id=hidden.datasets["private"]["resource_id"],
        view_type="text_view",
        title=hidden.words.text("view"),
    )
    hidden.ids["view"] = view["id"]
    for name, key in (("private", "activity"), ("withdrawn", "withdrawn activity")):
        changes = hidden.do(
            OFFICER, "package_activity_list", id=hidden.datasets[name]["id"], limit=1
        )
        hidden.ids[key] = changes[0]["id"]


def _systems(hidden: Hidden) -> None:
    """A private system that a public dataset names, and a private service that names it."""
    text, plain = hidden.words.text, hidden.words.plain
    for kind, fields in (
        ("system", {"harvest_guid": "HT-01"}),
        (
            "dataservice",
            {
                "serves_datasets": "BO-01",
                "harvest_guid": "DV-01",
                "endpoint_url": f"https://lgsp.example.vn/{plain('service address')}",
            },
        ),
    ):
        made = hidden.do(
            OFFICER,
            "package_create",
            type=kind,
            name=plain(f"{kind} name"),
            title_translated={"vi": text(f"{kind} title")},
            notes_translated={"vi": text(f"{kind} notes")},
            owner_org=OWN,
            private=True,
            contact=text(f"{kind} contact"),
            harvest_source="nguon-kin",
            **fields,
        )
        hidden.note(kind, made["id"])


def _load_tables() -> None:
    """Load every file into its table, as the data worker does."""
    sweep()
    while take_one(this_worker(), Shutdown()):
        pass


def _scores(hidden: Hidden) -> None:
    path = f"$.{hidden.words.plain('score path')}"
    found = error("sum-differs", path, hidden.words.word("score value"), expected="1")
    loss = Loss("dung", "sum-differs", 40.0, 1, "sum-differs", path)
    names = ("dung", "du", "sach", "song", "thong_nhat", "dung_chung")
    score = Score(dict.fromkeys(names, 60.0), 60.0, "do", (loss,), "test-1").as_dict()
    for name in ("private", "draft", "deleted"):
        given = {"package_id": hidden.datasets[name]["id"], "score": score}
        hidden.do(SYSADMIN, "hatinh_score_save", **given, problems=[found.as_dict()])


def _harvest(hidden: Hidden) -> None:
    """A source with secrets, and a run that waits: nothing of it is public but its counts."""
    text, plain = hidden.words.text, hidden.words.plain
    hidden.do(
        OFFICER,
        "hatinh_source_create",
        name="nguon-kin",
        kind="lgsp",
        title={"vi": "Nguồn của sở"},
        url=f"https://lgsp.example.vn/{plain('source path')}?khoa={plain('source key')}",
        owner=OWN,
        secrets={"client_id": plain("client id"), "client_secret": text("source secret")},
        options={"services": [{"path": f"/{plain('source option')}/1.0/x"}]},
    )
    now = datetime.now(UTC)
    run = HarvestRun(
        source="nguon-kin", state=RunState.WAITING.value, started=now, finished=now, counts={},
        error={"code": "unreachable", "where": text("run error")},
        guard=[{"code": "guard-many-gone", "gone": 60, "known": 100}], stats={},
    )  # fmt: skip
    model.Session.add(run)
    model.Session.flush()
    found = error("publisher-missing", "$.publisher", text("record value")).as_dict()
    for position, (action, name) in enumerate((("rejected", "refused"), ("created", "planned"))):
        title, guid = text(f"{name} record"), plain(f"{name} guid")
        outcome = HarvestOutcome(
            run_id=run.id, position=position, guid=guid, title=title, action=action,
            state="planned", problems=[found], files={},
            dataset={"fields": {"title": title}},
            diff=[{"field": "notes", "before": "", "after": text(f"{name} change")}],
        )  # fmt: skip
        model.Session.add(outcome)
    record = HarvestRecord(
        source="nguon-kin", guid=plain("refused guid"), title=text("refused record"),
        state=RecordState.REJECTED.value, problems=[found],
    )  # fmt: skip
    notice = HarvestNotice(source="nguon-kin", run_id=run.id, kind="waiting", seen=[])
    model.Session.add_all([record, notice])
    model.Session.commit()
    hidden.ids["run"] = run.id


def _campaign(hidden: Hidden) -> None:
    """A frozen campaign in which the office has answered, with evidence."""
    text, part = hidden.words.text, {"number": 1, "unit": OWN}
    hidden.do(KEEPER, "hatinh_campaign_create", title={"vi": "Kiểm kê"})
    hidden.do(KEEPER, "hatinh_campaign_open", number=1)
    answers = {"": {"complete": "co", "results": text("campaign answer")}}
    hidden.do(OFFICER, "hatinh_campaign_part_fill", **part, answers=answers)
    file = FileStorage(BytesIO(text("evidence bytes").encode()), f"{text('evidence name')}.csv")
    hidden.do(OFFICER, "hatinh_campaign_evidence_add", **part, upload=file)
    (evidence,) = hidden.do(OFFICER, "hatinh_campaign_part_show", **part)["evidence"]
    hidden.ids["evidence"] = str(evidence["id"])
    hidden.do(KEEPER, "hatinh_campaign_freeze", number=1)


def _catalogue(hidden: Hidden) -> None:
    """A catalogue of the public datasets that nobody has issued."""
    made = hidden.do(
        KEEPER, "hatinh_catalogue_draft", kind="du-lieu-mo", note=hidden.words.text("catalogue")
    )
    hidden.ids["catalogue"] = str(made["number"])


def _dictionary(hidden: Hidden) -> None:
    """An edition that the office proposes: what it says is public, who says it is for officers."""
    element = {
        "id": "SoBoBanGhe",
        "name": {"vi": "Số bộ bàn ghế", "en": "Number of desk sets"},
        "definition": {
            "vi": "Số bộ bàn ghế dùng được trong các phòng học vào ngày đầu năm học",
            "en": "Sets of desks and chairs fit for use on the first day of the school year",
        },
        "group": {"vi": "Giáo dục", "en": "Education"},
        "entity": "GiaoDuc",
        "datatype": "integer",
        "owner_org": OWN,
        "source": "Báo cáo năm học",
        "confidence": "D",
        "proposed": True,
    }
    made = hidden.do(OFFICER, "hatinh_edition_propose", elements=[element], note="Cần")
    hidden.ids["edition"] = made["number"]
