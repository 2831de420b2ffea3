"""`make test`: each tier of tests is a pytest run of its own, with the services that it needs.

unit, exams, contract, packaging, docs   no services
integration                       PostgreSQL, Valkey and Solr of its own (var/test)
browser                           a whole portal of its own (var/test-browser)
faults                            starts, kills and compares portals itself; for the harvest
                                  engine and the loader as integration

A file named after ``--`` (``tests/integration/test_boards.py``) runs alone.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from services import console, instance, launch, machine
from services.ckan import with_options
from services.launch import Launch, Plan
from services.settings import Ports, Settings

TIERS = ("unit", "exams", "contract", "integration", "packaging", "docs", "browser", "faults")
WITHOUT_CKAN = ("-p", "no:ckan", "-p", "no:ckan_fixtures")
NO_TESTS = 5  # pytest's exit code
FAULTS_WITHIN = ("engine", "loading")
"""Folders of faults whose tests run within CKAN."""

PAUSE = 0.2

WITHOUT_LIMITS = {"ckanext.hatinh.access.limits": "false"}
TEST_OPTIONS = {
    "testing": "true",
    "ckan.site_url": "http://test.ckan.net",
    "ckan.search.solr_commit": "true",
    "WTF_CSRF_ENABLED": "false",
    # The fixtures copy the configuration, and a connection to Valkey cannot be copied.
    "SESSION_TYPE": "cookie",
    "SESSION_COOKIE_SECURE": "false",
    "REMEMBER_COOKIE_SECURE": "false",
    # One machine asks thousands of times.
    **WITHOUT_LIMITS,
}


def run_tiers(settings: Settings, chosen: Sequence[str], arguments: Sequence[str]) -> int:
    """Run tiers in their order, all of them when none is chosen. 1 when any failed."""
    unknown = set(chosen) - set(TIERS)
    if unknown:
        console.say(f"unknown tier: {' '.join(sorted(unknown))}; one of {' '.join(TIERS)}")
        return 2
    launch.prepare_python(settings)
    results: list[tuple[str, int, float]] = []
    for tier in TIERS:
        if not chosen or tier in chosen:
            began = time.monotonic()
            console.say(f"== {tier}")
            code = _run_tier(settings, tier, arguments)
            results.append((tier, code, time.monotonic() - began))
    return _report(results)


def _report(results: Sequence[tuple[str, int, float]]) -> int:
    console.say("== tiers")
    for tier, code, seconds in results:
        verdict = {0: "passed", NO_TESTS: "no tests"}.get(code, f"FAILED ({code})")
        console.say(f"   {tier:<12}{seconds:>8.1f} s  {verdict}")
    failed = [tier for tier, code, _ in results if code not in {0, NO_TESTS}]
    total = sum(seconds for *_, seconds in results)
    console.say(f"test: {'FAILED ' + ' '.join(failed) if failed else 'passed'} in {total:.0f} s")
    return 1 if failed else 0


def _run_tier(settings: Settings, tier: str, arguments: Sequence[str]) -> int:
    folder = settings.root / "tests" / tier
    if not any(folder.rglob("test_*.py")):
        return NO_TESTS
    named = [word for word in arguments if word.startswith(f"tests/{tier}/")]
    words = list(arguments) if named else [str(folder), *arguments]
    within_ckan = tuple(f"tests/faults/{name}" for name in FAULTS_WITHIN)
    if tier == "integration" or any(word.startswith(within_ckan) for word in named):
        return _with_services(settings, words)
    words = [*WITHOUT_CKAN, *words]
    if tier == "faults" and not named:
        within = [folder / name for name in FAULTS_WITHIN]
        ignored = [f"--ignore={path}" for path in within]
        code = _wait(_pytest(settings, [*words, *ignored], {}))
        if code not in {0, NO_TESTS}:
            return code
        return _with_services(settings, [*map(str, within), *arguments])
    if tier != "browser":
        return _wait(_pytest(settings, words, {}))
    machine.ensure_packages([machine.CHROMIUM, machine.R, machine.JSONLITE])
    with own_portal(settings, settings.tools / "test-browser") as site:
        return _wait(_pytest(settings, words, {"PORTAL_URL": site}))


def _pytest(
    settings: Settings, words: Sequence[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    command = [settings.executable("python"), "-m", "pytest", *words]
    # Without its byte code a module is compiled again by every tier.
    kept = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment}
    return subprocess.Popen(command, cwd=settings.root, env=kept)


def _wait(running: subprocess.Popen[bytes]) -> int:
    try:
        return running.wait()
    finally:
        running.kill()


def _with_services(settings: Settings, words: Sequence[str]) -> int:
    """Against the test services that run already, else against some of our own."""
    own = settings_of_tests(settings)
    ini = f"--ckan-ini={own.ini}"
    if instance.holder(own) is not None:
        return _wait(_pytest(settings, [ini, *words], {}))
    with services_of_tests(own) as started:
        running = _pytest(settings, [ini, *words], {})
        try:
            while running.poll() is None:
                started.supervisor.check()
                time.sleep(PAUSE)
        finally:
            running.kill()
        return running.wait()


def settings_of_tests(settings: Settings) -> Settings:
    """The settings of the test services, in PORTAL_TEST_VAR or var/test."""
    var = Path(os.environ.get("PORTAL_TEST_VAR") or settings.tools / "test").absolute()
    return replace(settings, var=var, core="ckan_test", given={})


@contextmanager
def services_of_tests(own: Settings) -> Iterator[Launch]:
    """PostgreSQL, Valkey, Solr and a migrated empty database; stopped at the end."""
    own = replace(own, ports=free_ports())
    plan = Plan(own, whole=False, options=TEST_OPTIONS)
    own.run.mkdir(parents=True, exist_ok=True)
    with instance.hold(own):
        started = Launch(plan)
        try:
            started.run()
            yield started
        finally:
            started.supervisor.stop()


def serve(settings: Settings) -> int:
    """Keep the test services up until Ctrl-C, so that one can run tests again and again."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    launch.prepare_python(settings)
    with services_of_tests(settings_of_tests(settings)) as started:
        try:
            started.supervisor.watch()
        except KeyboardInterrupt:
            console.say()
    return 0


@contextmanager
def own_portal(settings: Settings, var: Path) -> Iterator[str]:
    """A whole new portal on free ports. Gives its address; stopped at the end."""
    ports = free_ports()
    environment = portal_environment(var, ports)
    command = [sys.executable, "-m", "services"]
    subprocess.run([*command, "reset"], cwd=settings.root, env=environment, check=True)
    subprocess.run([*command, "start"], cwd=settings.root, env=environment, check=True)
    try:
        yield f"http://127.0.0.1:{ports.web}"
    finally:
        subprocess.run([*command, "stop"], cwd=settings.root, env=environment, check=True)


def portal_environment(var: Path, ports: Ports) -> dict[str, str]:
    """The environment that starts a portal of its own, which refuses no caller for asking much."""
    template = var.with_name(f"{var.name}.ini")
    content = Settings.from_environment(os.environ).template.read_text("utf-8")
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_text(with_options(content, WITHOUT_LIMITS), "utf-8")
    return {
        **os.environ,
        "PORTAL_CONFIG": str(template),
        "PORTAL_VAR": str(var),
        "PORTAL_PORT": str(ports.web),
        "PORTAL_POSTGRES_PORT": str(ports.postgres),
        "PORTAL_VALKEY_PORT": str(ports.valkey),
        "PORTAL_SOLR_PORT": str(ports.solr),
        "PORTAL_DEMO_PORT": str(ports.demo),
    }


def free_ports() -> Ports:
    """Five different ports that nobody listens on now."""
    probes = [socket.socket() for _ in range(5)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return Ports(*(probe.getsockname()[1] for probe in probes))
    finally:
        for probe in probes:
            probe.close()
