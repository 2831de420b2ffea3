"""The quick road gives what the slow road gives: a batch is compared with CKAN's own calls.

The same datasets are written twice into the same portal: one by one with ``package_create`` and
``package_update`` as CKAN does it, and as a batch. Everything that remains is compared: what
``package_show`` gives, what the index holds, the activities, the hooks and their order.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import ckan.plugins as p
import ckan.plugins.toolkit as tk
import pysolr
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import search
from ckan.lib.navl.dictization_functions import DictizationError
from ckan.lib.plugins import lookup_package_plugin, plugin_validate
from ckan.plugins import core
from ckan.types import Context
from ckanext.activity.model import Activity
from sqlalchemy import event

from ckanext.hatinh.harvest.account import harvester
from ckanext.hatinh.harvest.batch.session import batch_session
from ckanext.hatinh.harvest.documents import index_documents
from ckanext.hatinh.harvest.writer import Planned, Refused, Writer, Written, describe_files
from ckanext.hatinh.shared.mapping import package_id, to_package
from ckanext.hatinh.shared.vocabulary import dictionary
from harvesters.spool import StoredFile
from hatinh.dataset import Dataset, Resource
from hatinh.text import Text, slug

pytestmark = pytest.mark.usefixtures("portal")

SOURCE = "nguon-thu"
TIMES = {
    "created", "last_modified", "metadata_created", "metadata_modified", "indexed_ts", "_version_",
}  # fmt: skip
OFFICES = ("so-gddt", "so-noi-vu", "so-tai-chinh")
WORDS = (
    "Số liệu", "trường học", "đất", "Kỳ Anh", "học sinh", "nước sạch", "Hương Khê", "ở", "xã",
    "phường", "Đức Thọ", "<b>đậm</b>", "“trích dẫn”", "100 %", "a & b", "dòng\nmới",
)  # fmt: skip


# -- datasets of all sorts --------------------------------------------------------------------


@dataclass(frozen=True)
class Dice:
    """Makes datasets of all sorts from a seed."""

    random: random.Random

    def dataset(self, number: int) -> Dataset:
        """One dataset; some have the same title, some are not public."""
        words = self.random.choice
        kind = "dataservice" if self.random.random() < 0.15 else "dataset"
        return Dataset(
            guid=f"bản ghi/{number}",
            kind=kind,
            title=Text(f"Bộ dữ liệu {number % 7}", self.words(3) if number % 2 else ""),
            notes=self.text(40),
            publisher=words(OFFICES),
            themes=tuple(self.random.sample(["HT01", "HT04", "HT05", "HT09"], number % 4)),
            keywords=self.keywords(),
            licence="CC-BY-4.0",
            frequency="nam",
            data_layer="tong_hop",
            sharing_level="mo",
            publication_class=words(["cong_khai", "co_dieu_kien", "khong"]),
            pii_class="none",
            importance_class="khac",
            legal_basis="Kế hoạch 731/KH-UBND",
            contact="Văn phòng Sở",
            provenance=words(["", "Sổ gốc, có “ngoặc” và <thẻ>"]),
            period_start=words([None, date(2020, 1, 1)]),
            modified=date(2026, 1, 1) + timedelta(days=number),
            places=words([(), ("42",)]),
            bbox=words([None, (105.1, 17.9, 106.5, 18.7)]),
            details={"endpoint_url": "http://api.example/v1"} if kind == "dataservice" else {},
            resources=tuple(self.resource(n) for n in range(words([0, 1, 2, 3, 5, 8, 20]))),
        )

    def later(self, dataset: Dataset) -> Dataset:
        """The dataset as its source gives it some time later."""
        resources = list(dataset.resources)
        self.random.shuffle(resources)
        kept = resources[: self.random.randint(0, len(resources))]
        fresh = [self.resource(100 + n) for n in range(self.random.randint(0, 3))]
        changed = [replace(item, name=self.text(3)) for item in kept[:1]]
        return replace(
            dataset,
            notes=self.text(30),
            keywords=self.keywords(),
            themes=tuple(self.random.sample(["HT01", "HT04", "HT05"], self.random.randint(0, 2))),
            publisher=self.random.choice(OFFICES),
            resources=(*changed, *kept[1:], *fresh),
        )

    def resource(self, number: int) -> Resource:
        """One file of a dataset."""
        kind = self.random.choice(["CSV", "JSON", "XLSX", "PDF"])
        url = f"http://du-lieu.example/{number}.{kind.lower()}"
        return Resource(f"tệp {number}", self.text(4), url, kind, self.text(12), "text/csv")

    def spoil(self, package: dict[str, Any], faults: int) -> None:
        """Take away, empty, or replace some values of a package, also in its resources."""
        places = [package, *package["resources"], *package["tags"]]
        for _ in range(faults):
            place = self.random.choice(places)
            key = self.random.choice([*place, "__junk", "lạ"])
            wrong = ["", None, [], [{"id": ""}], {"vi": ""}, "x" * 300, ["a"], 7, [{"key": "lạ"}]]
            place[key] = self.random.choice(wrong)
            if self.random.random() < 0.3:
                del place[key]

    def keywords(self) -> tuple[str, ...]:
        """Up to ten words, some with signs that tags refuse, shared between datasets."""
        pool = [f"từ {n}" for n in range(12)] + ["môi trường", "nước/đất", "x", "GDP (2025)"]
        return tuple(self.random.sample(pool, self.random.randint(0, 10)))

    def text(self, size: int) -> Text:
        """A text in one language or two."""
        return Text(self.words(size), self.words(2) if self.random.random() < 0.4 else "")

    def words(self, size: int) -> str:
        """Some words in a row."""
        return " ".join(self.random.choices(WORDS, k=size))


# -- what remains of a road -------------------------------------------------------------------


class Recorder(p.SingletonPlugin):
    """Notes the hooks that are called, and with what."""

    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IResourceController, inherit=True)
    p.implements(p.IDomainObjectModification, inherit=True)

    calls: list[tuple[str, str, Any]]
    notices: list[tuple[str, str, str]]
    refuses = ""

    def forget(self) -> None:
        """Begin anew."""
        self.calls, self.notices = [], []

    def note(self, hook: str, package: str, given: Any = None) -> None:
        """Remember a call, and what it was given, as it was then."""
        self.calls.append((hook, package, comparable(json.loads(json.dumps(given, default=str)))))

    def read(self, entity: Any) -> None:
        self.note("read", entity.id)

    def create(self, entity: Any) -> None:
        self.note("create", entity.id, entity.name)

    def edit(self, entity: Any) -> None:
        self.note("edit", entity.id, entity.name)

    def after_dataset_create(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        self.note("after_dataset_create", pkg_dict["id"], pkg_dict)
        if pkg_dict["id"] == self.refuses:
            raise tk.ValidationError({"hook": ["không nhận"]})

    def after_dataset_update(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        self.note("after_dataset_update", pkg_dict["id"], pkg_dict)

    def after_dataset_show(self, context: Context, pkg_dict: dict[str, Any]) -> None:
        self.note("after_dataset_show", pkg_dict["id"], pkg_dict)

    def before_dataset_index(self, pkg_dict: dict[str, Any]) -> dict[str, Any]:
        self.note("before_dataset_index", pkg_dict["id"], document(pkg_dict))
        return pkg_dict

    def before_resource_show(self, resource_dict: dict[str, Any]) -> dict[str, Any]:
        self.note("before_resource_show", resource_dict["package_id"], resource_dict["id"])
        return resource_dict

    def notify(self, entity: Any, operation: str) -> None:
        """Called at the commit for every new or changed package and resource."""
        self.notices.append((type(entity).__name__, getattr(entity, "id", ""), str(operation)))


@dataclass
class Remains:
    """Everything that a road leaves behind, without ids made by chance and without times."""

    shown: dict[str, Any]
    indexed: dict[str, Any]
    activities: list[Any]
    views: list[Any]
    calls: dict[str, list[Any]]
    notices: list[Any]


def comparable(value: Any) -> Any:
    """A value without times and without the random ids of tags and views."""
    if isinstance(value, dict):
        kept = {key: comparable(item) for key, item in value.items() if key not in TIMES}
        if "vocabulary_id" in value or "view_type" in value:
            kept.pop("id", None)
        if "extras" in kept:  # JSONB keeps no order: rows just written have another than rows read
            kept["extras"].sort(key=lambda extra: extra["key"])
        return kept
    return [comparable(item) for item in value] if isinstance(value, list) else value


def differences(was: Any, now: Any, path: str = "") -> Iterator[str]:
    """Where two values differ, each place in a line."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            yield from differences(was.get(key, "-"), now.get(key, "-"), f"{path}.{key}")
    elif isinstance(was, list | tuple) and isinstance(now, list | tuple) and len(was) == len(now):
        for number, pair in enumerate(zip(was, now, strict=True)):
            yield from differences(*pair, f"{path}[{number}]")
    elif was != now:
        yield f"{path}: {str(was)[:300]} -> {str(now)[:300]}"


def document(found: dict[str, Any]) -> dict[str, Any]:
    """A search document with its JSON read."""
    read = {name: json.loads(found[name]) for name in ("data_dict", "validated_data_dict")}
    return comparable(found | read)


def remains(recorder: Recorder, packages: Sequence[str]) -> Remains:
    """Look at everything that is there now."""
    calls: dict[str, list[Any]] = defaultdict(list)
    for hook, package, given in recorder.calls:
        # Before it changes a dataset, an update shows the former one where it is not handed over.
        if calls[package] or hook in {"create", "edit"}:
            calls[package].append((hook, given))
    shown = {
        package: comparable(
            tk.get_action("package_show")(
                Context(ignore_auth=True, use_cache=False), {"id": package}
            )
        )
        for package in packages
    }
    rows = model.Session.scalars(
        sa.select(Activity)
        .where(Activity.object_id.in_(packages))
        .order_by(Activity.object_id, Activity.timestamp)
    )
    activities = [
        comparable([row.object_id, row.activity_type, row.data, row.permission_labels, row.user_id])
        for row in rows
    ]
    views = model.Session.scalars(
        sa.select(model.ResourceView).order_by(model.ResourceView.resource_id)
    )
    return Remains(
        shown=shown,
        indexed={package: document(search.show(package)) for package in packages},
        activities=activities,
        views=[(view.resource_id, view.view_type, view.title, view.order) for view in views],
        calls=dict(calls),
        notices=sorted(set(recorder.notices)),
    )


def clear(packages: Sequence[str]) -> None:
    """Take away what a road has left, and leave the offices and themes."""
    for package in packages:
        tk.get_action("dataset_purge")(Context(ignore_auth=True), {"id": package})
    for table in ("activity", "tag"):
        model.Session.execute(sa.text(f"DELETE FROM {table}"))
    model.Session.commit()


# -- the two roads ----------------------------------------------------------------------------


def one_by_one(user: str, items: Sequence[Planned]) -> None:
    """The slow road: CKAN's calls as anybody makes them, each with its own commit."""
    for item in items:
        existing = model.Package.get(item.package_id)
        data = to_package(item.dataset, item.package_id, dictionary().code_lists["themes"])
        name = slug(data["title"])
        free = model.Package.by_name(name) is None
        data["name"] = existing.name if existing else name if free else f"{name}-{data['id'][:8]}"
        data |= {"harvest_source": SOURCE, "state": "active"}
        describe_files(item, data, existing)
        action = "package_update" if existing else "package_create"
        tk.get_action(action)(Context(user=user), data)


def in_batches(user: str, items: Sequence[Planned]) -> list[Written | Refused]:
    """The quick road: a batch, its commit, and its documents sent together."""
    with batch_session():
        results = Writer(SOURCE, user).write_batch(items)
        model.Session.commit()
    made = [result.document for result in results if isinstance(result, Written)]
    pysolr.Solr(tk.config["solr_url"]).add(made, commit=True)
    return results


Road = Callable[[str, Sequence[Planned]], Any]


@pytest.fixture
def user(portal: None) -> str:
    return harvester()


@pytest.fixture
def recorder(portal: None, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The recording plugin, as the last of the plugins."""
    made = Recorder(name="recorder")
    made.forget()
    monkeypatch.setitem(core._PLUGINS_SERVICE, "recorder", made)
    return made


def planned(dataset: Dataset, stored: StoredFile | None = None) -> Planned:
    """A dataset that shall be written; its first file is stored where there is one."""
    kept = {item.guid: stored for item in dataset.resources[:1] if stored}
    return Planned(dataset.guid, package_id(SOURCE, dataset.guid), dataset, kept)


def travel(
    road: Road, user: str, recorder: Recorder, rounds: Sequence[Sequence[Planned]]
) -> list[Remains]:
    """What remains after each round of a road."""
    packages = [item.package_id for item in rounds[0]]
    found = []
    for items in rounds:
        recorder.forget()
        road(user, items)
        model.Session.remove()
        found.append(remains(recorder, packages))
    recorder.forget()
    clear(packages)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_datasets_of_all_sorts_leave_the_same_on_both_roads(
    seed: int, user: str, recorder: Recorder, tmp_path: Path
) -> None:
    """Whatever the datasets are, new and changed, a batch leaves what CKAN's own calls leave."""
    dice = Dice(random.Random(seed))
    body = f"ma,ten\n{seed},Hà Tĩnh\n".encode()
    (tmp_path / "tep").write_bytes(body)
    stored = StoredFile(sha256(body).hexdigest(), len(body), tmp_path / "tep")
    first = [dice.dataset(number) for number in range(8)]
    second = [dice.later(dataset) for dataset in first]
    rounds = [
        [planned(dataset, stored if number % 3 == 0 else None) for number, dataset in enumerate(of)]
        for of in (first, second, first)  # at last everything comes back as it was
    ]
    slow = travel(one_by_one, user, recorder, rounds)
    quick = travel(in_batches, user, recorder, rounds)
    for was, now in zip(slow, quick, strict=True):
        assert [*differences(asdict(was), asdict(now))] == []


def test_a_batch_asks_the_database_and_the_index_little(user: str) -> None:
    """A new record costs at most two statements, a changed one a few for each row that changed;
    commits and requests are next to none."""
    dice = Dice(random.Random(7))
    items = [planned(dice.dataset(number)) for number in range(50)]
    with counted() as first:
        in_batches(user, items)
    with counted() as again:
        in_batches(user, [planned(dice.later(item.dataset)) for item in items])
    for counts in (first, again):
        assert counts.statements <= (2 if counts is first else 6) * len(items)
        assert counts.commits <= 0.05 * len(items)
        assert counts.requests <= 0.05 * len(items)


def test_one_refused_record_leaves_the_others_as_they_would_be(user: str) -> None:
    """A record that validation refuses is told apart; the rest of its batch is written."""
    dice = Dice(random.Random(8))
    datasets = [dice.dataset(number) for number in range(5)]
    datasets[2] = replace(datasets[2], publisher="khong-co-so-nay")
    results = in_batches(user, [planned(dataset) for dataset in datasets])
    assert [type(result) for result in results] == [Written, Written, Refused, Written, Written]
    refused = results[2]
    assert isinstance(refused, Refused)
    assert {problem.code for problem in refused.problems} == {"package-refused"}
    assert model.Session.query(model.Package).count() == 4
    assert (
        model.Session.query(Activity).filter(Activity.activity_type == "new package").count() == 4
    )


def test_a_hook_that_refuses_after_saving_undoes_that_record_alone(
    user: str, recorder: Recorder
) -> None:
    """What a plugin refuses after its package was saved is undone; the rest is written."""
    dice = Dice(random.Random(9))
    items = [planned(dice.dataset(number)) for number in range(6)]
    recorder.refuses = items[3].package_id
    results = in_batches(user, items)
    assert [isinstance(result, Written) for result in results] == [True] * 3 + [False] + [True] * 2
    assert model.Package.get(items[3].package_id) is None
    assert {package.id for package in model.Session.query(model.Package)} == {
        item.package_id for item in items if item.package_id != recorder.refuses
    }
    stray = sa.select(model.Resource).where(model.Resource.package_id == items[3].package_id)
    assert model.Session.scalars(stray).first() is None


def test_a_deleted_dataset_that_is_written_again_is_found_again(user: str) -> None:
    """A dataset that was deleted comes back whole, in the database and in the index."""
    item = planned(Dice(random.Random(12)).dataset(3))
    in_batches(user, [item])
    tk.get_action("package_delete")(Context(user=user), {"id": item.package_id})
    in_batches(user, [item])
    model.Session.remove()
    shown = tk.get_action("package_show")(Context(ignore_auth=True), {"id": item.package_id})
    assert shown["state"] == "active"
    assert len(shown["resources"]) == len(item.dataset.resources)
    assert search.show(item.package_id)["state"] == "active"


def test_validation_gives_the_same_whatever_is_wrong(user: str) -> None:
    """The quicker loop of validation converts and refuses as CKAN's own does, good data and bad."""
    dice = Dice(random.Random(11))
    for number in range(60):
        item = planned(dice.dataset(number))
        package = to_package(item.dataset, item.package_id, dictionary().code_lists["themes"])
        package["name"] = f"ten-{number}"
        dice.spoil(package, number % 8)
        slow = validated(user, package)
        with batch_session():
            quick = validated(user, package)
        assert [*differences(slow, quick)] == []


def validated(user: str, package: dict[str, Any]) -> Any:
    """What validation for a new dataset, and for showing one, makes of it."""
    plugin, found = lookup_package_plugin("dataset"), []
    for action, schema in (
        ("package_create", plugin.create_package_schema()),
        ("package_show", plugin.show_package_schema()),
    ):
        try:
            context = Context(user=user, session=model.Session, ignore_auth=True)
            found.append(plugin_validate(plugin, context, deepcopy(package), schema, action))
        except (DictizationError, TypeError, ValueError, AttributeError) as err:
            found.append(repr(err))
    return json.loads(json.dumps(found, default=lambda value: type(value).__name__))


def test_documents_made_later_are_those_made_at_once(user: str) -> None:
    """The outbox rebuilds a document from the rows, and it is the document of the batch."""
    dice = Dice(random.Random(10))
    items = [planned(dice.dataset(number)) for number in range(12)]
    results = in_batches(user, items)
    rebuilt = {
        made["id"]: document(made) for made in index_documents([i.package_id for i in items])
    }
    at_once = {
        result.document["id"]: document(result.document)
        for result in results
        if isinstance(result, Written)
    }
    assert [*differences(at_once, rebuilt)] == []
    assert index_documents(["khong-co"]) == []


@dataclass
class Counts:
    """What a piece of work has asked for."""

    statements: int = 0
    commits: int = 0
    requests: int = 0


@contextmanager
def counted() -> Iterator[Counts]:
    """Count statements, commits and requests to Solr inside."""
    counts, engine, ask = Counts(), model.meta.engine, pysolr.Solr._send_request

    def statement(*_arguments: Any) -> None:
        counts.statements += 1

    def commit(*_arguments: Any) -> None:
        counts.commits += 1

    def request(self: pysolr.Solr, *args: Any, **options: Any) -> Any:
        counts.requests += 1
        return ask(self, *args, **options)

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    pysolr.Solr._send_request = request
    try:
        yield counts
    finally:
        pysolr.Solr._send_request = ask
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)
