"""Offices as a tree: who stands below whom, which are gone, and how much each publishes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from hatinh.dictionary.model import Code, CodeList
from hatinh.text import Text

Say = Callable[[Text], str]
"""Gives a bilingual text in one language."""


@dataclass(frozen=True, slots=True)
class Office:
    """An office (cơ quan, đơn vị) with its number of datasets and what stands below it."""

    slug: str
    name: str
    count: int = 0
    children: tuple["Office", ...] = ()
    successor: "Office | None" = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Offices in force as trees; the abolished with their successors (REQ-90); all others.

    ``others`` publish nothing of the province: partners, planned or unconfirmed offices.
    """

    trees: tuple[Office, ...]
    abolished: tuple[Office, ...]
    others: tuple[Office, ...]


def directory(
    offices: CodeList, present: Mapping[str, str], counts: Mapping[str, int], today: date, say: Say
) -> Directory:
    """The directory of the offices that are ``present`` in the portal (slug → title).

    An office that the list does not know (a partner, or made by hand) is one of the others.
    """
    known = {code.code: code for code in offices if code.code in present}
    gone = {slug for slug, code in known.items() if _abolished(code, today)}

    def node(slug: str) -> Office:
        below = tuple(
            node(other)
            for other, code in known.items()
            if code.parent == slug and other not in gone
        )
        return Office(slug, say(known[slug].name), counts.get(slug, 0), below)

    roots = (
        node(slug)
        for slug, code in known.items()
        if slug not in gone and (code.parent not in known or code.parent in gone)
    )
    strangers = (
        Office(slug, title or slug, counts.get(slug, 0))
        for slug, title in present.items()
        if slug not in known
    )
    return Directory(
        trees=tuple(sorted(roots, key=lambda office: not office.children)),
        abolished=tuple(_former(known[slug], known, counts, say) for slug in known if slug in gone),
        others=tuple(strangers),
    )


def _abolished(code: Code, today: date) -> bool:
    return bool(code.mapping) or not code.valid(today)


def _former(code: Code, known: Mapping[str, Code], counts: Mapping[str, int], say: Say) -> Office:
    successor = known.get(code.mapping)
    return Office(
        slug=code.code,
        name=say(code.name),
        count=counts.get(code.code, 0),
        successor=Office(successor.code, say(successor.name)) if successor else None,
    )
