"""The launcher's texts: every code has both languages, and every value that they name."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import errors

SOURCES = Path(errors.__file__).parent
RAISES = {"LaunchError", "_death"}
TAKES_A_CODE = {*RAISES, "both", "text", "step", "tell", "_tell"}


def calls(names: set[str]) -> Iterator[tuple[str, str, set[str]]]:
    """File, code and named values of each call of one of these functions."""
    for source in SOURCES.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name not in names:
                continue
            for argument in node.args:
                for code in _codes(argument):
                    yield source.name, code, {keyword.arg or "" for keyword in node.keywords}


def _codes(argument: ast.expr) -> Iterator[str]:
    for node in ast.walk(argument):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and re.fullmatch(r"[a-z]+(-[a-z]+)+", value):
            yield value


CALLS = list(calls(TAKES_A_CODE))
CALLS_OF_ERRORS = list(calls(RAISES))


def test_every_code_that_is_used_has_a_text_and_the_other_way_round() -> None:
    """No code without text, no text without code."""
    used = {code for _, code, _ in CALLS} | {"stopped"}
    assert used | {"stopping"} == set(errors.catalogue().sections()) - {"DEFAULT"}


@pytest.mark.parametrize("code", errors.catalogue().sections())
def test_text_is_in_both_languages_on_one_line(code: str) -> None:
    """An operator reads one line of Vietnamese and one of English."""
    for language in ("vi", "en"):
        text = errors.catalogue().get(code, language)
        assert text
        assert "\n" not in text


@pytest.mark.parametrize(("source", "code", "values"), CALLS)
def test_text_names_only_values_that_its_caller_gives(
    source: str, code: str, values: set[str]
) -> None:
    """A message never fails while it is being made."""
    named = set()
    for language in ("vi", "en"):
        named |= set(re.findall(r"\{(\w+)", errors.catalogue().get(code, language)))
    indirect = {"part", "log", "url", "ini", "seconds", "exit_code", "wait"}
    assert named - values <= indirect, f"{source}: {code}"


def test_error_shows_code_both_lines_and_the_tools_own_words() -> None:
    """The message stands first, what the tool said below it."""
    error = errors.LaunchError("disk-full", "cp: no space", path="/srv")
    code, vietnamese, english, detail = str(error).splitlines()
    assert code == "[disk-full]"
    assert "/srv" in vietnamese
    assert "/srv" in english
    assert detail.strip() == "| cp: no space"


def test_every_error_is_explained_to_operators() -> None:
    """The handbook names each code that can stop a start."""
    handbook = (SOURCES.parent / "docs" / "operators.md").read_text("utf-8")
    raised = {code for _, code, _ in CALLS_OF_ERRORS}
    assert raised
    assert not {code for code in raised if f"`{code}`" not in handbook}
