"""Solr on loopback: its home, its core from our configset, its process."""

import shutil
import urllib.error
import urllib.request
from pathlib import Path

from services import python_env, solr_schema
from services.process import Part
from services.settings import Settings
from services.stamps import fingerprint

HEAP = "512m"
PARTS = ("solrconfig.xml", "synonyms_vi.txt", "compose_vi.txt")
SOLR_XML = '<solr><int name="maxBooleanClauses">4096</int></solr>\n'
EMPTY_WORD_LISTS = ("synonyms.txt", "protwords.txt")  # CKAN's schema names them, ships neither

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def prepare(settings: Settings) -> str:
    """Write the home and the configset; return the fingerprint of the schema.

    When the fingerprint changes, documents must be indexed again.
    """
    home = settings.var / "solr"
    core = home / settings.core
    (home / "tmp").mkdir(parents=True, exist_ok=True)
    (home / "solr.xml").write_text(SOLR_XML)
    write_configset(settings, core / "conf")
    (core / "core.properties").write_text(f"name={settings.core}\n")
    return fingerprint([core / "conf" / "schema.xml", core / "conf" / "compose_vi.txt"])


def write_configset(settings: Settings, conf: Path) -> None:
    """Write what a Solr core reads, here or on a server of its own."""
    conf.mkdir(parents=True, exist_ok=True)
    sources = settings.root / "config" / "solr"
    for name in PARTS:
        shutil.copyfile(sources / name, conf / name)
    for name in EMPTY_WORD_LISTS:
        (conf / name).touch()
    schema = solr_schema.build_file(ckan_schema(settings), sources / "additions.xml")
    (conf / "schema.xml").write_text(schema, encoding="utf-8")


def ckan_schema(settings: Settings) -> Path:
    return python_env.site_packages(settings) / "ckan" / "config" / "solr" / "schema.xml"


def part(settings: Settings, java: str) -> Part:
    home = settings.var / "solr"
    logging = settings.root / "config" / "solr" / "log4j2.xml"
    return Part(
        name="solr",
        command=[
            *(java, f"-Xms{HEAP}", f"-Xmx{HEAP}", "-Xss512k", "-XX:+ExitOnOutOfMemoryError"),
            *(f"-Djava.io.tmpdir={home}/tmp", f"-Dsolr.log.dir={settings.log}"),
            *(f"-Dlog4j.configurationFile={logging}", f"-Dsolr.install.dir={home}"),
            *("-Ddisable.configEdit=true", "-Duser.timezone=UTC"),
            *("-cp", f"{settings.solr_jars}:{settings.solr_jars}/*"),
            *("SolrMain", str(home), str(settings.ports.solr)),
        ],
        ready=lambda: answers(settings.solr_url),
        cwd=home,
        stop_seconds=30,
    )


def answers(url: str) -> bool:
    """Whether the core is loaded and answers a search."""
    try:
        with _direct.open(f"{url}/select?q=*:*&rows=0", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
