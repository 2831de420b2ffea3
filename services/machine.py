"""What the machine must offer: system, disk, ports, Java and the packages of the system."""

import ctypes.util
import importlib.util
import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.errors import LaunchError

JAVA_MINIMUM = 17
JAVA_HOMES = Path("/usr/lib/jvm")
DISK_FIRST_INSTALL = 2 * 1024**3
DISK_RUNNING = 200 * 1024**2


@dataclass(frozen=True)
class Package:
    """A package of Debian and the test that tells whether what it brings is there."""

    name: str
    present: Callable[[], bool]


def check_platform(
    system: str = sys.platform,
    processor: str | None = None,
    python: tuple[int, ...] = tuple(sys.version_info[:2]),
) -> None:
    processor = processor or platform.machine()
    if system != "linux" or processor not in {"x86_64", "aarch64"}:
        raise LaunchError("platform-unsupported", system=system, processor=processor)
    if python < (3, 11):
        raise LaunchError("python-too-old", version=".".join(map(str, python)))


def check_writable(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise LaunchError("var-not-writable", path=directory, reason=error.strerror) from error


def check_disk(directory: Path, needed: int, free: int | None = None) -> None:
    """`free` is measured when not given. Bytes."""
    free = shutil.disk_usage(directory).free if free is None else free
    if free < needed:
        megabyte = 1024**2
        raise LaunchError(
            "disk-low", path=directory, free=free // megabyte, needed=needed // megabyte
        )


def check_port(name: str, port: int, variable: str) -> None:
    with socket.socket() as probe:
        # As the servers do: a port that only waits for old connections to die is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            holder = port_holder(port) or "chương trình khác / another program"
            raise LaunchError(
                "port-taken", part=name, port=port, variable=variable, holder=holder
            ) from error


def port_holder(port: int) -> str | None:
    """Name and process id of the program that listens on a port, if this user may see it."""
    inodes = _listening_inodes(port)
    for process in Path("/proc").glob("[0-9]*"):
        if inodes & _open_files(process):
            name = (process / "comm").read_text().strip()
            return f"{name} (pid {process.name})"
    return None


def _open_files(process: Path) -> set[str]:
    """What a process has open; nothing for one that ended meanwhile or is not ours to see."""
    found = set()
    try:
        for link in (process / "fd").iterdir():
            with suppress(OSError):
                found.add(str(link.readlink()))
    except OSError:
        return set()
    return found


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == "0A" and int(columns[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    return inodes


def java_version(executable: str) -> int | None:
    """Major version of a Java program (8 for `1.8`), None when it cannot be run."""
    try:
        answer = subprocess.run(
            [executable, "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_java_version(answer.stderr)


def parse_java_version(answer: str) -> int | None:
    found = re.search(r'version "(?:1\.)?(\d+)', answer)
    return int(found.group(1)) if found else None


def find_java(environment: dict[str, str]) -> str:
    """Return a Java ≥ 17 with its compiler: JAVA_HOME, then the path, then /usr/lib/jvm."""
    versions: list[int] = []
    for candidate in _java_candidates(environment):
        version = java_version(candidate)
        if version is not None and version >= JAVA_MINIMUM:
            return candidate
        versions += [version] if version is not None else []
    if versions:
        raise LaunchError("java-too-old", version=max(versions), minimum=JAVA_MINIMUM)
    raise LaunchError("java-missing", minimum=JAVA_MINIMUM)


def _java_candidates(environment: dict[str, str]) -> list[str]:
    homes = [Path(environment["JAVA_HOME"])] if environment.get("JAVA_HOME") else []
    on_path = shutil.which("java", path=environment.get("PATH"))
    if on_path:
        homes.append(Path(on_path).resolve().parent.parent)
    homes += sorted(JAVA_HOMES.glob("*"), reverse=True)
    return [str(home / "bin/java") for home in homes if (home / "bin/java").exists()]


def _has_java() -> bool:
    try:
        java = find_java(dict(os.environ))
    except LaunchError:
        return False
    return Path(java).with_name("javac").exists()


PYTHON = Package("python3-venv", lambda: importlib.util.find_spec("ensurepip") is not None)
MAGIC = Package("libmagic1", lambda: ctypes.util.find_library("magic") is not None)
JAVA = Package("openjdk-17-jdk-headless", _has_java)
MAVEN = Package("maven", lambda: shutil.which("mvn") is not None)
CHROMIUM = Package("chromium", lambda: shutil.which("chromium") is not None)
R = Package("r-base-core", lambda: shutil.which("Rscript") is not None)
JSONLITE = Package("r-cran-jsonlite", lambda: Path("/usr/lib/R/site-library/jsonlite").exists())


def ensure_packages(
    wanted: list[Package],
    install: Callable[[list[str]], None] | None = None,
    is_root: bool = os.geteuid() == 0,
) -> list[str]:
    """Install what is missing when root; otherwise say the one command that does.

    Returns the names of what was installed.
    """
    missing = [package.name for package in wanted if not package.present()]
    if not missing:
        return []
    names = " ".join(missing)
    if not is_root or shutil.which("apt-get") is None:
        raise LaunchError("packages-missing", packages=names)
    (install or _apt_install)(missing)
    still = [package.name for package in wanted if not package.present()]
    if still:
        raise LaunchError("packages-missing", packages=" ".join(still))
    return missing


def _apt_install(names: list[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *names]
    for command in (["apt-get", "update", "-q"], install):
        answer = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            detail = "\n".join((answer.stdout + answer.stderr).splitlines()[-8:])
            raise LaunchError("packages-failed", detail, packages=" ".join(names))
