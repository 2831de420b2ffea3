"""What is known of the packages of one batch, read beforehand in a handful of statements.

Only what the batch itself decides is answered from here: its packages with their resources,
tags, memberships and views, and the accounts and organisations that it has met.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.orm import Session, selectinload

from ckanext.hatinh.harvest.batch.asking import Answer, Question, Shape
from ckanext.hatinh.shared import reserved

PACKAGE_ID = model.package_table.c.id


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a batch will touch: ids of packages and resources, names, and names of tags."""

    packages: Collection[str] = ()
    resources: Collection[str] = ()
    names: Collection[str] = ()
    tags: Collection[str] = ()


@dataclass
class Memory:
    """Everything known; empty memory knows nothing and answers nothing."""

    packages: dict[str, Any] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    reserved: Mapping[str, str] = field(default_factory=dict)
    tags: dict[str, Any] = field(default_factory=dict)
    members: dict[str, list[Any]] = field(default_factory=dict)
    views: dict[str, list[Any]] = field(default_factory=dict)
    met: dict[tuple[str, str], Any] = field(default_factory=dict)
    beside: dict[Any, dict[str, Any]] = field(default_factory=dict)
    is_meeting: bool = False

    @classmethod
    def read(cls, session: Session, wanted: Wanted) -> "Memory":
        """Read what the database knows of a batch."""
        tags = selectinload(model.Package.package_tags).selectinload(model.PackageTag.tag)
        options = (selectinload(model.Package.resources_all), tags)
        packages = sa.select(model.Package).where(model.Package.id.in_(wanted.packages))
        known = cls(
            packages=_by(session.scalars(packages.options(*options)), "id", wanted.packages),
            resources=_found(session, model.Resource, "id", wanted.resources),
            names=_found(session, model.Package, "name", wanted.names),
            reserved=reserved.owners(wanted.names),
            tags=_free_tags(session, wanted.tags),
            members=_grouped(session, model.Member, "table_id", wanted.packages),
        )
        known.names |= {item.name: item for item in known.packages.values() if item is not None}
        views = [key for key, resource in known.resources.items() if resource is not None]
        known.views = _grouped(session, model.ResourceView, "resource_id", views)
        known.views |= {key: [] for key in known.resources.keys() - set(views)}
        return known

    @property
    def missing_tags(self) -> list[str]:
        """Names of free tags that are wanted and not there."""
        return sorted(name for name, tag in self.tags.items() if tag is None)

    def is_free(self, name: str, package: str) -> bool:
        """Whether a new package of this id may have a name."""
        return self.names[name] is None and self.reserved.get(name, package) == package

    def of(self, entity: Any) -> dict[str, Any]:
        """What is known of the rows of a class, by id; ``None`` for one that there is not."""
        if entity is model.Package:
            return self.packages
        return self.resources if entity is model.Resource else self.beside.get(entity, {})

    def read_beside(self, session: Session, packages: Collection[str]) -> None:
        """Read what plugins keep beside packages, one row each."""
        for mapper in model.meta.registry.mappers:
            key = mapper.primary_key
            if len(key) == 1 and any(link.column is PACKAGE_ID for link in key[0].foreign_keys):
                rows = sa.select(mapper.class_).where(key[0].in_(packages))
                found = session.scalars(rows.execution_options(populate_existing=True))
                self.beside[mapper.class_] = _by(found, str(key[0].key), packages)

    def note(self, item: Any) -> None:
        """Learn of a new object of the open batch, before the database does."""
        if isinstance(item, model.Package):
            self.packages[item.id] = self.names[item.name] = item
        elif isinstance(item, model.Resource):
            self.resources[item.id] = item
            self.views.setdefault(item.id, [])
        elif isinstance(item, model.Tag) and item.vocabulary_id is None:
            self.tags[item.name] = item
        elif isinstance(item, model.Member):
            _add(self.members.setdefault(item.table_id or "", []), item)
        elif isinstance(item, model.ResourceView):
            _add(self.views.setdefault(item.resource_id, []), item)

    def answer(self, question: Question) -> Answer | None:
        """The answer to a question of CKAN's model, or ``None`` when it is not known."""
        understood = question.understood()
        if understood is None:
            return None
        shape, values = understood
        if shape == _EXISTS:
            return self._whether(question.entities[0].asked)
        if rule := _RULES.get(shape):
            return rule(self, values)
        return self._met(question, shape, values) if shape in _MET else None

    @contextmanager
    def meeting(self) -> Iterator[None]:
        """Ask for what no pending change of the batch can touch: it need not be sent first."""
        self.is_meeting = True
        try:
            yield
        finally:
            self.is_meeting = False

    def _whether(self, question: Question) -> Answer | None:
        known = self.answer(question)
        return None if known is None else Answer([(bool(known),)])

    def _met(self, question: Question, shape: Shape, values: dict[str, Any]) -> Answer:
        """Accounts and organisations: asked once, then remembered."""
        key = (f"{shape[0]} {shape[1][0]}", next(iter(values.values())))
        if key not in self.met:
            with self.meeting():
                self.met[key] = question.real().first()
        found = self.met[key]
        return Answer([] if found is None else [found])

    # -- rules: one for each shape ------------------------------------------------------------

    def _package_named(self, values: dict[str, Any]) -> Answer | None:
        return _one(self.names, values["name"])

    def _package_identified(self, values: dict[str, Any]) -> Answer | None:
        return _one(self.packages, values["id"])

    def _name_taken(self, values: dict[str, Any]) -> Answer | None:
        found = _one(self.names, values["name"])
        if found is None:
            return None
        others = (item for item in found if item.state != values["state!"])
        return Answer((item.id,) for item in others if item.id != values.get("id!"))

    def _tag(self, values: dict[str, Any]) -> Answer | None:
        return _one(self.tags, values["name"]) if values["vocabulary_id"] is None else None

    def _parent(self, values: dict[str, Any]) -> Answer | None:
        found = _one(self.resources, values["id"])
        if found is None:
            return None
        return Answer((item.package_id,) for item in found if item.state != values["state!"])

    def _resources(self, values: dict[str, Any]) -> Answer | None:
        key = values["package_id"]
        if key not in self.packages:
            return None
        package = self.packages[key]
        listed = package.resources_all if package is not None else ()
        if "state!" in values:
            return Answer(item for item in listed if item.state != values["state!"])
        return Answer(item for item in listed if item.state == values["state"])

    def _members(self, values: dict[str, Any]) -> Answer | None:
        listed = self.members.get(values["table_id"])
        if listed is None:
            return None
        if "capacity!" in values:
            return Answer(item for item in listed if item.capacity != values["capacity!"])
        return Answer(item for item in listed if item.capacity == values["capacity"])

    def _views(self, values: dict[str, Any]) -> Answer | None:
        listed = self.views.get(values["resource_id"])
        return None if listed is None else Answer(sorted(listed, key=lambda item: item.order))


Rule = Callable[[Memory, dict[str, Any]], Answer | None]

_EXISTS: Shape = ("exists", ())
_RULES: dict[Shape, Rule] = {
    ("Package", ("name",)): Memory._package_named,
    ("Package", ("id",)): Memory._package_identified,
    ("Package.id", ("name", "state!")): Memory._name_taken,
    ("Package.id", ("id!", "name", "state!")): Memory._name_taken,
    ("Tag", ("name", "vocabulary_id")): Memory._tag,
    ("Resource.package_id", ("id", "state!")): Memory._parent,
    ("Resource", ("package_id", "state!")): Memory._resources,
    ("Resource", ("package_id", "state")): Memory._resources,
    ("Member", ("capacity!", "table_id")): Memory._members,
    ("Member", ("capacity", "table_id")): Memory._members,
    ("ResourceView", ("resource_id",)): Memory._views,
}
_MET: frozenset[Shape] = frozenset(
    {("User", ("id|name",)), ("User", ("name",)), ("User", ("id",)),
     ("Group", ("id",)), ("Group", ("name",))}
)  # fmt: skip


def _one(known: dict[str, Any], key: str) -> Answer | None:
    if key not in known:
        return None
    return Answer([] if known[key] is None else [known[key]])


def _add(listed: list[Any], item: Any) -> None:
    if not any(other is item for other in listed):
        listed.append(item)


def _by(items: Iterable[Any], name: str, wanted: Collection[str]) -> dict[str, Any]:
    return dict.fromkeys(wanted) | {getattr(item, name): item for item in items}


def _found(session: Session, entity: Any, name: str, wanted: Collection[str]) -> dict[str, Any]:
    if not wanted:
        return {}
    rows = session.scalars(sa.select(entity).where(getattr(entity, name).in_(wanted)))
    return _by(rows, name, wanted)


def _free_tags(session: Session, names: Collection[str]) -> dict[str, Any]:
    free = sa.select(model.Tag).where(model.Tag.name.in_(names), model.Tag.vocabulary_id.is_(None))
    return _by(session.scalars(free), "name", names) if names else {}


def _grouped(
    session: Session, entity: Any, name: str, wanted: Collection[str]
) -> dict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    if wanted:
        for item in session.scalars(sa.select(entity).where(getattr(entity, name).in_(wanted))):
            found[getattr(item, name)].append(item)
    return {key: found[key] for key in wanted}
