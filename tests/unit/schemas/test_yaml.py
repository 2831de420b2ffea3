"""Every file of data in YAML says each thing once."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FILES = sorted(path for room in ("schemas", "config") for path in (ROOT / room).rglob("*.yaml"))


def said_twice(node: yaml.Node | None) -> list[str]:
    """Keys that stand twice in one mapping, with their lines; the last would win in silence."""
    if isinstance(node, yaml.MappingNode):
        counts = Counter(key.value for key, _ in node.value)
        here = [
            f"{key.value} in line {key.start_mark.line + 1}"
            for key, _ in node.value
            if counts[key.value] > 1
        ]
        return here + [found for _, value in node.value for found in said_twice(value)]
    if isinstance(node, yaml.SequenceNode):
        return [found for value in node.value for found in said_twice(value)]
    return []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_key_stands_once(path: Path) -> None:
    """A key that is said twice hides what was said first."""
    assert said_twice(yaml.compose(path.read_text("utf-8"), yaml.CSafeLoader)) == []
