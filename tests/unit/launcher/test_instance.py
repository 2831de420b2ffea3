"""One portal per directory, and only on data that it knows."""

from dataclasses import replace
from pathlib import Path

import pytest

from services import instance, secrets_store
from services.errors import LaunchError
from services.postgres import Postgres
from services.settings import Settings
from services.stamps import Stamp, fingerprint


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"PORTAL_VAR": str(tmp_path), "PORTAL_PORT": "15099"})


def test_second_portal_on_the_same_directory_is_refused(settings: Settings) -> None:
    """The message names the process that has it."""
    with instance.hold(settings):
        with pytest.raises(LaunchError) as caught, instance.hold(settings):
            pass
        assert instance.holder(settings) is not None
    assert caught.value.code == "already-running"
    assert instance.holder(settings) is None


def test_lock_is_free_again_after_its_holder_has_gone(settings: Settings) -> None:
    """A number left in the file of a killed process locks nobody out."""
    settings.run.mkdir(parents=True)
    (settings.run / "lock").write_text("1")
    with instance.hold(settings):
        pass


@pytest.mark.parametrize(
    ("found", "code"), [("0", "data-older"), ("99", "data-newer"), ("x", "data-newer")]
)
def test_data_of_another_release_is_refused(settings: Settings, found: str, code: str) -> None:
    """Neither older nor newer data is touched."""
    (settings.var / "VERSION").write_text(found)
    with pytest.raises(LaunchError) as caught:
        instance.check_version(settings)
    assert caught.value.code == code
    assert (settings.var / "VERSION").read_text() == found


def test_new_directory_is_stamped_and_known_again(settings: Settings) -> None:
    """The stamp of the first start is accepted by the second."""
    instance.check_version(settings)
    instance.check_version(settings)
    assert (settings.var / "VERSION").read_text().strip() == str(instance.DATA_VERSION)


def test_cluster_of_another_postgres_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A major version cannot read another's files."""
    data = settings.var / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("15\n")
    monkeypatch.setattr(Postgres, "version_of_wheel", lambda self: "18.6")
    monkeypatch.setattr(Postgres, "elsewhere", None)
    with pytest.raises(LaunchError) as caught:
        Postgres(settings).prepare()
    assert caught.value.code == "postgres-major"


def test_secret_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    """A second start finds the first's password; nobody else can read it."""
    path = tmp_path / "secrets" / "one"
    first = secrets_store.secret(path)
    assert secrets_store.secret(path) == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(first) > 30


def test_stamp_holds_until_a_file_changes(tmp_path: Path) -> None:
    """A step is repeated when, and only when, what it depends on has changed."""
    source = tmp_path / "lock"
    source.write_text("a==1")
    stamp = Stamp(tmp_path / "stamps" / "lock")
    assert not stamp.matches(fingerprint([source]))
    stamp.set(fingerprint([source]))
    assert stamp.matches(fingerprint([source]))
    source.write_text("a==2")
    assert not stamp.matches(fingerprint([source]))


@pytest.mark.parametrize(
    ("variable", "embedded"),
    [
        ("CKAN_SOLR_URL", "embeds_solr"),
        ("CKAN_REDIS_URL", "embeds_valkey"),
    ],
)
def test_service_given_by_url_has_no_embedded_twin(variable: str, embedded: str) -> None:
    """A URL in the environment is enough."""
    assert getattr(Settings.from_environment({}), embedded)()
    assert not getattr(Settings.from_environment({variable: "http://solr/x"}), embedded)()


def test_postgres_is_embedded_until_all_three_urls_are_given(settings: Settings) -> None:
    """With two of three given, the third still needs the embedded server."""
    names = ["CKAN_SQLALCHEMY_URL", "CKAN_DATASTORE_WRITE_URL", "CKAN_DATASTORE_READ_URL"]
    given = dict.fromkeys(names, "postgresql://u:p@h/d")
    assert not replace(settings, given=given).embeds_postgres()
    given.pop(names[0])
    assert replace(settings, given=given).embeds_postgres()
