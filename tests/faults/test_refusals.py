"""The launcher as a program: each shortage ends it with one message, and never with a traceback."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from services import instance
from services.settings import PORT_VARIABLES, ROOT, Settings
from services.testing import free_ports, portal_environment

NOWHERE = "http://127.0.0.1:9"
ACCOUNT = 65534  # nobody


def refusal(environment: Mapping[str, str], root: Path = ROOT, user: int | None = None) -> str:
    """What `make run` says before it gives up."""
    answer = subprocess.run(
        [sys.executable if user is None else "/usr/bin/python3", "-m", "services", "run"],
        cwd=root,
        env=environment,
        user=user,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1, said
    assert "Traceback" not in said, said
    return said[said.index("[") :]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return portal_environment(tmp_path, free_ports())


@pytest.mark.parametrize("part", asdict(free_ports()))
def test_taken_port_is_told_with_its_variable(part: str, environment: dict[str, str]) -> None:
    """Each of the five ports, before anything is started."""
    variable = PORT_VARIABLES[part]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refusal({**environment, variable: port})
    assert said.startswith("[port-taken]")
    assert f"{variable}=" in said
    assert port in said


def test_running_portal_is_told_with_its_process(environment: dict[str, str]) -> None:
    """Two portals never share a data directory."""
    with instance.hold(Settings.from_environment(environment)):
        said = refusal(environment)
    assert said.startswith("[already-running]")
    assert str(os.getpid()) in said


@pytest.mark.parametrize(("version", "code"), [("0", "data-older"), ("7", "data-newer")])
def test_data_of_another_release_is_told(
    version: str, code: str, environment: dict[str, str], tmp_path: Path
) -> None:
    """Before anything could change it."""
    (tmp_path / "VERSION").write_text(version)
    assert refusal(environment).startswith(f"[{code}]")


def test_cluster_of_another_postgres_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    """Instead of PostgreSQL's own refusal."""
    tmp_path.chmod(0o755)
    data = Path(f"/var/tmp/hatinh-refusal-{os.getpid()}")
    environment = {**environment, "PORTAL_VAR": str(data)}
    (data / "postgres" / "data").mkdir(parents=True)
    (data / "postgres" / "data" / "PG_VERSION").write_text("15\n")
    try:
        said = refusal(environment)
    finally:
        shutil.rmtree(data)
    assert said.startswith("[postgres-major]")
    assert "15" in said


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A fresh checkout: no virtual environment, no jars, readable by any account."""
    root = Path(f"/var/tmp/hatinh-checkout-{os.getpid()}")
    root.mkdir(mode=0o755)
    for name in ("services", "config"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copyfile(ROOT / "requirements.lock", root / "requirements.lock")
    try:
        yield root
    finally:
        shutil.rmtree(root)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another account")
def test_user_without_maven_is_told_the_one_command(
    checkout: Path, environment: dict[str, str]
) -> None:
    """Everything missing in one line that can be copied."""
    var = checkout / "var"
    var.mkdir()
    os.chown(var, ACCOUNT, ACCOUNT)
    bare = {**environment, "PATH": "/nowhere", "PORTAL_VAR": str(var), "HOME": str(var)}
    said = refusal(bare, checkout, user=ACCOUNT)
    assert said.startswith("[packages-missing]")
    assert "sudo apt-get install -y" in said
    assert "maven" in said


def test_first_start_without_network_names_the_step(
    checkout: Path, environment: dict[str, str]
) -> None:
    """The network is only wanted once, and the message says so."""
    offline = {"HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE, "PIP_RETRIES": "0"}
    said = refusal({**environment, **offline, "PIP_FIND_LINKS": ""}, checkout)
    assert said.startswith("[network-missing]")
    assert "«python»" in said


def test_directory_without_permission_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    """A file stands where the directory should be."""
    (tmp_path / "file").touch()
    said = refusal({**environment, "PORTAL_VAR": str(tmp_path / "file" / "var")})
    assert said.startswith("[var-not-writable]")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount a small disk")
def test_disk_without_room_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    """A disk of 8 MB, before anything is written to it."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not allow mounts")
    try:
        said = refusal(environment)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert said.startswith("[disk-low]")
    assert "PORTAL_VAR" in said
