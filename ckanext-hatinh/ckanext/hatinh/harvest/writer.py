"""Writes one candidate into CKAN: through its own actions, idempotently, in one transaction.

The package, its activity, its score, the ledger's row and the note that its search document is
stale are committed together; the document follows from the outbox. A kill at any moment leaves
either all of it or nothing, and the next run finishes the rest. Package and resource ids are
made from the source's own ids, so no record can become two packages.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import uploader
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.hatinh.harvest.model.outbox import stage_stale
from ckanext.hatinh.harvest.model.record import stage_record
from ckanext.hatinh.shared.mapping import package_id, to_package
from ckanext.hatinh.shared.vocabulary import dictionary
from harvesters.pipeline import Candidate
from hatinh.dataset import Dataset, Resource
from hatinh.problem import Problem, error
from hatinh.text import slug

MAX_NAME = 100


class WriteRefusedError(Exception):
    """CKAN's validators refused a package; carries the reasons as problems."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.path}: {p.value}" for p in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes candidates of one source as one user."""

    source: str
    user: str

    def write(self, candidate: Candidate, dataset: Dataset) -> Literal["created", "updated"]:
        """Create or update the package of a candidate, up to but without the commit.

        Raises :class:`WriteRefusedError`; the transaction is then rolled back.
        """
        package = package_id(self.source, dataset.guid)
        existing = model.Package.get(package)
        data = to_package(dataset, package, dictionary().code_lists["themes"])
        data["harvest_source"] = self.source
        data["name"] = existing.name if existing else _free_name(dataset, package)
        data["state"] = "active"
        kept = {resource.id: resource for resource in existing.resources} if existing else {}
        for resource, item in zip(dataset.resources, data["resources"], strict=True):
            self._place_file(resource, item, candidate.files, kept)
        self._call("package_update" if existing else "package_create", data)
        if candidate.score:
            self._save_score(package, candidate)
        stage_record(self.source, dataset.guid, package, candidate.hash)
        stage_stale([package])
        return "updated" if existing else "created"

    def _call(self, action: str, data: dict[str, Any]) -> None:
        context = self._context()
        # The deferred update of CKAN 2.12 does not name what it changed, and the activity
        # stream writes nothing for an update that does not.
        context["changed_entities"] = {"packages": {data["id"]}}
        try:
            tk.get_action(action)(context, data)
        except tk.ValidationError as err:
            model.Session.rollback()
            raise WriteRefusedError(tuple(_problems(err.error_dict))) from err

    def _save_score(self, package: str, candidate: Candidate) -> None:
        if candidate.score is None:
            return
        tk.get_action("hatinh_score_save")(
            self._context(),
            {
                "package_id": package,
                "score": candidate.score.as_dict(),
                "problems": [problem.as_dict() for problem in candidate.problems],
            },
        )

    def _context(self) -> Context:
        return Context(
            user=self.user,
            defer_commit=True,
            return_id_only=True,
        )

    def _place_file(
        self,
        resource: Resource,
        item: dict[str, Any],
        files: Mapping[str, bytes],
        kept: Mapping[str, model.Resource],
    ) -> None:
        """Store a file's bytes under its resource, or keep the last good copy (REQ-53)."""
        body = files.get(resource.guid)
        old = kept.get(item["id"])
        if body is None:
            if old is not None and old.url_type == "upload":
                item.update(_stored(old))
            return
        digest = hashlib.sha256(body).hexdigest()
        filename = _filename(resource)
        if old is not None and old.url_type == "upload" and old.hash == digest:
            item.update(_stored(old))
        else:
            _upload(item["id"], filename, body)
            item.update(
                url_type="upload",
                url=filename,
                size=len(body),
                hash=digest,
                last_modified=datetime.now(UTC).replace(tzinfo=None).isoformat(),
            )


def _stored(old: model.Resource) -> dict[str, Any]:
    return {
        "url_type": "upload",
        "url": old.url,
        "size": old.size,
        "hash": old.hash,
        "last_modified": old.last_modified.isoformat() if old.last_modified else None,
    }


def _upload(resource: str, filename: str, body: bytes) -> None:
    upload = uploader.get_resource_uploader(
        {"id": resource, "upload": FileStorage(io.BytesIO(body), filename)}
    )
    upload.upload(resource, uploader.get_max_resource_size())


def _filename(resource: Resource) -> str:
    """A readable file name: the source's own where it has an ending, else the title's."""
    last = resource.url.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
    stem, dot, ending = last.rpartition(".")
    if not dot or ending.upper() != resource.format:
        stem, ending = resource.name.vi, resource.format.lower() or "bin"
    return f"{slug(stem, 80) or 'du-lieu'}.{ending.lower()}"


def _free_name(dataset: Dataset, package: str) -> str:
    """The title's slug, with a piece of the id when another package has it already."""
    name = slug(dataset.title.vi, MAX_NAME - 10) or dataset.kind
    taken = model.Package.by_name(name)
    return name if len(name) > 1 and taken is None else f"{name}-{package[:8]}"


def _problems(errors: Mapping[str, Any], path: str = "$") -> list[Problem]:
    """CKAN's nested error dict as flat problems."""
    found: list[Problem] = []
    for name, value in errors.items():
        where = f"{path}.{name}"
        items = value if isinstance(value, list) else [value]
        for number, item in enumerate(items):
            if isinstance(item, Mapping):
                found.extend(_problems(item, f"{where}[{number}]"))
            else:
                found.append(error("package-refused", where, item))
    return found
