"""CKAN's processes and its ini file."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from string import Template

from services import secrets_store, valkey
from services.errors import LaunchError
from services.postgres import OWNER, READER, Postgres
from services.process import Part
from services.settings import Settings

WEB_WORKERS = 2
WEB_THREADS = 4
HARVEST_WORKERS = ("worker", "worker-2")
"""They take runs of different sources, and help each other with large ones."""

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def urls(settings: Settings, postgres: Postgres) -> dict[str, str]:
    """The three database URLs: given from outside, else those of our own server."""
    own = {
        "CKAN_SQLALCHEMY_URL": (OWNER, postgres.core),
        "CKAN_DATASTORE_WRITE_URL": (OWNER, postgres.datastore),
        "CKAN_DATASTORE_READ_URL": (READER, postgres.datastore),
    }
    return {
        name: settings.given.get(name) or postgres.url(*address) for name, address in own.items()
    }


def write_ini(
    settings: Settings, postgres: Postgres, extra: Mapping[str, str] | None = None
) -> None:
    """Render the template into `settings.ini`, mode 600. `extra` replaces or adds options."""
    database = urls(settings, postgres)
    values = {
        "site_url": settings.site_url,
        "core_url": database["CKAN_SQLALCHEMY_URL"],
        "datastore_write_url": database["CKAN_DATASTORE_WRITE_URL"],
        "datastore_read_url": database["CKAN_DATASTORE_READ_URL"],
        "solr_url": settings.solr_url,
        "redis_url": valkey.url(settings),
        "storage": str(settings.var / "storage"),
        "sources": str(settings.root / "config" / "sources.yaml"),
        "solr_commit": "false",
        "trusted_hops": str(settings.trusted_hops),
        "cookie_secure": str(settings.site_url.startswith("https:")).lower(),
        "secret_key": secrets_store.secret(settings.var / "secrets" / "secret-key", 48),
        "harvest_secret_key": secrets_store.secret(settings.var / "secrets" / "harvest-key", 48),
        "pack_secret_key": secrets_store.secret(settings.var / "secrets" / "pack-key", 48),
    }
    (settings.var / "storage").mkdir(parents=True, exist_ok=True)
    # A % would be taken for an interpolation; an escaped password in a given URL holds one.
    safe = {name: value.replace("%", "%%") for name, value in values.items()}
    try:
        content = Template(settings.template.read_text("utf-8")).substitute(safe)
    except (KeyError, ValueError) as error:
        raise LaunchError("template-broken", path=settings.template, reason=error) from error
    secrets_store.write_private(settings.ini, with_options(content, extra or {}))


def with_options(content: str, options: Mapping[str, str]) -> str:
    """Replace or add options of [app:main] in the text of an ini file."""
    lines = content.splitlines()
    for name, value in options.items():
        found = next((i for i, line in enumerate(lines) if line.startswith(f"{name} =")), None)
        if found is None:
            found = lines.index("[app:main]") + 1
            lines.insert(found, "")
        lines[found] = f"{name} = {value}"
    return "\n".join(lines) + "\n"


def environment(settings: Settings) -> dict[str, str]:
    """What every process of CKAN gets besides ours."""
    return {
        "CKAN_INI": str(settings.ini),
        "PYTHONPATH": str(settings.root),
        "PYTHONUNBUFFERED": "1",
        "PORTAL_VAR": str(settings.var),
        "PORTAL_DEMO_PORT": str(settings.ports.demo),
        **gateway_account(settings),
    }


def gateway_account(settings: Settings) -> dict[str, str]:
    """The account at the data gateway: yours from the environment, else one made for the
    simulator, which reads the same two variables."""
    made = secrets_store.secret(settings.var / "secrets" / "lgsp-client", 24)
    return {
        "HATINH_LGSP_CLIENT_ID": os.environ.get("HATINH_LGSP_CLIENT_ID") or "demonstration",
        "HATINH_LGSP_CLIENT_SECRET": os.environ.get("HATINH_LGSP_CLIENT_SECRET") or made,
    }


def web_part(settings: Settings) -> Part:
    return Part(
        name="web",
        command=[
            *(settings.executable("gunicorn"), "services.wsgi:application"),
            *("--config", str(settings.root / "services" / "gunicorn_conf.py")),
            *("--bind", f"127.0.0.1:{settings.ports.web}"),
            *("--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)),
        ],
        ready=lambda: serves(settings.ports.web),
        environment=environment(settings),
        cwd=settings.root,
        ready_seconds=120,
        stop_seconds=35,
    )


def worker_parts(settings: Settings) -> list[Part]:
    """The workers of the harvest; asked to end, each hands an unfinished run back within 30 s."""
    words = ["hatinh", "harvest", "worker"]
    return [_background_part(settings, name, words) for name in HARVEST_WORKERS]


def data_part(settings: Settings) -> Part:
    """The data worker; asked to end, it undoes the load that it is at, which is done anew."""
    return _background_part(settings, "data", ["hatinh", "data", "worker"])


def _background_part(settings: Settings, name: str, words: list[str]) -> Part:
    """A part that gives way to the web."""
    ckan = [settings.executable("ckan"), "-c", str(settings.ini)]
    return Part(
        name=name,
        command=["nice", "-n", "19", *ckan, *words],
        ready=lambda: True,
        environment=environment(settings),
        cwd=settings.root,
        stop_seconds=35,
    )


def demo_part(settings: Settings) -> Part:
    port = str(settings.ports.demo)
    return Part(
        name="demo",
        command=[settings.executable("python"), "-m", "demo", "serve", "--port", port],
        ready=lambda: listens(settings.ports.demo),
        environment=environment(settings),
        cwd=settings.root,
    )


def task(settings: Settings, name: str, module: list[str], given: object) -> Part:
    """A task in the virtual environment that reads JSON from its standard input."""
    return Part(
        name=name,
        command=[settings.executable("python"), "-m", *module],
        ready=lambda: True,
        environment=environment(settings),
        cwd=settings.root,
        given=json.dumps(given).encode(),
    )


def harvest_task(settings: Settings) -> Part:
    """The harvest of every source, the dump and the findings of it; what they say has its file."""
    words = [
        ["hatinh", "harvest", "run", "--all"],
        ["hatinh", "catalog", "build"],
        ["hatinh", "register", "reconcile"],
    ]
    harvest = task(settings, "harvest", ["services.ckan_setup", str(settings.ini)], words)
    return replace(harvest, output=settings.log / "harvest-table.log")


def serves(port: int) -> bool:
    """Whether the site answers a request that touches no session."""
    try:
        with _direct.open(f"http://127.0.0.1:{port}/api/3", timeout=10) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def listens(port: int) -> bool:
    """Whether some HTTP server answers, whatever it says."""
    try:
        with _direct.open(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except (urllib.error.URLError, OSError):
        return False
