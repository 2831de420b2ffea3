"""Makes the stock site: its environment, database, search core and settings."""

import configparser
import os
import secrets
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from services.postgres import OWNER, READER, Postgres
from services.settings import Settings

HERE = Path(__file__).parent
SPARE_REDIS = 5  # a database of Valkey that ours does not use


@dataclass(frozen=True)
class Stock:
    """What a stock site is made of.

    ``home`` names its environment, which has the packages of ``folder/requirements.txt``, resolved
    against ``folder/overrides.txt`` if there is one; ``ini`` is the template of its settings.
    ``has_datastore`` says that these switch the DataStore on.
    """

    name: str
    home: str
    folder: Path
    ini: Path
    has_datastore: bool = False


HARVESTERS = Stock("ckan_stock", "bench-stock", HERE.parent, HERE / "stock.ini")


@dataclass(frozen=True)
class StockSite:
    """Where the stock side's Python and settings are."""

    python: Path
    ini: Path
    postgres: Postgres


def make_stock_site(our_ini: Path, solr_commit: str, stock: Stock = HARVESTERS) -> StockSite:
    """A stock site with empty databases, on the services that ours runs on."""
    python = _environment(stock)
    ours = configparser.RawConfigParser()
    ours.read(our_ini)
    main = ours["app:main"]
    core = f"{stock.name}_{solr_commit}"
    postgres = _databases(our_ini.parent, core, main["sqlalchemy.url"])
    values = {
        "core_url": postgres.url(OWNER, postgres.core),
        "write_url": postgres.url(OWNER, postgres.datastore),
        "read_url": postgres.url(READER, postgres.datastore),
        "solr_url": _search_core(our_ini.parent, python, core, main["solr_url"]),
        "redis_url": f"{main['ckan.redis.url'].rsplit('/', 1)[0]}/{SPARE_REDIS}",
        "storage": str(our_ini.parent / core),
        "secret_key": secrets.token_hex(24),
        "solr_commit": solr_commit,
    }
    ini = our_ini.parent / f"{core}.ini"
    ini.write_text(Template(stock.ini.read_text("utf-8")).substitute(values))
    ckan = [str(python.with_name("ckan")), "-c", str(ini)]
    subprocess.run([*ckan, "db", "upgrade"], check=True, capture_output=True)
    if stock.has_datastore:
        rights = [*ckan, "datastore", "set-permissions"]
        told = subprocess.run(rights, check=True, capture_output=True, text=True)
        postgres.psql("postgres", told.stdout)
    return StockSite(python, ini, postgres)


def _environment(stock: Stock) -> Path:
    """The Python of the stock side, installed once."""
    settings = Settings.from_environment(os.environ)
    home = settings.tools / stock.home
    python = home / "bin" / "python"
    wanted, overrides = stock.folder / "requirements.txt", stock.folder / "overrides.txt"
    stamp = home / "requirements.txt"
    if not stamp.is_file() or stamp.read_bytes() != wanted.read_bytes():
        subprocess.run([settings.executable("python"), "-m", "venv", str(home)], check=True)
        install = [settings.executable("uv"), "pip", "install", "-q", "-p", str(python)]
        other = ["--override", str(overrides)] if overrides.is_file() else []
        subprocess.run([*install, "-r", str(wanted), *other], check=True)
        shutil.copyfile(wanted, stamp)
    return python


def _databases(var: Path, name: str, our_url: str) -> Postgres:
    settings = replace(Settings.from_environment(os.environ), var=var)
    ports = replace(settings.ports, postgres=urlsplit(our_url).port or 0)
    postgres = Postgres(replace(settings, ports=ports), core=name, datastore=f"{name}_data")
    for database in (postgres.core, postgres.datastore):
        postgres.psql("postgres", f"DROP DATABASE IF EXISTS {database};")
    postgres.ensure_databases()
    return postgres


def _search_core(var: Path, python: Path, name: str, our_url: str) -> str:
    """A core with CKAN's own schema; everything else in Solr is the same for both."""
    conf = var / "solr" / name / "conf"
    root = our_url.rsplit("/", 1)[0]
    if conf.exists():
        _ask(f"{root}/admin/cores?action=UNLOAD&core={name}&deleteIndex=true")
    conf.mkdir(parents=True, exist_ok=True)
    schema = python.parents[1].glob("lib/python3*/site-packages/ckan/config/solr/schema.xml")
    shutil.copyfile(next(iter(schema)), conf / "schema.xml")
    shutil.copyfile(HERE.parents[1] / "config" / "solr" / "solrconfig.xml", conf / "solrconfig.xml")
    for words in ("synonyms.txt", "protwords.txt", "stopwords.txt"):
        (conf / words).touch()
    _ask(f"{root}/admin/cores?action=CREATE&name={name}&instanceDir={name}")
    return f"{root}/{name}"


def _ask(url: str) -> None:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
        answer.read()
