"""Each shortage of the machine gives its own code."""

import socket
from pathlib import Path

import pytest

from services import machine
from services.errors import LaunchError
from services.machine import Package


def code_of(caught: pytest.ExceptionInfo[LaunchError]) -> str:
    return caught.value.code


@pytest.mark.parametrize(("system", "processor"), [("darwin", "x86_64"), ("linux", "riscv64")])
def test_other_platform_is_refused(system: str, processor: str) -> None:
    """Only the platforms that the wheels are made for."""
    with pytest.raises(LaunchError) as caught:
        machine.check_platform(system, processor)
    assert code_of(caught) == "platform-unsupported"


def test_old_python_is_refused() -> None:
    """Python 3.10 is told apart before anything fails on its syntax."""
    with pytest.raises(LaunchError) as caught:
        machine.check_platform("linux", "x86_64", (3, 10))
    assert code_of(caught) == "python-too-old"


def test_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """A file in the place of the directory stands for every refusal of the system."""
    (tmp_path / "file").touch()
    with pytest.raises(LaunchError) as caught:
        machine.check_writable(tmp_path / "file" / "var")
    assert code_of(caught) == "var-not-writable"


def test_too_little_disk_is_told_in_megabytes(tmp_path: Path) -> None:
    """Both figures are in the message."""
    with pytest.raises(LaunchError) as caught:
        machine.check_disk(tmp_path, machine.DISK_FIRST_INSTALL, free=5 * 1024**2)
    assert code_of(caught) == "disk-low"
    assert "5 MB" in str(caught.value)
    assert "2048 MB" in str(caught.value)


def test_taken_port_names_variable_and_holder() -> None:
    """The mend is to set the variable that the message names."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError) as caught:
            machine.check_port("web", port, "PORTAL_PORT")
    assert code_of(caught) == "port-taken"
    assert f"{port}" in str(caught.value)
    assert "PORTAL_PORT=" in str(caught.value)
    assert "pid" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("command not found", None),
    ],
)
def test_java_version_is_read_in_both_notations(answer: str, version: int | None) -> None:
    """1.8 means 8."""
    assert machine.parse_java_version(answer) == version


@pytest.fixture
def no_java_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose /usr/lib/jvm is empty."""
    monkeypatch.setattr(machine, "JAVA_HOMES", tmp_path)
    return tmp_path


def test_missing_java_is_told(no_java_homes: Path) -> None:
    """Neither JAVA_HOME, nor on the path, nor in the usual place."""
    with pytest.raises(LaunchError) as caught:
        machine.find_java({"PATH": ""})
    assert code_of(caught) == "java-missing"


def test_old_java_is_told_apart_from_none(no_java_homes: Path) -> None:
    """The version found is in the message."""
    make_java(no_java_homes / "java-11", "11.0.2")
    with pytest.raises(LaunchError) as caught:
        machine.find_java({"PATH": ""})
    assert code_of(caught) == "java-too-old"
    assert "11" in str(caught.value)


def test_new_enough_java_is_found_behind_an_old_one(no_java_homes: Path) -> None:
    """JAVA_HOME may be too old while the machine has a better one."""
    make_java(no_java_homes / "java-17", "17.0.1")
    old = make_java(no_java_homes / "old", "1.8.0")
    found = machine.find_java({"PATH": "", "JAVA_HOME": str(old.parent.parent)})
    assert found == str(no_java_homes / "java-17" / "bin" / "java")


def make_java(home: Path, version: str) -> Path:
    """A program that answers `-version` as Java does."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return program


def test_user_is_told_the_one_command_for_missing_packages() -> None:
    """Everything that is missing stands in one command."""
    wanted = [Package("maven", lambda: False), Package("libmagic1", lambda: True)]
    with pytest.raises(LaunchError) as caught:
        machine.ensure_packages(wanted, is_root=False)
    assert code_of(caught) == "packages-missing"
    assert "apt-get install -y maven" in str(caught.value)
    assert "libmagic1" not in str(caught.value)


def test_root_gets_missing_packages_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is missing is installed, and looked for again afterwards."""
    there: list[str] = []
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    wanted = [Package("maven", lambda: "maven" in there)]
    assert machine.ensure_packages(wanted, there.extend, is_root=True) == ["maven"]
    assert machine.ensure_packages(wanted, there.extend, is_root=True) == []
