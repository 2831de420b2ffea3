"""A real small file system that can be filled and emptied; only the system's administrator may."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

BLOCK = 4096

needs_mounts = pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount a small disk")


@dataclass(frozen=True)
class SmallDisk:
    """A file system in memory. What fills it is one file, so that room is made at once."""

    path: Path

    def fill(self) -> None:
        """Leave not a byte."""
        with (self.path / "ballast").open("ab", buffering=0) as ballast:
            try:
                while ballast.write(bytes(BLOCK)):
                    pass
            except OSError:
                return

    def make_room(self) -> None:
        """Let others write again."""
        (self.path / "ballast").unlink()


@contextmanager
def small_disk(path: Path, megabytes: int) -> Iterator[SmallDisk]:
    """A disk of this size at a new directory; gone afterwards, with all that it held."""
    path.mkdir(mode=0o755)
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=755"]
    mounted = subprocess.run(["mount", *options, "tmpfs", str(path)], check=False)
    try:
        if mounted.returncode != 0:
            pytest.skip("this machine does not allow mounts")
        yield SmallDisk(path)
    finally:
        if mounted.returncode == 0:
            # Lazily: whoever still has a file open keeps the disk, but not its place.
            subprocess.run(["umount", "--lazy", str(path)], check=True)
        path.rmdir()
