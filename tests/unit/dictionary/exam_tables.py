"""Reads the exam: tables as departments write them, each with its hand key (``exam/*.txt``)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

EXAM = Path(__file__).parent / "exam"
NONE = "-"


@dataclass(frozen=True)
class ExamTable:
    """One table: headers, the element of each by hand (``-`` where there is none), rows."""

    title: str
    headers: tuple[str, ...]
    key: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass
class Marks:
    """What was proposed first, against the key."""

    right: int = 0
    proposed: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        """Right ones among the proposed."""
        return self.right / self.proposed

    @property
    def recall(self) -> float:
        """Right ones among the columns that have an element."""
        return self.right / self.wanted

    def take(self, key: Sequence[str], first: Sequence[str]) -> None:
        """Mark one table."""
        self.right += sum(a == b != NONE for a, b in zip(key, first, strict=True))
        self.proposed += sum(name != NONE for name in first)
        self.wanted += sum(name != NONE for name in key)


def tables(folder: Path = EXAM) -> list[ExamTable]:
    """All tables of the exam, in the order of files and lines."""
    return [table for path in sorted(folder.glob("*.txt")) for table in _tables(path)]


def _tables(path: Path) -> Iterator[ExamTable]:
    for block in path.read_text(encoding="utf-8").split("## ")[1:]:
        title, *lines = block.strip().splitlines()
        headers, key, *rows = (_cells(line) for line in lines)
        filled = tuple(row + ("",) * (len(headers) - len(row)) for row in rows)
        yield ExamTable(title, headers, key, filled)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.split("|"))
