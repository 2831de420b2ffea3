"""``docs/api.md`` is whole and true: what is not in it does not exist for those who need it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from ckanext.hatinh.audit.cli import audit
from ckanext.hatinh.campaign.cli import campaign, verify
from ckanext.hatinh.catalog.cli import catalog, load
from ckanext.hatinh.datastore.cli import data
from ckanext.hatinh.dictionary.cli import dictionary
from ckanext.hatinh.harvest.cli import harvest
from ckanext.hatinh.permanent.cli import permanent
from ckanext.hatinh.quality.cli import quality
from ckanext.hatinh.register.cli import register
from ckanext.hatinh.report.cli import report

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "ckanext-hatinh" / "ckanext" / "hatinh"
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
COMMANDS: tuple[click.Command, ...] = (
    audit,
    load,
    catalog,
    data,
    dictionary,
    harvest,
    permanent,
    quality,
    register,
    report,
    campaign,
    verify,
)


def exported(pattern: str) -> set[str]:
    """Names in ``__all__`` of the modules that match a pattern."""
    found: set[str] = set()
    for module in PLUGINS.glob(pattern):
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                found |= set(ast.literal_eval(node.value))
    return found


def commands(found: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below one, with the words that call it."""
    path = f"{path} {found.name}"
    if isinstance(found, click.Group):
        for inner in found.commands.values():
            yield from commands(inner, path)
    else:
        yield path, found


ALL_COMMANDS = dict(pair for top in COMMANDS for pair in commands(top, "ckan hatinh"))


def options() -> set[str]:
    """Keys of all settings that our plugins declare."""
    declared = (
        yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in PLUGINS.glob("*/config_declaration.yaml")
    )
    return {
        option["key"]
        for declaration in declared
        for group in declaration["groups"]
        for option in group["options"]
    }


def problems() -> dict[str, Any]:
    """The texts of all problems, by code."""
    return yaml.safe_load((ROOT / "schemas" / "problems.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("action", sorted(exported("*/logic/action.py")))
def test_action_is_described_and_called(action):
    """Each action has a paragraph of its own and an example that calls it."""
    assert f"\n`{action}` — " in API
    assert f"site/api/3/action/{action}" in API


def test_described_actions_exist():
    """The document promises nothing that is gone."""
    described = set(re.findall(r"^`(hatinh_\w+)` — ", API, re.MULTILINE))
    called = set(re.findall(r"action/(hatinh_\w+)", API))
    assert described | called == exported("*/logic/action.py")


def test_actions_are_authorised_one_by_one():
    """Each action has its own answer to who may call it."""
    assert exported("*/logic/action.py") <= exported("*/logic/auth.py")


@pytest.mark.parametrize("words", ALL_COMMANDS)
def test_command_is_in_the_table_and_has_help(words):
    """Each command has its line, and says on the screen what it does."""
    assert f"| `{words}` |" in API
    assert ALL_COMMANDS[words].help


@pytest.mark.parametrize("words", ALL_COMMANDS)
def test_options_of_command_have_help(words):
    """``--help`` explains every option."""
    silent = [
        parameter.name
        for parameter in ALL_COMMANDS[words].params
        if isinstance(parameter, click.Option) and not parameter.help
    ]
    assert silent == []


def test_every_plugin_with_commands_is_looked_at():
    """A new ``cli.py`` must be added to this test."""
    looked_at = {command.callback.__module__ for command in COMMANDS if command.callback}
    assert len(list(PLUGINS.glob("*/cli.py"))) == len(looked_at)


def test_settings_are_in_the_table():
    """Each setting that we declare has its line."""
    assert {key for key in options() if f"| `{key}` |" not in API} == set()


def test_problems_are_in_the_table_with_their_words():
    """Each problem has its line; a missing or changed one is printed as it should be."""
    lines = [
        f"| `{code}` | {text['severity']} | {text['title']['en']} |"
        for code, text in problems().items()
    ]
    assert [line for line in lines if line not in API] == []


def test_documented_problems_exist():
    """The table has no code that the program no longer gives."""
    *_, table = API.partition("| code | severity |")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == set(problems())
