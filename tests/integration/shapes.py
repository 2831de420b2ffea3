"""SEMIC's shapes of DCAT-AP 3.0.1, to hold graphs against."""

from functools import lru_cache
from pathlib import Path

from pyshacl import validate
from rdflib import SH, Graph

SHAPES = Path(__file__).parents[1] / "data" / "shacl"
BINDING = ("shapes.ttl", "range.ttl", "deprecateduris.ttl")


def violations(graph: Graph) -> list[str]:
    """What breaks the shapes that bind: path, rule, node and value."""
    _, report, _ = validate(graph, shacl_graph=_shapes(), inference="none", advanced=False)
    assert isinstance(report, Graph)
    found = report.subjects(SH.resultSeverity, SH.Violation)
    parts = (SH.resultPath, SH.sourceConstraintComponent, SH.focusNode, SH.value)
    return sorted(" ".join(str(report.value(result, part)) for part in parts) for result in found)


@lru_cache(maxsize=1)
def _shapes() -> Graph:
    found = Graph()
    for name in BINDING:
        found.parse(SHAPES / name)
    return found
