"""Snapshots: equal tables give equal bytes, and offices see their own rows only."""

import json
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import schemas
from hatinh.campaign import Kept, Plain, Snapshot, figure_of, freeze, kept
from hatinh.figures import Files, load_figures
from hatinh.pack import verifier
from hatinh.pack.pack import Table

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
RECORDS = Table(
    "records",
    {"record": "TEXT", "organization": "TEXT"},
    [("r1", "so-y-te"), ("r2", "so-gddt"), ("r3", "so-y-te")],
)
SCORES = Table(
    "scores",
    {"record": "TEXT", "total": "INTEGER"},
    [("r1", 8667), ("r2", 9120), ("r3", None)],
)
DAY = Table("day", {"day": "TEXT"}, [("2026-12-31",)])
COUNT = Kept(
    "count",
    "SELECT r.organization, count(s.total) AS measured FROM records r"
    " JOIN scores s ON s.record = r.record GROUP BY 1 ORDER BY 1",
    {"title": {"vi": "Số bản ghi đã đo"}},
)
TABLES = (Plain(RECORDS, "record"), Plain(SCORES, "record"), Plain(DAY, "all"))


def taken(*tables: Plain) -> dict[str, bytes]:
    """A small snapshot."""
    return dict(freeze(tables or TABLES, [COUNT], "2026-12-31"))


def pack(snapshot: Snapshot) -> bytes:
    """The pack of a snapshot."""
    return b"".join(snapshot.pack({"campaign": 1}, ["count"], KEY))


def test_rows_and_tables_in_another_order_give_the_same_files() -> None:
    """What is frozen does not hang on how the database gave it."""
    turned = [
        Plain(Table(p.table.name, p.table.columns, [*p.table.rows][::-1]), p.scope)
        for p in reversed(TABLES)
    ]
    assert taken(*turned) == taken()


class Rows(list[tuple[str, ...]]):
    """Rows of which one can learn when nobody keeps them any more."""


def test_tables_are_let_go_one_after_the_other() -> None:
    """When a table is read, neither rows nor bytes of those before are held."""
    kept: list[weakref.ref[Rows]] = []

    def tables() -> Iterator[Plain]:
        for name in ("a", "b", "c"):
            assert [ref() for ref in kept] == [None] * len(kept)
            yield table(name)

    def table(name: str) -> Plain:
        rows = Rows([("1",), ("2",)])
        kept.append(weakref.ref(rows))
        return Plain(Table(name, {"x": "TEXT"}, rows), "all")

    paths = {path for path, _ in freeze(tables(), [], "2026-12-31")}
    assert paths > {"data/a.csv", "data/b.csv", "data/c.csv"}
    assert len(kept) == 3


def test_figure_is_worked_out_on_the_stored_bytes() -> None:
    """A record that was not measured does not count."""
    found = Snapshot(taken()).answer("count")
    assert found == (["organization", "measured"], [("so-gddt", 1), ("so-y-te", 1)])


def test_office_has_its_own_rows_and_what_all_share() -> None:
    """Rows of others are in none of its tables, and not in its pack."""
    own = Snapshot(taken(), "so-y-te")
    assert own.table("records") == b"record,organization\r\nr1,so-y-te\r\nr3,so-y-te\r\n"
    assert own.table("scores") == b"record,total\r\nr1,8667\r\nr3,\r\n"
    assert own.table("day") == b"day\r\n2026-12-31\r\n"
    assert b"so-gddt" not in pack(own)
    assert own.answer("count")[1] == [("so-y-te", 1)]


def test_figure_asks_for_the_tables_that_it_reads() -> None:
    """A large table is not fetched for a figure that does not look at it."""
    stored = taken()
    del stored["data/day.csv"], stored["verifier.py"]
    assert Snapshot(stored).answer("count")[1]


def test_pack_is_the_same_each_time_and_holds() -> None:
    """Built twice from the stored files it is equal to the byte."""
    stored = taken()
    first, second = (pack(Snapshot(stored)) for _ in range(2))
    assert first == second
    assert verifier.verify(first, PUBLIC) == []
    manifest = json.loads(verifier.members(first)["manifest.json"])
    assert manifest["about"] == {"campaign": 1, "day": "2026-12-31"}


def test_pack_brings_the_verifier_that_was_frozen() -> None:
    """A later version of the portal changes no byte of an old pack."""
    stored = taken()
    stored["verifier.py"] = b"# of that day\n"
    assert verifier.members(pack(Snapshot(stored)))["verifier.py"] == b"# of that day\n"


@pytest.mark.parametrize("name", sorted(verifier.members(pack(Snapshot(taken())))))
def test_one_changed_byte_in_any_file_fails(name: str) -> None:
    """Each file in turn: first, middle and last byte, repacked as it should be."""
    files = verifier.members(pack(Snapshot(taken())))
    body = files[name]
    for at in {0, len(body) // 2, len(body) - 1}:
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        assert verifier.verify(verifier.archive(files | {name: changed}), PUBLIC), (name, at)
        assert verifier.verify(verifier.archive(files | {name: changed})), (name, at)


def test_verifier_within_the_pack_runs_alone(tmp_path: Path) -> None:
    """The script that lies in the pack, with Python alone, elsewhere."""
    made = pack(Snapshot(taken()))
    (tmp_path / "verifier.py").write_bytes(verifier.members(made)["verifier.py"])
    (tmp_path / "goi.zip").write_bytes(made)
    ask = [sys.executable, "-I", "-S", "verifier.py", "goi.zip", "--key", PUBLIC.hex()]
    said = subprocess.run(ask, cwd=tmp_path, capture_output=True, check=False)
    assert (said.returncode, "nguyên vẹn" in said.stdout.decode()) == (0, True)


def test_every_figure_is_kept_with_its_words() -> None:
    """A figure comes back from JSON with the SQL, columns and texts that it had."""
    for figure in load_figures(Files(schemas.ROOT / "figures")).values():
        stored = kept(figure)
        again = figure_of(Kept(stored.name, stored.sql, json.loads(json.dumps(dict(stored.words)))))
        assert (again.sql, again.title, again.columns) == (figure.sql, figure.title, figure.columns)
        assert again.notes[: len(figure.notes)] == figure.notes
