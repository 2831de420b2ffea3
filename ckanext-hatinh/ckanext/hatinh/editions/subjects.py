"""Subjects that have to be published: who owes them, and how far they have come."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model as core

import schemas
from ckanext.hatinh.editions import catalogues, model
from ckanext.hatinh.editions.records import public_titles
from ckanext.hatinh.shared.refusals import refuse
from hatinh.editions import Subject, load_subjects, state_of
from hatinh.problem import error


@lru_cache(maxsize=1)
def _subjects() -> Mapping[str, Subject]:
    return {subject.code: subject for subject in load_subjects(schemas.ROOT)}


def told() -> list[dict[str, Any]]:
    """All subjects in their order; only public datasets are named."""
    public = {found["id"]: found for found in public_titles()}
    chosen = model.subject_datasets()
    listed = frozenset().union(*map(catalogues.listed, catalogues.form().kinds))
    return [
        _told(subject, [public[id_] for id_ in chosen.get(code, ()) if id_ in public], listed)
        for code, subject in _subjects().items()
    ]


def assign(code: str, names: Sequence[str], public: Mapping[str, str]) -> dict[str, Any]:
    """Give a subject its datasets. Raises ``ObjectNotFound``, and refuses unknown datasets."""
    if code not in _subjects():
        raise tk.ObjectNotFound(tk._("There is no subject {code}").format(code=code))
    ids = {name: id_ for id_, name in public.items()} | {id_: id_ for id_ in public}
    refuse(
        error("catalogue-dataset-unknown", "$.datasets", name) for name in names if name not in ids
    )
    model.assign(code, dict.fromkeys(ids[name] for name in names))
    core.Session.commit()
    return next(subject for subject in told() if subject["code"] == code)


def _told(
    subject: Subject, datasets: Sequence[Mapping[str, Any]], listed: frozenset[str]
) -> dict[str, Any]:
    state = state_of([found["id"] for found in datasets], listed)
    return {
        "code": subject.code,
        "name": subject.name,
        "owner": subject.owner,
        "theme": subject.theme,
        "demand": subject.demand,
        "source": subject.source,
        "note": subject.note,
        "state": state.value,
        "datasets": [dict(found) for found in datasets],
    }
