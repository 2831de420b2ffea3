"""Solr's jars: resolved once by Maven from config/solr/pom.xml, with our small main class."""

import os
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

from services import command
from services.settings import Settings
from services.stamps import Stamp, fingerprint

STEP = "solr"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
POM = "{http://maven.apache.org/POM/4.0.0}"


def version(settings: Settings) -> str:
    """The release that the pom pins."""
    pom = ET.parse(settings.root / "config/solr/pom.xml")
    return pom.findtext(f"{POM}properties/{POM}solr.version", "?")


def is_current(settings: Settings) -> bool:
    return _stamp(settings).matches(_fingerprint(settings))


def ensure(settings: Settings, java: str) -> None:
    """Fetch the jars and compile the main class; no-op when both are current."""
    if is_current(settings):
        return
    sources = settings.root / "config/solr"
    fresh = settings.solr_jars.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    log = settings.log / "solr-jars.log"
    environment = {**os.environ, "JAVA_HOME": str(Path(java).parent.parent)}
    resolve = ["mvn", "-B", "-q", COPY, "-DincludeScope=runtime", f"-DoutputDirectory={fresh}"]
    command.run(STEP, [*resolve, "-f", str(sources / "pom.xml")], log, environment)
    compiler = str(Path(java).with_name("javac"))
    compilation = [compiler, "-cp", f"{fresh}/*", "-d", str(fresh), str(sources / "SolrMain.java")]
    command.run(STEP, compilation, log, environment)
    shutil.rmtree(settings.solr_jars, ignore_errors=True)
    fresh.rename(settings.solr_jars)
    _stamp(settings).set(_fingerprint(settings))


def _stamp(settings: Settings) -> Stamp:
    return Stamp(settings.solr_jars / ".stamp")


def _fingerprint(settings: Settings) -> str:
    sources = settings.root / "config/solr"
    return fingerprint([sources / "pom.xml", sources / "SolrMain.java"])
