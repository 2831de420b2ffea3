"""The wheel is whole: a machine that gets nothing but it can run the portal."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOTS = {"ckanext-hatinh": "", "harvesters": "harvesters/", "schemas": "schemas/"}
NAMESPACE = "ckanext/__init__.py"
"""Setuptools leaves it out: the namespace is made by the wheel's own .pth file."""

LOAD_ALL = """
from importlib.metadata import distribution
for entry in distribution("ckanext-hatinh").entry_points:
    entry.load()
    print(entry.group, entry.name)
"""
WHERE = """
import hatinh, harvesters, schemas, ckanext.hatinh.catalog.plugin as ours, ckanext.activity
print(*(module.__file__ for module in (hatinh, harvesters, schemas, ours)), sep="\\n")
"""
READ_DATA = """
import schemas
from hatinh.dictionary.load import load
from hatinh.messages import load_texts
from hatinh.quality import load_formula
print(len(load(schemas.ROOT).code_lists["themes"].codes))
print(load_formula(schemas.ROOT / "quality.yaml").version)
load_texts(schemas.ROOT)
"""


def sources() -> Iterator[str]:
    """Every file below the three roots, by the name that it has in the wheel."""
    for folder, prefix in ROOTS.items():
        for path in (ROOT / folder).rglob("*"):
            inside = path.relative_to(ROOT / folder).as_posix()
            if path.is_file() and "__pycache__" not in inside and ".egg-info" not in inside:
                yield prefix + inside


def contents(wheel: Path) -> set[str]:
    """Names of the files in the wheel, its own records left out."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_wheel_has_every_file_of_the_sources(wheel):
    """Templates, styles, schemas, migrations and translations are as needed as code."""
    assert set(sources()) - contents(wheel) - {NAMESPACE} == set()


def test_wheel_has_nothing_else(wheel):
    """Neither tests nor configuration become packages on somebody's machine."""
    extra = contents(wheel) - set(sources())
    assert {name for name in extra if not name.endswith("-nspkg.pth")} == set()


def test_wheel_has_compiled_translations_and_migrations(wheel):
    """What CKAN looks for by path is at that path."""
    names = contents(wheel)
    assert "ckanext/hatinh/i18n/vi/LC_MESSAGES/ckanext-hatinh.mo" in names
    for plugin in (
        "hatinh_datastore", "hatinh_dictionary", "hatinh_editions", "hatinh_harvest",
        "hatinh_permanent", "hatinh_quality", "hatinh_register",
    ):  # fmt: skip
        folder = f"ckanext/hatinh/migration/{plugin}"
        assert {f"{folder}/alembic.ini", f"{folder}/env.py"} <= names
        assert any(name.startswith(f"{folder}/versions/0001_") for name in names)


def test_every_entry_point_loads_in_a_clean_environment(installed):
    """The lock has all that our code imports; plugins, the RDF profile and the extractor load."""
    loaded = installed.run(LOAD_ALL).split("\n")
    for name in ("catalog", "dictionary", "editions", "harvest", "portal", "quality", "report"):
        assert f"ckan.plugins hatinh_{name}" in loaded
    assert "ckan.rdf.profiles hatinh_vn" in loaded


def test_modules_come_from_the_wheel_beside_ckans_own(installed):
    """Our part of the ``ckanext`` namespace does not hide the others, nor the checkout help."""
    for file in installed.run(WHERE).split():
        assert file.startswith(str(installed.home)), file


def test_installed_data_files_can_be_read(installed):
    """Code lists, dictionary, formula and texts are found where they were installed."""
    themes, version = installed.run(READ_DATA).split()
    assert (themes, bool(version)) == ("19", True)
