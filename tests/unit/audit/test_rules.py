"""What an auditor may do: what nobody named and is no reading is refused."""

from pathlib import Path

import pytest

import schemas
from hatinh.audit.rules import Verdict, load_rules
from hatinh.errors import SchemaError

RULES = load_rules(schemas.ROOT)


def test_reading_that_needs_an_office_is_open_to_whoever_signed_in():
    """A program's token opens nothing more than it does for others."""
    right = sorted(RULES.opened)[0]
    assert RULES.judge(right, reads=True, opens=True) is Verdict.OPEN
    assert RULES.judge(right, reads=True, opens=False) is Verdict.ASKED


def test_other_reading_is_decided_as_for_everybody():
    """The role is no key to what is nobody's business, such as settings."""
    assert RULES.judge("config_option_show", reads=True, opens=True) is Verdict.ASKED


def test_whatever_changes_something_is_refused():
    """Also what no list knows; but for the own account."""
    assert RULES.judge("package_update", reads=False, opens=True) is Verdict.REFUSED
    assert RULES.judge("added_tomorrow", reads=False, opens=True) is Verdict.REFUSED
    assert RULES.judge("user_update", reads=False, opens=True) is Verdict.ASKED


def test_no_right_stands_in_two_lists():
    """Each has one meaning."""
    lists = (RULES.opened, RULES.asked, RULES.allowed)
    assert sum(map(len, lists)) == len(frozenset().union(*lists))


def test_list_that_lacks_a_part_is_named(tmp_path: Path):
    """A broken file keeps the portal from starting."""
    (tmp_path / "auditor.yaml").write_text("opened: []\n")
    with pytest.raises(SchemaError, match=r"auditor\.yaml"):
        load_rules(tmp_path)
