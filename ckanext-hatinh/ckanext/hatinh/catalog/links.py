"""Links from a service to the datasets that it serves: only to those that everybody may see.

A service names its datasets by their identifiers at the source; there may be none of that name
here, or one that is private. DCAT-AP wants each one that is named to be described.
"""

from collections.abc import Callable, Iterable, Iterator

import pyoxigraph as ox

from ckanext.hatinh.catalog import model
from ckanext.hatinh.shared.mapping import URI_ROOT

DATASETS = f"{URI_ROOT}/dataset/"
_DCAT, _DCT = "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/"
_SERVES = ox.NamedNode(f"{_DCAT}servesDataset")
_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


def only_to(is_listed: Callable[[str], bool], found: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """The triples without links to datasets that are not listed."""
    for triple in found:
        if triple.predicate != _SERVES or is_listed(_address(triple)):
            yield triple


def only_to_public(found: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The triples without links to datasets that not everybody may see."""
    told = list(found)
    public = {DATASETS + row.id for row in _public(told)}
    return list(only_to(public.__contains__, told))


def with_served(found: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The same, and what the linked datasets are called: enough for a record that stands alone."""
    told = only_to_public(found)
    for row in _public(told):
        node = ox.NamedNode(DATASETS + row.id)
        told.append(ox.Triple(node, _TYPE, ox.NamedNode(f"{_DCAT}Dataset")))
        for name, words in (("title", row.title), ("description", row.notes or row.title)):
            predicate = ox.NamedNode(_DCT + name)
            told.append(ox.Triple(node, predicate, ox.Literal(words, language="vi")))
    return told


def _public(found: Iterable[ox.Triple]) -> list[model.Named]:
    linked = [_address(triple) for triple in found if triple.predicate == _SERVES]
    return model.public_names([address.removeprefix(DATASETS) for address in linked])


def _address(triple: ox.Triple) -> str:
    return triple.object.value if isinstance(triple.object, ox.NamedNode) else ""
