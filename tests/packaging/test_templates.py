"""Templates and styles: CKAN's own are extended block by block, ours lie in folders of ours."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

PLUGINS = Path(__file__).parents[2] / "ckanext-hatinh" / "ckanext" / "hatinh"
THEIRS = (
    "ckan",
    "ckanext.activity",
    "ckanext.datastore",
    "ckanext.dcat",
    "ckanext.scheming",
    "ckanext.spatial",
)


def folders_of(package: str) -> Iterator[Path]:
    """The template folders of an installed package."""
    spec = find_spec(package)
    assert spec is not None
    for place in spec.submodule_search_locations or ():
        yield from (folder for folder in Path(place).rglob("templates*") if folder.is_dir())


def ours() -> list[Path]:
    """All our templates."""
    return sorted(PLUGINS.glob("*/templates/**/*.html"))


def name(template: Path) -> str:
    """The name that a template is found by."""
    *_, inside = template.as_posix().partition("/templates/")
    return inside


@pytest.fixture(scope="module")
def their_names() -> set[str]:
    """Names of the templates of CKAN and the extensions we run."""
    return {
        found.relative_to(folder).as_posix()
        for package in THEIRS
        for folder in folders_of(package)
        for found in folder.rglob("*.html")
    }


def test_template_of_ckan_is_extended_never_replaced(their_names):
    """One that replaces CKAN's whole would miss every later mend of it."""
    replaced = [
        template.relative_to(PLUGINS).as_posix()
        for template in ours()
        if name(template) in their_names and "ckan_extends" not in template.read_text("utf-8")
    ]
    assert replaced == []


def test_extending_template_has_something_to_extend(their_names):
    """After an upgrade of CKAN a template of ours may extend nothing: then it is dead."""
    lost = [
        template.relative_to(PLUGINS).as_posix()
        for template in ours()
        if "ckan_extends" in template.read_text("utf-8") and name(template) not in their_names
    ]
    assert lost == []


def test_two_plugins_never_share_a_template_name():
    """The first plugin would win, silently, by the order in the configuration."""
    names = [name(template) for template in ours()]
    assert sorted(set(names)) == sorted(names)


def test_bundles_name_files_that_exist():
    """A missing style sheet is only a line in a log."""
    for listing in PLUGINS.glob("*/assets/webassets.yml"):
        for bundle in yaml.safe_load(listing.read_text("utf-8")).values():
            for file in bundle["contents"]:
                assert (listing.parent / file).is_file(), f"{listing}: {file}"


def test_nothing_is_fetched_from_elsewhere():
    """Pages are whole without any other machine: data about readers stays in the country."""
    remote = [
        f"{file.relative_to(PLUGINS)}: {address}"
        for kind in ("html", "css", "js")
        for file in PLUGINS.glob(f"*/**/*.{kind}")
        for address in ('src="http', "url(http", 'url("http', "@import", 'href="//', 'src="//')
        if address in file.read_text("utf-8")
    ]
    assert remote == []
