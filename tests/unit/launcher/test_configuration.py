"""What the launcher writes: the ini file, the Solr schema, the database URLs."""

import stat
import xml.etree.ElementTree as ET
from configparser import ConfigParser
from dataclasses import replace
from pathlib import Path

import pytest

from services import ckan, command, solr_schema
from services.errors import LaunchError
from services.postgres import Postgres, readable_by_others
from services.settings import ROOT, Settings

CKAN_SCHEMA = """<schema name="ckan-2.12" version="1.6">
<types><fieldType name="string" class="solr.StrField"/></types>
<fields><field name="title" type="string"/><dynamicField name="*" type="string"/></fields>
<uniqueKey>index_id</uniqueKey></schema>"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"PORTAL_VAR": str(tmp_path)})


def read(settings: Settings) -> ConfigParser:
    parser = ConfigParser()
    parser.read(settings.ini)
    return parser


def test_ini_is_rendered_private_with_generated_secrets(settings: Settings) -> None:
    """No secret in the template, none readable by others."""
    ckan.write_ini(settings, Postgres(settings))
    written = read(settings)["app:main"]
    assert stat.S_IMODE(settings.ini.stat().st_mode) == 0o600
    assert len(written["SECRET_KEY"]) >= 48
    assert written["sqlalchemy.url"].startswith("postgresql://ckan:")
    assert written["ckan.datastore.read_url"].startswith("postgresql://datastore_read:")
    assert "SESSION_COOKIE_DOMAIN" not in written


def test_second_rendering_keeps_the_secrets(settings: Settings) -> None:
    """Sessions survive a restart."""
    ckan.write_ini(settings, Postgres(settings))
    first = settings.ini.read_text()
    ckan.write_ini(settings, Postgres(settings))
    assert settings.ini.read_text() == first


def test_given_url_is_used_as_it_is(settings: Settings) -> None:
    """Also one whose password holds an escaped character."""
    url = "postgresql://u:p%40ss@db.example/portal"
    own = replace(settings, given={"CKAN_SQLALCHEMY_URL": url})
    ckan.write_ini(own, Postgres(own))
    assert read(own)["app:main"]["sqlalchemy.url"] == url


def test_https_site_gets_secure_cookies(settings: Settings) -> None:
    """On plain http a secure cookie would make login impossible."""
    ckan.write_ini(settings, Postgres(settings))
    assert read(settings)["app:main"]["SESSION_COOKIE_SECURE"] == "false"
    ckan.write_ini(replace(settings, site_url="https://data.example"), Postgres(settings))
    assert read(settings)["app:main"]["SESSION_COOKIE_SECURE"] == "true"


def test_options_replace_or_join_the_template() -> None:
    """Existing lines are replaced, new ones go into the application's section."""
    content = ckan.with_options("[app:main]\na = 1\n[loggers]\n", {"a": "2", "b": "3"})
    assert content == "[app:main]\nb = 3\na = 2\n[loggers]\n"


def test_template_with_an_unknown_name_is_refused(settings: Settings, tmp_path: Path) -> None:
    """The message names the template and the name."""
    template = tmp_path / "own.ini"
    template.write_text("[app:main]\na = ${mystery}\n")
    with pytest.raises(LaunchError) as caught:
        ckan.write_ini(replace(settings, template=template), Postgres(settings))
    assert caught.value.code == "template-broken"
    assert "mystery" in str(caught.value)


def test_schema_additions_go_where_their_kind_lives() -> None:
    """Types to types, fields to fields, the rest to the end; CKAN's own stays."""
    additions = """<additions><fieldType name="t" class="c"/><field name="f" type="t"/>
    <copyField source="title" dest="f"/></additions>"""
    schema = ET.fromstring(solr_schema.build(CKAN_SCHEMA, additions))
    assert [e.get("name") for e in schema.findall("types/fieldType")] == ["string", "t"]
    assert [e.get("name") for e in schema.findall("fields/field")] == ["title", "f"]
    assert schema.find("copyField") is not None
    assert schema.get("name") == "ckan-2.12"


def test_addition_replaces_its_namesake() -> None:
    """A field twice would stop Solr."""
    additions = '<additions><field name="title" type="other"/></additions>'
    schema = ET.fromstring(solr_schema.build(CKAN_SCHEMA, additions))
    assert [e.get("type") for e in schema.findall("fields/field")] == ["other"]


def test_schema_of_unknown_shape_is_refused() -> None:
    """A CKAN that moved its fields is told, not guessed at."""
    with pytest.raises(LaunchError) as caught:
        solr_schema.build("<schema/>", '<additions><field name="f" type="t"/></additions>')
    assert caught.value.code == "schema-unknown"


def test_every_letter_written_with_separate_marks_is_composed() -> None:
    """The map is what Unicode says, for each of its lines."""
    lines = (ROOT / "config/solr/compose_vi.txt").read_text("utf-8").splitlines()
    rules = [line.encode().decode("unicode_escape").split('"') for line in lines if line[0] != "#"]
    assert len(rules) > 200
    assert all(len(to) == 1 and len(written) > 1 for _, written, _, to, _ in rules)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("error: dns error: failed to lookup address", "network-missing"),
        ("Could not transfer artifact x: Unknown host", "network-missing"),
        ("OSError: [Errno 28] No space left on device", "disk-full"),
        ("SyntaxError: invalid syntax", "tool-failed"),
    ],
)
def test_failed_tool_is_judged_by_what_it_said(said: str, code: str) -> None:
    """Network and disk have messages of their own."""
    error = command.diagnose("python", said, Path("x.log"))
    assert error.code == code
    assert said in str(error)


def test_program_below_a_closed_directory_is_not_readable_by_others(tmp_path: Path) -> None:
    """A clone below /root cannot serve PostgreSQL's programs to `nobody`."""
    program = tmp_path / "closed" / "postgres"
    program.parent.mkdir()
    program.touch(0o755)
    program.parent.chmod(0o700)
    assert not readable_by_others(program)
