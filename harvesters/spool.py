"""Keeps a run's records and files on disk, so that the size of a source never fills the memory.

    drafts ──drain()──▶ one JSON line for each record that must be judged
    files  ──keep()───▶ one file for each content, named by its SHA-256

A record whose words are the same as last time (equal *raw hash*) leaves no line at all.
"""

import hashlib
import os
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from hatinh.dataset import Draft
from hatinh.text import clean

BUFFER = 1 << 20
"""Bytes that are written at once: many records."""

MAX_GUID = 2000
"""Bytes of an identifier; a longer one fits no row of an index and cannot be looked up by."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The bytes of a public file, on disk; ``size`` in bytes."""

    sha256: str
    size: int
    path: Path


class SpooledRecord(msgspec.Struct, frozen=True):
    """A record that waits to be judged: where it stood in the source, and the hash of its words.

    The hash is empty for a record that cannot be remembered: it has no identifier or one that is
    too long, ``repeated`` an earlier one, or holds what no text may hold.
    """

    position: int
    raw_hash: str
    repeated: bool
    guid: str
    fields: dict[str, Any]
    resources: list[dict[str, Any]]
    origin: str

    @property
    def draft(self) -> Draft:
        """The record as its source worded it."""
        return Draft(self.guid, self.fields, self.resources, self.origin)


@dataclass(slots=True)
class Intake:
    """What came in: how many records, the identifiers among them, those that are as before."""

    total: int = 0
    seen: set[str] = field(default_factory=set)
    same: int = 0
    same_rejected: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a record of which equal words mean no work."""

    raw_hash: str
    rejected: bool = False


class Spool:
    """The folder of one run.

    While the run reads its source, it can be removed and made again. What is lost of it later, the
    run does without: the portal keeps the former files, and the next run fetches the new ones.

    Each ``attempt`` at reading has records of its own; they grow. Files belong to all of them:
    equal names are equal bytes.
    """

    def __init__(self, folder: Path, attempt: int = 0) -> None:
        self.folder = folder
        self._attempt = attempt
        self._lines = folder / f"records-{attempt}.jsonl"
        self._files = folder / "files"

    def begin(self) -> None:
        """Forget what earlier attempts have read. A later one, whose place this one lost, stays."""
        self._files.mkdir(parents=True, exist_ok=True)
        for lines in self.folder.glob("records-*.jsonl"):
            if int(lines.stem.partition("-")[2]) <= self._attempt:
                lines.unlink(missing_ok=True)

    def remove(self) -> None:
        """Forget everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def drain(self, drafts: Iterable[Draft], known: Mapping[str, Known], version: str) -> Intake:
        """Take every record, keep those that must be judged; returns when the source has ended.

        ``version`` stands for everything else that decides what becomes of a record.
        Whatever ``drafts`` raises, nothing of it counts.
        """
        intake = Intake()
        with self._lines.open("wb", BUFFER) as lines:
            for draft in drafts:
                line = _take(draft, known, version, intake)
                if line:
                    lines.write(line)
                    lines.write(b"\n")
        return intake

    def records(self) -> Iterator[SpooledRecord]:
        """The records that must be judged, in the source's order."""
        decoder = msgspec.json.Decoder(SpooledRecord)
        with self._lines.open("rb") as lines:
            for line in lines:
                yield decoder.decode(line)

    def note(self, name: str, value: Any) -> None:
        """Keep a small value until the run ends."""
        (self.folder / f"{name}.json").write_bytes(msgspec.json.encode(value))

    def noted(self, name: str) -> Any:
        """A value that was kept, or ``None``."""
        path = self.folder / f"{name}.json"
        return msgspec.json.decode(path.read_bytes()) if path.is_file() else None

    def keep(self, body: bytes) -> StoredFile:
        """Keep the bytes of a file."""
        digest = hashlib.sha256(body).hexdigest()
        path = self._files / digest
        if not path.exists():
            part = path.with_name(f"{digest}-{self._attempt}.part")
            part.write_bytes(body)
            part.replace(path)
        return StoredFile(digest, len(body), path)

    def file(self, digest: str) -> StoredFile | None:
        """A file that was kept, or ``None`` when the disk has lost it."""
        path = self._files / digest
        return StoredFile(digest, path.stat().st_size, path) if path.is_file() else None


class FormerFiles:
    """The bytes that a run replaced, kept by hard link until it can no longer be rolled back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, name: str, path: Path) -> None:
        """Keep the file at ``path`` as it is now; what was kept under the name first, stays."""
        if path.is_file() and not (self.folder / name).exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            os.link(path, self.folder / name)

    def restore(self, name: str, path: Path) -> None:
        """Put the kept bytes back; does nothing where none were kept."""
        kept = self.folder / name
        if not kept.is_file() or (path.is_file() and path.samefile(kept)):
            return  # renaming one name of a file to another of its names would leave both
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: whoever found this one half made must not write into the kept file.
        part = path.with_name(f"{path.name}.former")
        part.unlink(missing_ok=True)
        os.link(kept, part)
        part.replace(path)

    def remove(self) -> None:
        """Forget what was kept."""
        shutil.rmtree(self.folder, ignore_errors=True)


def fits(guid: str) -> bool:
    """Whether an identifier is short enough."""
    return len(guid.encode(errors="replace")) <= MAX_GUID


def raw_hash(draft: Draft, version: str) -> str:
    """The hash of what a source says of a record, whatever the form of its Vietnamese letters.

    Where the record stands in the source (``origin``) is no part of it. Empty when the words
    cannot be written as text.
    """
    try:
        words = _encoder.encode([version, draft.guid, draft.fields, draft.resources]).decode()
    except UnicodeEncodeError:
        return ""
    # No sign of JSON's own combines with a mark, so the whole text can be made NFC at once.
    canonical = unicodedata.normalize("NFC", words)
    return hashlib.blake2b(canonical.encode(), digest_size=16).hexdigest()


_encoder = msgspec.json.Encoder(enc_hook=str, order="deterministic")


def _take(draft: Draft, known: Mapping[str, Known], version: str, intake: Intake) -> bytes:
    """Count a record; its line, or nothing when it is as before."""
    position, guid = intake.total, clean(draft.guid)
    intake.total += 1
    repeated = bool(guid) and guid in intake.seen
    memorable = guid and not repeated and fits(guid)
    digest = raw_hash(draft, version) if memorable else ""
    intake.seen.update((guid,) if guid else ())
    before = known.get(guid) if digest else None
    if before and before.raw_hash == digest:
        intake.same += not before.rejected
        intake.same_rejected += before.rejected
        return b""
    fields, resources = dict(draft.fields), [dict(item) for item in draft.resources]
    record = SpooledRecord(position, digest, repeated, draft.guid, fields, resources, draft.origin)
    try:
        return _encoder.encode(record)
    except UnicodeEncodeError:
        return _encoder.encode(_encodable(msgspec.to_builtins(record, enc_hook=str)))


def _encodable(value: Any) -> Any:
    """The value without lone surrogates, which no text file can hold."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value
