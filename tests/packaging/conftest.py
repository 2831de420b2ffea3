"""The wheel, built from a copy of the sources, and an environment that has nothing but it."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ("ckanext-hatinh", "harvesters", "schemas", "setup.py", "pyproject.toml", "README.md")
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.egg-info")


@dataclass(frozen=True)
class Installed:
    """An environment with the locked packages and our wheel, far from the checkout."""

    python: Path
    home: Path

    def run(self, program: str) -> str:
        """What a program prints that runs there."""
        command = [str(self.python), "-W", "ignore", "-c", program]
        ran = subprocess.run(command, cwd=self.home, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout; built from a copy, so that no old build can help."""
    copy = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=LEFT_BEHIND)
        else:
            shutil.copy2(source, copy / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(copy)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = (copy / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a clean environment with the packages of the lock."""
    home = tmp_path_factory.mktemp("clean")
    venv = home / "venv"
    python = venv / "bin" / "python"
    uv = [str(Path(sys.executable).parent / "uv"), "pip"]
    for command in (
        [sys.executable, "-m", "venv", "--without-pip", str(venv)],
        [*uv, "sync", "-q", "-p", str(python), str(ROOT / "requirements.lock")],
        [*uv, "install", "-q", "--no-deps", "-p", str(python), str(wheel)],
    ):
        made = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
        assert made.returncode == 0, made.stderr
    return Installed(python, home)
