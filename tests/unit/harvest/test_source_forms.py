"""The words of the guided form are whole: nobody is asked for a thing without a name."""

from typing import Any

import pytest
import yaml

import schemas
from harvesters.registry import ADAPTERS

FORMS = yaml.load((schemas.ROOT / "source_forms.yaml").read_text("utf-8"), yaml.CSafeLoader)
TYPES = {"text", "number", "flag", "choice", "lines", "structure", "columns"}


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_every_option_and_secret_has_words(kind: str) -> None:
    """What an adapter declares is described, and what is described is declared."""
    adapter, form = ADAPTERS[kind], FORMS["kinds"][kind]
    options, secrets = form.get("options", {}), form.get("secrets", {})
    assert set(options) == adapter.required_options | adapter.optional_options
    assert set(secrets) == adapter.required_secrets | adapter.optional_secrets
    assert {option["type"] for option in options.values()} <= TYPES


def texts(node: Any, path: str = "") -> list[tuple[str, dict[str, str]]]:
    """Every text in two languages below a node, with its place."""
    if not isinstance(node, dict):
        return []
    if "vi" in node:
        return [(path, node)]
    return [found for key, below in node.items() for found in texts(below, f"{path}.{key}")]


def test_every_text_is_in_both_languages() -> None:
    """Titles, helps and choices are told in Vietnamese and in English."""
    assert [path for path, text in texts(FORMS) if not (text.get("vi") and text.get("en"))] == []


def test_no_form_is_left_of_a_kind_that_is_gone() -> None:
    """Each described kind has its adapter."""
    assert set(FORMS["kinds"]) == set(ADAPTERS)
