"""Writes a batch of datasets into CKAN: through its own actions, idempotently, uncommitted.

Every validator and every hook of CKAN and its plugins runs for every package, as on the slow
road; what is saved is the database's time (see ``batch``). The caller commits packages,
activities, scores and ledger together, so a kill leaves all of it or nothing. Package and
resource ids are made from the source's own ids: no record can become two packages.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.types import Context
from sqlalchemy.exc import DBAPIError

from ckanext.hatinh.harvest import collecting, files
from ckanext.hatinh.harvest.batch.holding import Document, activities_held, buffered
from ckanext.hatinh.harvest.batch.memory import Memory, Wanted
from ckanext.hatinh.harvest.batch.session import BatchSession, SpoiledError, current
from ckanext.hatinh.harvest.containment import is_away
from ckanext.hatinh.harvest.documents import make_documents, rows_at_hand
from ckanext.hatinh.harvest.tags import make_tags
from ckanext.hatinh.shared.findings import SCORED
from ckanext.hatinh.shared.mapping import resource_id, to_package
from ckanext.hatinh.shared.reserved import CHECKED
from ckanext.hatinh.shared.vocabulary import dictionary
from harvesters.pipeline import may_hand_on
from harvesters.spool import StoredFile
from hatinh.dataset import Dataset
from hatinh.problem import Problem, error
from hatinh.text import slug

MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Planned:
    """A record that shall be written. ``score`` and ``problems`` are in their JSON form.

    The score has the ``files`` that it was made from.
    """

    guid: str
    package_id: str
    dataset: Dataset
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    score: Mapping[str, Any] | None = None
    problems: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A package as it stands in the open transaction.

    ``modified`` is its ``metadata_modified`` (naive UTC); ``document`` what the index shall hold
    once the transaction is committed.
    """

    modified: datetime
    document: Document = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """CKAN's validators refused a package; the reasons."""

    problems: tuple[Problem, ...]


Result = Written | Refused


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes records of one source as one user."""

    source: str
    user: str

    def write_batch(self, items: Sequence[Planned]) -> list[Result]:
        """Create or update the packages of different records, up to but without the commit.

        Give results in the order of the items. To be called within ``batch_session()``. A
        package that is refused leaves nothing behind; the others are written.
        """
        session = current()
        session.careful = False
        whole = session.begin_nested()
        try:
            with collecting.paused():
                results = self._write(session, items)
        except (SpoiledError, DBAPIError, tk.ValidationError) as err:
            if is_away(err):
                raise
            whole.rollback()
            session.careful = True
            return self._write(session, items)
        whole.commit()
        return results

    def _write(self, session: BatchSession, items: Sequence[Planned]) -> list[Result]:
        themes = dictionary().code_lists["themes"]
        packages = [to_package(item.dataset, item.package_id, themes) for item in items]
        wanted = _wanted(packages)
        session.forget()
        session.memory = Memory.read(session, wanted)
        if missing := session.memory.missing_tags:
            make_tags(missing)
            session.memory = Memory.read(session, wanted)
        with activities_held() as notes, buffered() as buffer:
            refused: dict[str, Refused] = {}
            for item, package in zip(items, packages, strict=True):
                refusal = self._write_one(session, item, package)
                if refusal:
                    refused[item.package_id] = refusal
                    notes.forget(item.package_id)
                    if session.careful:
                        session.memory = Memory.read(session, wanted)
            session.flush()
            written = [item.package_id for item in items if item.package_id not in refused]
            self._save_scores(items, refused)
            with rows_at_hand(session, written):
                make_documents(written, Context(user=self.user, ignore_auth=True))
                notes.write()
            session.flush()
            return [
                refused.get(item.package_id)
                or Written(_modified(item.package_id), buffer.documents[item.package_id])
                for item in items
            ]

    def _write_one(
        self, session: BatchSession, item: Planned, package: dict[str, Any]
    ) -> Refused | None:
        """Call CKAN's action for one package."""
        existing = session.memory.packages[item.package_id]
        package["harvest_source"] = self.source
        package["name"] = existing.name if existing else _free_name(session.memory, package)
        package["state"] = "active"
        fresh = describe_files(item, package, existing)
        try:
            with session.record():
                tk.get_action("package_update" if existing else "package_create")(
                    self._context(item), package
                )
        except tk.ValidationError as err:
            return Refused(tuple(_problems(err.error_dict)))
        for resource, name, file in fresh:
            files.store(resource, name, file)
        return None

    def _context(self, item: Planned) -> Context:
        package = item.package_id
        context: Any = Context(user=self.user, defer_commit=True, return_id_only=True)
        # A former state that equals nothing: the packages that come here have changed.
        context["original_package"] = {"id": package, "resources": []}
        # The deferred update of CKAN 2.12 does not name what it changed, and the activity
        # stream writes nothing for an update that does not.
        context["changed_entities"] = {"packages": {package}}
        context[CHECKED] = True
        context[SCORED] = item.score is not None
        return context

    def _save_scores(self, items: Sequence[Planned], refused: Mapping[str, Refused]) -> None:
        scores = [
            {
                "package_id": item.package_id,
                "score": item.score,
                "problems": [dict(problem) for problem in item.problems],
                "resources": [
                    {**file, "id": resource_id(item.package_id, file["guid"])}
                    for file in item.score.get("files", ())
                ],
            }
            for item in items
            if item.score and item.package_id not in refused
        ]
        if scores:
            context = Context(user=self.user, defer_commit=True)
            tk.get_action("hatinh_score_save")(context, {"scores": scores})


def _modified(package: str) -> datetime:
    return model.Session.get_one(model.Package, package).metadata_modified


def _wanted(packages: Sequence[Mapping[str, Any]]) -> Wanted:
    return Wanted(
        packages=[package["id"] for package in packages],
        resources=[resource["id"] for package in packages for resource in package["resources"]],
        names=sorted({name for package in packages for name in _names(package)}),
        tags=sorted({tag["name"] for package in packages for tag in package["tags"]}),
    )


def _names(package: Mapping[str, Any]) -> tuple[str, str]:
    """The title's slug, and the same with a piece of the id."""
    name = slug(package["title"], MAX_NAME - 10) or package["type"]
    return name, f"{name}-{package['id'][:8]}"


def _free_name(memory: Memory, package: Mapping[str, Any]) -> str:
    name, longer = _names(package)
    return name if len(name) > 1 and memory.is_free(name, package["id"]) else longer


def describe_files(
    item: Planned, package: dict[str, Any], existing: model.Package | None
) -> list[tuple[str, str, StoredFile]]:
    """Say in the package what its files are; gives those whose bytes must be stored.

    Files that the portal may not hand on, or no longer, are where their source has them.
    """
    kept = {resource.id: resource for resource in existing.resources} if existing else {}
    if not may_hand_on(item.dataset):
        for described in package["resources"]:
            files.describe_elsewhere(described, kept.get(described["id"]))
        return []
    fresh = []
    for resource, described in zip(item.dataset.resources, package["resources"], strict=True):
        file, old = item.files.get(resource.guid), kept.get(described["id"])
        if files.describe(resource, described, file, old) and file:
            fresh.append((described["id"], files.filename(resource), file))
    return fresh


def _problems(errors: Mapping[str, Any], path: str = "$") -> Iterator[Problem]:
    """CKAN's nested error dict as flat problems."""
    for name, value in errors.items():
        where = f"{path}.{name}"
        items = value if isinstance(value, list) else [value]
        for number, item in enumerate(items):
            if isinstance(item, Mapping):
                yield from _problems(item, f"{where}[{number}]")
            else:
                yield error("package-refused", where, item)
