"""`python3 -m services <verb>`: what the Makefile calls."""

import argparse
import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from services import ckan, console, instance, launch, machine, quality, solr, testing
from services.errors import LaunchError
from services.launch import Launch, Plan, both
from services.postgres import Postgres
from services.settings import ROOT, Settings

FOLLOW_PAUSE = 0.2
NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Start in the foreground and watch until Ctrl-C or SIGTERM."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    machine.check_writable(settings.run)
    started = Launch(Plan(settings, harvest=not options.no_harvest))
    with instance.hold(settings):
        try:
            started.run()
            started.supervisor.watch()
        except KeyboardInterrupt:
            console.say()
            console.say(both("stopping"))
        finally:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            started.supervisor.stop()
            console.say(both("stopped"))
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def start(settings: Settings, options: argparse.Namespace) -> int:
    """Start in the background; return when healthy, 1 when it failed."""
    running = instance.holder(settings)
    if running is not None:
        raise LaunchError("already-running", pid=running, path=settings.var)
    machine.check_writable(settings.log)
    (settings.run / "ready").unlink(missing_ok=True)
    output = settings.log / "launch.log"
    output.unlink(missing_ok=True)
    words = [sys.executable, "-m", "services", "run"]
    words += ["--no-harvest"] if options.no_harvest else []
    with output.open("wb") as log:
        child = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            start_new_session=True,
        )
    with output.open(encoding="utf-8") as log:
        while child.poll() is None and not (settings.run / "ready").exists():
            _copy(log.read())
            time.sleep(FOLLOW_PAUSE)
        _copy(log.read())
    return child.returncode or 0


def _copy(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def stop(settings: Settings, options: argparse.Namespace) -> int:
    """Stop the running portal; nothing to do when none runs."""
    console.say(both("stopped" if instance.stop(settings) else "not-running"))
    return 0


def status(settings: Settings, options: argparse.Namespace) -> int:
    """Print each part with its process; exit code 3 when the portal does not run."""
    pid = instance.holder(settings)
    if pid is None:
        console.say(both("not-running"))
        return 3
    state = "ready" if (settings.run / "ready").exists() else "starting"
    console.say(f"{'supervisor':<12}{pid:>8}  {state}  {settings.site_url}")
    for part in instance.parts(settings):
        console.say(f"{part['part']!s:<12}{part['pid']!s:>8}  restarts {part['restarts']}")
    return 0


def reset(settings: Settings, options: argparse.Namespace) -> int:
    """Forget all data."""
    machine.check_writable(settings.run)
    with instance.hold(settings):
        launch.reset(settings)
    console.say(both("reset-done", path=settings.var))
    return 0


def configure(settings: Settings, options: argparse.Namespace) -> int:
    """Only write the ini file, for processes that something else starts (docker/)."""
    machine.check_writable(settings.var)
    ckan.write_ini(settings, Postgres(settings))
    return 0


def configset(settings: Settings, options: argparse.Namespace) -> int:
    """Only write the Solr configset, for a Solr that something else starts (docker/)."""
    solr.write_configset(settings, options.directory)
    return 0


def test(settings: Settings, options: argparse.Namespace) -> int:
    """Run tiers of tests; arguments after `--` go to pytest."""
    return testing.run_tiers(settings, options.tiers, options.pytest)


def test_services(settings: Settings, options: argparse.Namespace) -> int:
    """Keep the services of the integration tests up until Ctrl-C."""
    return testing.serve(settings)


def lint(settings: Settings, options: argparse.Namespace) -> int:
    """Run every linter."""
    return quality.lint(settings)


def bench(settings: Settings, options: argparse.Namespace) -> int:
    """Run the benchmarks."""
    return quality.bench(settings)


VERBS = {
    "run": run,
    "start": start,
    "stop": stop,
    "status": status,
    "reset": reset,
    "configure": configure,
    "configset": configset,
    "test": test,
    "test-services": test_services,
    "lint": lint,
    "bench": bench,
}


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python3 -m services", description=__doc__)
    verbs = top.add_subparsers(dest="verb", required=True)
    for name, function in VERBS.items():
        verb = verbs.add_parser(name, help=(function.__doc__ or "").split("\n", 1)[0])
        if name in {"run", "start"}:
            verb.add_argument("--no-harvest", action="store_true", help="leave the last step out")
        if name == "configset":
            verb.add_argument("directory", type=Path, help="where to write it")
        if name == "test":
            verb.add_argument("tiers", nargs="*", help=", ".join(testing.TIERS))
    return top


def main(arguments: list[str]) -> int:
    own, _, for_pytest = _split(arguments)
    options = parser().parse_args(own)
    options.pytest = for_pytest
    settings = Settings.from_environment(os.environ)
    try:
        return VERBS[options.verb](settings, options)
    except LaunchError as error:
        refusal = error
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        refusal = LaunchError("disk-full", path=settings.var)
    console.say()
    console.say(str(refusal))
    return 1


def _split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    if "--" not in arguments:
        return arguments, "", []
    place = arguments.index("--")
    return arguments[:place], "--", arguments[place + 1 :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
