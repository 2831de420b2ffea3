"""The search filter for what belongs to a record."""

import pytest

from ckanext.hatinh.catalog.relations import clause


@pytest.mark.parametrize(
    "package",
    [
        {"type": "dataset"},
        {"type": "dataset", "source_system": "", "harvest_guid": ""},
        {"type": "system", "title": ""},
        {"type": "dataservice", "serves_datasets": " ; "},
    ],
)
def test_record_that_names_nothing_asks_nothing(package):
    """No filter: no search."""
    assert clause(package) == ""


def test_signs_of_the_query_language_are_plain_letters():
    """An identifier of a source cannot change the question."""
    asked = clause({"type": "system", "harvest_guid": 'a" OR *:*', "title": ""})
    assert asked == r"+((+dataset_type:dataset +source_system:(a\"\ OR\ \*\:\*)))"


def test_whole_filter_is_required():
    """CKAN adds conditions of its own; ours must not become optional beside them."""
    asked = clause({"type": "dataset", "source_system": "DB1", "harvest_guid": "g"})
    assert asked.startswith("+(")
    assert ") OR (" in asked
