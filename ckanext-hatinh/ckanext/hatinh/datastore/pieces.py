"""Files that arrive in pieces, over as many connections as it takes. Knows nothing of CKAN.

    <folder>/<id>/about.json   whose it is, for which dataset, its name, length and hash
                  data         the bytes that are here: as many as these is the next one's offset

What is written stays, whoever is killed; a piece that comes with a hash counts only as a whole.
"""

import fcntl
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from uuid import uuid4

import msgspec

from hatinh.errors import HatinhError

_ID = re.compile(r"[0-9a-f]{32}")


class WriterBusyError(HatinhError):
    """Somebody else is writing a piece of this file."""


class WrongOffsetError(HatinhError):
    """The piece does not begin where the bytes that are here end."""


class WrongHashError(HatinhError):
    """The bytes are not those that were promised."""


class GoneError(HatinhError):
    """There is no such upload any more."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A file that is to arrive: ``owner`` and ``dataset`` are ids, ``sha256`` may be unknown."""

    owner: str
    dataset: str
    name: str
    length: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrives."""

    folder: Path
    awaited: Awaited

    @property
    def id(self) -> str:
        """By which it is asked for."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """Where its bytes are."""
        return self.folder / "data"

    @property
    def offset(self) -> int:
        """How many bytes are here. Raises :class:`GoneError`."""
        return self._stat().st_size

    @property
    def changed(self) -> float:
        """When the last of them came, in seconds since 1970. Raises :class:`GoneError`."""
        return self._stat().st_mtime

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.offset == self.awaited.length

    def append(self, offset: int, parts: Iterable[bytes], sha256: bytes = b"") -> int:
        """Add a piece; gives the new offset. What came of a piece that breaks off stays.

        With the piece's hash it stays only when it is whole and right. Raises ``OSError`` when the
        disk takes no more, and the errors of this module.
        """
        with self._alone() as data:
            if data.seek(0, os.SEEK_END) != offset:
                raise WrongOffsetError(self.id)
            seen = hashlib.sha256()
            try:
                for part in parts:
                    _write(data, part)
                    seen.update(part)
            finally:
                right = not sha256 or seen.digest() == sha256
                end = data.seek(0, os.SEEK_END) if right else data.truncate(offset)
                os.fsync(data.fileno())
            if not right:
                raise WrongHashError(self.id)
            return end

    def digest(self) -> str:
        """The hash of the whole file. Raises :class:`WrongHashError`, and then it is gone."""
        with self._alone() as data:
            found = hashlib.file_digest(data, "sha256").hexdigest()
        if self.awaited.sha256 not in ("", found):
            self.remove()
            raise WrongHashError(self.id)
        return found

    def remove(self) -> None:
        """Forget it. Raises :class:`WriterBusyError` while a piece is being written."""
        with suppress(GoneError), self._alone():
            shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def _alone(self) -> Iterator[FileIO]:
        """The bytes, for one at a time; the system forgets the lock of who is killed."""
        try:
            data = self.path.open("r+b", buffering=0)
        except FileNotFoundError as err:
            raise GoneError(self.id) from err
        with data:
            try:
                fcntl.flock(data, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as err:
                raise WriterBusyError(self.id) from err
            if os.fstat(data.fileno()).st_nlink == 0:
                raise GoneError(self.id)
            yield data

    def _stat(self) -> os.stat_result:
        try:
            return self.path.stat()
        except FileNotFoundError as err:
            raise GoneError(self.id) from err


@dataclass(frozen=True, slots=True)
class Pieces:
    """All files that are arriving, in one folder."""

    folder: Path

    def has_room(self, length: int) -> bool:
        """Whether the disk takes a file of this length: once in pieces, once in its place."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self.folder).free > 2 * length

    def begin(self, awaited: Awaited) -> Upload:
        """Make place for a file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        upload = Upload(self.folder / uuid4().hex, awaited)
        upload.folder.mkdir()
        upload.path.touch()
        about = upload.folder / "about"
        about.write_bytes(msgspec.json.encode(awaited))
        about.rename(about.with_suffix(".json"))  # last: before, nobody finds it
        return upload

    def find(self, id_: str) -> Upload | None:
        """The upload of this id, if there is one."""
        folder = self.folder / id_
        if not _ID.fullmatch(id_):
            return None
        try:
            about = (folder / "about.json").read_bytes()
        except FileNotFoundError:
            return None
        return Upload(folder, msgspec.json.decode(about, type=Awaited))

    def of(self, owner: str) -> list[Upload]:
        """The uploads of somebody."""
        folders = list(self.folder.iterdir()) if self.folder.is_dir() else []
        found = [self.find(folder.name) for folder in folders]
        return [upload for upload in found if upload and upload.awaited.owner == owner]

    def forget(self, seconds: float) -> None:
        """Forget every file of which nothing has come for so long."""
        folders = list(self.folder.iterdir()) if self.folder.is_dir() else []
        for folder in folders:
            with suppress(GoneError, WriterBusyError, FileNotFoundError):
                upload = self.find(folder.name)
                seen = upload.changed if upload else folder.stat().st_mtime
                if time.time() - seen < seconds:
                    continue
                if upload:
                    upload.remove()
                shutil.rmtree(folder, ignore_errors=True)


def _write(data: FileIO, part: bytes) -> None:
    """All of it, also where the system takes it bit by bit."""
    rest = memoryview(part)
    while rest:
        rest = rest[data.write(rest) :]
