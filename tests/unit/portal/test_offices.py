"""The directory of offices: a tree, former offices apart."""

from datetime import date

from ckanext.hatinh.portal.offices import directory
from hatinh.dictionary.model import Code, CodeList
from hatinh.text import Text

TODAY = date(2026, 11, 22)


def office(slug: str, parent: str = "", **fields: object) -> Code:
    return Code(slug, Text(slug.upper()), parent=parent, **fields)  # type: ignore[arg-type]


def built(*codes: Code, counts: dict[str, int] | None = None, extra: tuple[str, ...] = ()):
    present = {slug: slug.title() for slug in (*(code.code for code in codes), *extra)}
    offices = CodeList("organizations", Text(""), codes)
    return directory(offices, present, counts or {}, TODAY, lambda text: text.vi)


def test_office_stands_below_its_parent() -> None:
    """A department is listed below the people's committee that it belongs to."""
    (root,) = built(office("ubnd"), office("so-y-te", "ubnd"), counts={"so-y-te": 3}).trees
    assert [(child.slug, child.count) for child in root.children] == [("so-y-te", 3)]


def test_abolished_office_names_its_successor() -> None:
    """A former office is apart from the tree and points to who has its work now."""
    found = built(office("so-moi"), office("so-cu", mapping="so-moi"))
    assert [tree.slug for tree in found.trees] == ["so-moi"]
    (former,) = found.abolished
    assert former.successor is not None
    assert former.successor.name == "SO-MOI"


def test_office_past_its_validity_is_a_former_one_even_without_successor() -> None:
    """The end of validity alone makes an office a former one."""
    found = built(office("ban-cu", valid_to=date(2025, 2, 28)))
    assert found.trees == ()
    assert [former.successor for former in found.abolished] == [None]


def test_child_of_an_absent_parent_becomes_a_root() -> None:
    """Nobody falls out of the directory because its parent is not in the portal."""
    assert [tree.slug for tree in built(office("so-y-te", "ubnd")).trees] == ["so-y-te"]


def test_office_unknown_to_the_list_is_apart() -> None:
    """Partners and offices made by hand are listed too, but not as offices of the province."""
    found = built(office("ubnd"), extra=("moi-lap",))
    assert [tree.slug for tree in found.trees] == ["ubnd"]
    assert [(other.slug, other.name) for other in found.others] == [("moi-lap", "Moi-Lap")]
