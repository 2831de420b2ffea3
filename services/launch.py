"""A start of the portal: its steps in their order."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services import (
    ckan,
    command,
    console,
    instance,
    machine,
    python_env,
    secrets_store,
    solr,
    solr_jars,
    valkey,
)
from services.console import Steps
from services.errors import LaunchError, text
from services.postgres import OWNER, READER, Postgres, database_name
from services.process import Part
from services.settings import PORT_VARIABLES, Settings
from services.stamps import Stamp, fingerprint
from services.supervisor import Supervisor

STEPS = 12
STEPS_OF_SERVICES = 7
DATASTORE_TEMPLATE = Path("ckanext/datastore/set_permissions.sql")
ADMIN = "admin"
PREPARE_DATASTORE = ["hatinh", "data", "prepare"]
PRIVATE = ("storage", "solr", "valkey")


@dataclass(frozen=True)
class Plan:
    """What to start: the services alone (for tests), or the whole portal."""

    settings: Settings
    whole: bool = True
    harvest: bool = True
    options: Mapping[str, str] | None = None


class Launch:
    """One start. `run` returns when everything serves; the supervisor then watches."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.settings = plan.settings
        self.steps = Steps(STEPS - (not plan.harvest) if plan.whole else STEPS_OF_SERVICES)
        self.supervisor = Supervisor(self.settings.run, self.settings.log, tell)
        core = self.settings.core
        datastore = "datastore" if core == "ckan" else core.replace("ckan", "datastore")
        self.postgres = Postgres(self.settings, core, datastore)

    def run(self) -> None:
        """Take every step. Raise `LaunchError` when one cannot be taken."""
        settings = self.settings
        self._check_place()
        for name in instance.end_leftovers(settings):
            tell("leftover-ended", {"part": name})
        self._check_ports()
        java = prepare_tools(settings, self.steps)
        self._start_postgres()
        self._start_valkey()
        schema = self._start_solr(java)
        ckan.write_ini(settings, self.postgres, self.plan.options)
        self._set_up(schema)
        if self.plan.whole:
            self._start_portal()
            self._harvest()
        self._announce()

    def _check_place(self) -> None:
        settings = self.settings
        machine.check_platform()
        machine.check_writable(settings.var)
        settings.run.mkdir(exist_ok=True)
        # Uploads, caches, index and logs hold what is not public.
        for private in (settings.log, *(settings.var / name for name in PRIVATE)):
            private.mkdir(exist_ok=True)
            private.chmod(0o700)
        instance.check_version(settings)
        first = not (python_env.is_current(settings) and solr_jars.is_current(settings))
        needed = machine.DISK_FIRST_INSTALL if first else machine.DISK_RUNNING
        machine.check_disk(settings.var, needed)

    def _check_ports(self) -> None:
        settings = self.settings
        used = {
            "postgres": settings.embeds_postgres(),
            "valkey": settings.embeds_valkey(),
            "solr": settings.embeds_solr(),
            "demo": self.plan.whole,
            "web": self.plan.whole,
        }
        for name, wanted in used.items():
            if wanted:
                machine.check_port(name, getattr(settings.ports, name), PORT_VARIABLES[name])

    def _start_postgres(self) -> None:
        given = not self.settings.embeds_postgres()
        version = "" if given else self.postgres.version_of_wheel()
        with self.steps.step("step-postgres", version=version) as notes:
            if given:
                notes.append(both("given-by-url", part="PostgreSQL"))
                return
            self.postgres.prepare()
            if self.postgres.elsewhere:
                notes.append(both("postgres-elsewhere", path=self.postgres.elsewhere))
            self.supervisor.start(self.postgres.part())
            self.postgres.ensure_databases()

    def _start_valkey(self) -> None:
        with self.steps.step("step-valkey") as notes:
            if self.settings.embeds_valkey():
                self.supervisor.start(valkey.part(self.settings))
            else:
                notes.append(both("given-by-url", part="Valkey"))

    def _start_solr(self, java: str) -> str:
        with self.steps.step("step-solr", version=solr_jars.version(self.settings)) as notes:
            if not self.settings.embeds_solr():
                notes.append(both("given-by-url", part="Solr"))
                return self.settings.solr_url
            schema = solr.prepare(self.settings)
            self.supervisor.start(solr.part(self.settings, java))
            return schema

    def _set_up(self, schema: str) -> None:
        """Migrations, permissions, administrator, reference data: once per state of the code."""
        settings = self.settings
        wanted = self._setup_fingerprint()
        done = Stamp(settings.var / "stamps" / "setup")
        indexed = Stamp(settings.var / "solr" / settings.core / ".indexed")
        commands = [] if done.matches(wanted) else self._setup_commands()
        if self.plan.whole and not indexed.matches(schema):
            commands.append(["search-index", "rebuild"])
        with self.steps.step("step-setup") as notes:
            if not commands:
                notes.append(both("nothing-new"))
                return
            self._grant_datastore()
            self.run_task(
                ckan.task(settings, "setup", ["services.ckan_setup", str(settings.ini)], commands)
            )
            done.set(wanted)
            if settings.embeds_solr():
                indexed.set(schema)

    def _setup_commands(self) -> list[list[str]]:
        if not self.plan.whole:
            return [["db", "upgrade"], PREPARE_DATASTORE]
        password = secrets_store.secret(self.settings.admin_password, 18)
        account = [f"email={ADMIN}@localhost.localdomain", f"password={password}"]
        return [
            ["db", "upgrade"],
            PREPARE_DATASTORE,
            ["sysadmin", "add", ADMIN, "--create", *account],
            ["hatinh", "load"],
            ["hatinh", "dictionary", "load"],
            ["translation", "js"],
        ]

    def _grant_datastore(self) -> None:
        """CKAN's own script of the DataStore's permissions, when the server is ours."""
        if not self.settings.embeds_postgres():
            return
        urls = ckan.urls(self.settings, self.postgres)
        template = python_env.site_packages(self.settings) / DATASTORE_TEMPLATE
        names = {
            "maindb": database_name(urls["CKAN_SQLALCHEMY_URL"]),
            "datastoredb": database_name(urls["CKAN_DATASTORE_WRITE_URL"]),
            "mainuser": OWNER,
            "writeuser": OWNER,
            "readuser": READER,
        }
        quoted = {key: f'"{name}"' for key, name in names.items()}
        self.postgres.psql("postgres", template.read_text("utf-8").format(**quoted))

    def _setup_fingerprint(self) -> str:
        root = self.settings.root
        files = [
            root / "requirements.lock",
            self.settings.template,
            *(path for path in (root / "schemas").rglob("*") if path.suffix in {".yaml", ".csv"}),
            *root.glob("ckanext-hatinh/ckanext/hatinh/migration/*/versions/*.py"),
            *root.glob("ckanext-hatinh/ckanext/hatinh/i18n/*/LC_MESSAGES/*.po"),
        ]
        given = [value for _, value in sorted(self.settings.given.items())]
        return fingerprint(files, *given)

    def _start_portal(self) -> None:
        settings = self.settings
        with self.steps.step("step-demo"):
            self.supervisor.start(ckan.demo_part(settings))
        with self.steps.step("step-web"):
            self.supervisor.start(ckan.web_part(settings))
        with self.steps.step("step-worker"):
            for part in ckan.worker_parts(settings):
                self.supervisor.start(part)
        with self.steps.step("step-data"):
            self.supervisor.start(ckan.data_part(settings))

    def _harvest(self) -> None:
        if not self.plan.harvest:
            return
        task = ckan.harvest_task(self.settings)
        with self.steps.step("step-harvest") as notes:
            code = self.supervisor.run(task)
            log = self.settings.log / f"{task.name}.log"
            notes.extend(task.output.read_text("utf-8").splitlines() if task.output else [])
            if code != 0:
                notes.append(both("harvest-incomplete", log=log))

    def run_task(self, task: Part) -> None:
        """Run a task to its end; raise `LaunchError` with its last lines when it fails."""
        if self.supervisor.run(task) != 0:
            log = self.settings.log / f"{task.name}.log"
            raise LaunchError("task-failed", command.tail(log), part=task.name, log=log)

    def _announce(self) -> None:
        settings = self.settings
        ready = {"site": settings.site_url, "ini": str(settings.ini), "seconds": self.steps.elapsed}
        (settings.run / "ready").write_text(json.dumps(ready))
        console.say()
        values = {"seconds": f"{self.steps.elapsed:.1f}", "ini": settings.ini}
        if not self.plan.whole:
            console.say(both("services-ready", **values))
            return
        console.say(both("portal-ready", url=settings.site_url, **values))
        console.say(both("admin-account", name=ADMIN, path=settings.admin_password))


def prepare_tools(settings: Settings, steps: Steps) -> str:
    """Packages of the system, the virtual environment, Solr's jars. Returns the path of Java."""
    jars_current = solr_jars.is_current(settings)
    wanted = [machine.MAGIC]
    wanted += [] if python_env.is_current(settings) else [machine.PYTHON]
    if settings.embeds_solr():
        wanted += [machine.JAVA] if jars_current else [machine.JAVA, machine.MAVEN]
    with steps.step("step-system") as notes:
        installed = machine.ensure_packages(wanted)
        if installed:
            notes.append(both("packages-installed", packages=" ".join(installed)))
        java = machine.find_java(dict(os.environ)) if settings.embeds_solr() else ""
    with instance.hold_tools(settings):
        with steps.step("step-python"):
            python_env.ensure(settings)
        with steps.step("step-jars", version=solr_jars.version(settings)):
            if settings.embeds_solr():
                solr_jars.ensure(settings, java)
    return java


def prepare_python(settings: Settings) -> None:
    """The virtual environment alone, for what needs no services."""
    machine.check_platform()
    machine.check_writable(settings.tools)
    wanted = [machine.MAGIC] + ([] if python_env.is_current(settings) else [machine.PYTHON])
    machine.ensure_packages(wanted)
    with instance.hold_tools(settings):
        python_env.ensure(settings)


def both(code: str, **values: object) -> str:
    """A text in both languages on one line."""
    return f"{text(code, 'vi', **values)} · {text(code, 'en', **values)}"


def tell(code: str, values: Mapping[str, object]) -> None:
    console.say(f"  ! {both(code, **values)}")


def reset(settings: Settings) -> None:
    """Forget all data of this portal; keep the virtual environment and the jars."""
    kept = {settings.venv, settings.solr_jars, settings.tools / ".lock"}
    if settings.venv.exists():
        Postgres(settings).forget()
    for path in settings.var.iterdir() if settings.var.is_dir() else []:
        if path in kept or path == settings.run:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
