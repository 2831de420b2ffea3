"""The register as the API gives it, to one reader."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ckanext.hatinh.register import model, records
from ckanext.hatinh.register.reader import Named, Reader, named
from ckanext.hatinh.shared.vocabulary import dictionary, organizations, today
from hatinh.register import (
    SYSTEM,
    Branch,
    Coverage,
    Finding,
    Joined,
    Kind,
    Node,
    Row,
    coverage,
    describe,
    grow,
)
from hatinh.text import Text

OPEN, CLOSED = "mo", "dong"
"""States of a finding, by their names in ``schemas/register.yaml``."""

CODES = {
    "cls": "publication_classes",
    "own": "publication_classes",
    "decided": "publication_classes",
    "level": "sharing_levels",
    "state": "integration_status",
}
"""Words of findings that are codes, and the lists they are from."""


# -- findings -------------------------------------------------------------------------------------


def findings(
    reader: Reader, kind: str = "", owner: str = "", state: str = ""
) -> list[dict[str, Any]]:
    """The findings that the reader may see, open ones first."""
    closed = {OPEN: False, CLOSED: True}.get(state)
    found = model.findings(kind=kind, owner=owner, closed=closed)
    sides = named(id_ for row in found for id_ in _sides(row))
    names = code_names()
    return [
        _told(row, sides, names)
        for row in found
        if reader.sees_sides(_sides(row), row.owner, sides)
    ]


def kinds_of(found: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many findings there are of each kind."""
    counts = Counter(finding["kind"] for finding in found)
    return {kind.value: counts[kind.value] for kind in Kind}


def offices_of(found: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many findings each office has."""
    return dict(sorted(Counter(finding["owner"] for finding in found).items()))


def code_names() -> dict[str, dict[str, Text]]:
    """Names of the codes that findings speak of, by the word that holds them."""
    lists = dictionary().code_lists
    found = {
        word: {code.code: code.name for code in lists[name]} for word, name in CODES.items()
    }  # fmt: skip
    kinds = records.form().kinds
    return found | {"catalogue": {name: kind.title for name, kind in kinds.items()}}


def _sides(row: Any) -> list[str]:
    return [id_ for id_ in (row.subject, *row.others) if id_]


def _told(row: Any, sides: Mapping[str, Named], names: Any) -> dict[str, Any]:
    words = records.config().words
    finding = Finding(Kind(row.kind), row.reason, row.owner, words=row.words)
    what, mend = describe(finding, words, names)
    subject = sides.get(row.subject)
    return {
        "id": row.id,
        "kind": row.kind,
        "reason": row.reason,
        "title": words.kinds[row.kind].as_dict(),
        "owner": row.owner,
        "subject": subject.as_dict() if subject else None,
        "others": [sides[id_].as_dict() for id_ in row.others if id_ in sides],
        "about": row.about,
        "what": what.as_dict(),
        "mend": mend.as_dict(),
        "state": CLOSED if row.closed else OPEN,
        "first_seen": _moment(row.first_seen),
        "last_seen": _moment(row.last_seen),
        "closed": _moment(row.closed),
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None


# -- the tree -------------------------------------------------------------------------------------


def register() -> Joined:
    """Systems, datasets and services as they are joined, whoever reads."""
    return Joined(records.facts(whole=False))


def trees(joined: Joined, reader: Reader, owner: str = "") -> list[dict[str, Any]]:
    """The systems at the top, of one office or of all, with what is below them."""
    telling = _Telling(joined)
    roots = grow(joined, reader.sees)
    return [telling.node(node) for node in roots if owner in ("", node.system.owner)]


def tree(joined: Joined, reader: Reader, id_: str) -> dict[str, Any] | None:
    """One system with what is below it, by id or name, wherever it stands."""
    for root in grow(joined, reader.sees):
        for node in root.walk():
            if id_ in (node.system.id, node.system.name):
                return _Telling(joined).node(node)
    return None


class _Telling:
    """Tells nodes with the calls of their services."""

    def __init__(self, joined: Joined) -> None:
        self._rules = joined.facts.rules
        self._joined = joined
        self._counted = joined.facts.counted.last is not None

    def node(self, node: Node) -> dict[str, Any]:
        """A system with all below it."""
        system = node.system
        below = _services(node)
        return {
            **_brief(system),
            "system_kind": system.system_kind,
            "lgsp_status": system.lgsp_status,
            "connected": system.lgsp_status == self._rules.connected,
            "databases": [self.node(part) for part in node.parts],
            "datasets": [self._branch(branch) for branch in node.datasets],
            "services": [self._service(service) for service in node.services],
            "service_count": len(below),
            "calls": sum(map(self._joined.count, below.values()))
            if self._counted and below
            else None,
        }

    def _branch(self, branch: Branch) -> dict[str, Any]:
        services = [self._service(service) for service in branch.services]
        return {**_brief(branch.dataset), "services": services}

    def _service(self, service: Row) -> dict[str, Any]:
        called = self._joined.calls.get(service.id)
        return {
            **_brief(service),
            "endpoint": service.endpoint,
            "lgsp_status": service.lgsp_status,
            "calls": self._joined.count(service) if self._counted else None,
            "last_call": called.last.isoformat() if called and called.last else None,
        }


def _services(node: Node) -> dict[str, Row]:
    """All services below a node, each once."""
    return {
        service.id: service
        for inner in node.walk()
        for some in (inner.services, *(branch.services for branch in inner.datasets))
        for service in some
    }


def _brief(row: Row) -> dict[str, str]:
    return {"id": row.id, "name": row.name, "title": row.title, "owner": row.owner}


# -- coverage -------------------------------------------------------------------------------------


def coverages(reader: Reader) -> dict[str, Any]:
    """The coverage of the whole province and of each office, over systems that the reader sees."""
    facts = records.facts(whole=False)
    systems = {row.id: row for row in facts.of(SYSTEM) if reader.sees(row)}
    offices: dict[str, list[Row]] = {}
    for row in systems.values():
        offices.setdefault(row.owner, []).append(row)
    order = {office.code: at for at, office in enumerate(organizations())}
    code, day = facts.rules.connected, today()
    return {
        "whole": _share("", coverage(systems.values(), code, day), systems),
        "offices": [
            _share(name, coverage(offices[name], code, day), systems)
            for name in sorted(offices, key=lambda name: (order.get(name, len(order)), name))
        ],
    }


def _share(owner: str, found: Coverage, systems: Mapping[str, Row]) -> dict[str, Any]:
    return {
        "organization": owner,
        "systems": len(found.systems),
        "connected": len(found.connected),
        "denominator": found.denominator,
        "percent": found.percent,
        "exceptions": list(_excused(found.exceptions, systems)),
        "claimed": list(_excused(found.claimed, systems)),
    }


def _excused(ids: Iterable[str], systems: Mapping[str, Row]) -> Iterator[dict[str, str]]:
    for id_ in ids:
        row = systems[id_]
        yield {**_brief(row), "reason": row.exception, "approval": row.approval}
