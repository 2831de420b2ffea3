"""The shipped edition, and a small one to change."""

from pathlib import Path

import pytest

import schemas
from hatinh.dictionary.attributes import Attributes, load_attributes
from hatinh.dictionary.edition import Edition
from hatinh.dictionary.load import load_edition, load_organizations
from hatinh.dictionary.model import CodeList

SMALL = Path(__file__).parents[2] / "data" / "small_dictionary"


@pytest.fixture(scope="session")
def shipped() -> Edition:
    """The first edition, as the files are."""
    return load_edition(schemas.ROOT)


@pytest.fixture(scope="session")
def offices() -> CodeList:
    """The organisations of the province."""
    return load_organizations(schemas.ROOT / "organizations.csv")


@pytest.fixture(scope="session")
def attributes() -> Attributes:
    """The sheets of the workbook."""
    return load_attributes(schemas.ROOT)


@pytest.fixture(scope="session")
def small() -> Edition:
    """Two elements and one list of three codes, all in order and approved."""
    return load_edition(SMALL)
