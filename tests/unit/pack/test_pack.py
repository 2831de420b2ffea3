"""Audit packs: what is packed is proved again, and nothing in it can be changed."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hatinh.pack import verifier
from hatinh.pack.pack import Cover, Figure, Table, build, canonical, seal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
SCORES = Table(
    "scores",
    {"dataset": "TEXT", "office": "TEXT", "total": "INTEGER"},
    [
        ("d2", "Sở Y tế", 9120),
        ("d1", "Sở Y tế", 8667),
        ("d3", 'Sở "Nội vụ",\nmột cửa', None),
    ],
)
MEANS = Figure(
    "mean-of-offices",
    "SELECT office, count(*) AS datasets, (2 * sum(total) + count(total)) / (2 * count(total))"
    " AS mean FROM scores GROUP BY office ORDER BY office",
)
ABOUT = {"scope": "province", "day": "2026-12-31"}


def pack(*figures: Figure, table: Table = SCORES) -> bytes:
    """A small pack."""
    return build([table], figures or [MEANS], ABOUT, KEY)


def test_whole_pack_holds() -> None:
    """What was just made has nothing wrong, with the published key and without."""
    assert verifier.verify(pack(), PUBLIC) == []
    assert verifier.verify(pack()) == []


def test_figures_are_those_of_the_data() -> None:
    """The mean leaves out what was not measured; an office without any has none."""
    files = verifier.members(pack())
    told = files["figures/mean-of-offices.csv"].decode()
    assert told == ('office,datasets,mean\r\n"Sở ""Nội vụ"",\nmột cửa",1,\r\nSở Y tế,2,8894\r\n')


def test_rows_in_another_order_give_the_same_bytes() -> None:
    """Two builds of equal data are equal to the byte."""
    turned = Table(SCORES.name, SCORES.columns, [*SCORES.rows][::-1])
    assert pack(table=turned) == pack()


@pytest.mark.parametrize("row", [("d4", "Sở Y tế"), ("d4", "Sở\0Y tế", 1), ("d4", "a\0b")])
def test_row_of_another_width_is_refused(row: tuple[str, ...]) -> None:
    """A cell too few, a zero byte, and both, which together have the right number of parts."""
    with pytest.raises(ValueError, match="scores"):
        canonical(Table(SCORES.name, SCORES.columns, [*SCORES.rows, row]))


def test_rows_have_the_order_of_their_cells() -> None:
    """A cell that begins another comes first, whatever follows it; numbers are in order as text."""
    rows = [("a b", 1), ("a", 9), ("a", 10), ("ă", None), ("", 2), ("a\t", 3)]
    table = Table("t", {"x": "TEXT", "y": "INTEGER"}, rows)
    assert canonical(table).decode() == "x,y\r\n,2\r\na,10\r\na,9\r\na\t,3\r\na b,1\r\nă,\r\n"


def test_tables_are_asked_for_one_at_a_time() -> None:
    """Once for the figures and once for the archive: they need not all be in memory."""
    columns = {name: {"x": "INTEGER"} for name in ("b", "a")}
    asked: list[str] = []

    def table(name: str) -> bytes:
        asked.append(name)
        return b"x\r\n1\r\n"

    pieces = seal(columns, table, [Figure("f", "SELECT a.x FROM a JOIN b")], Cover({}), KEY)
    next(pieces)
    assert asked == ["b", "a", "a"]
    assert len(list(pieces)) > 4
    assert asked == ["b", "a", "a", "b"]


def test_every_changed_byte_is_found() -> None:
    """Whichever byte of the archive is another, the pack does not hold."""
    made = bytearray(pack())
    for at in range(len(made)):
        made[at] ^= 1
        assert verifier.verify(bytes(made), PUBLIC), at
        made[at] ^= 1


@pytest.mark.parametrize("change", [b"", b"PK", bytes(100)])
def test_what_is_no_pack_is_told_so(change: bytes) -> None:
    """Other files are refused with words, not with an error of the program."""
    assert [kind for kind, _ in verifier.verify(change)] in (["unreadable"], ["archive"])


def test_cut_pack_does_not_hold() -> None:
    """A download that broke off is found out wherever it did."""
    made = pack()
    assert all(verifier.verify(made[:end]) for end in range(0, len(made), 37))


def changed(name: str, body: bytes | None) -> bytes:
    """The pack with another file in it, packed as it should be."""
    files = verifier.members(pack())
    if body is None:
        del files[name]
    else:
        files[name] = body
    return verifier.archive(files)


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("data/scores.csv", b"dataset,office,total\r\nd1,A,10000\r\n", "changed"),
        ("figures/mean-of-offices.sql", b"SELECT 1", "changed"),
        ("figures/mean-of-offices.csv", None, "missing"),
        ("data/more.csv", b"a\r\n", "surplus"),
        ("manifest.sig", bytes(64), "signature"),
        ("manifest.sig", None, "signature"),
    ],
)
def test_repacked_change_is_named(name: str, body: bytes | None, kind: str) -> None:
    """Somebody who knows the format and packs anew is found out by hash or signature."""
    assert [found for found, _ in verifier.verify(changed(name, body), PUBLIC)] == [kind]


def test_pack_of_another_signer_does_not_hold() -> None:
    """A pack made whole by somebody else fails against the published key."""
    forged = build([SCORES], [MEANS], ABOUT, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert verifier.verify(forged) == []
    assert verifier.verify(forged, PUBLIC) == [("signature", "manifest.json")]


def test_figure_that_does_not_follow_from_the_data_is_named() -> None:
    """Even when the portal itself signed it."""
    files = verifier.members(pack())
    name = "figures/mean-of-offices.csv"
    files[name] = files[name].replace(b"8894", b"9894")
    manifest = json.loads(files["manifest.json"])
    manifest["files"][name] = hashlib.sha256(files[name]).hexdigest()
    files["manifest.json"] = json.dumps(manifest).encode()
    files["manifest.sig"] = KEY.sign(files["manifest.json"])
    assert verifier.verify(verifier.archive(files), PUBLIC) == [("figure", name)]


@pytest.mark.parametrize("sql", ["SELECT 1.5 AS x", "SELECT avg(total) AS x FROM scores"])
def test_fraction_is_refused_when_packed(sql: str) -> None:
    """Fractions would come out otherwise in another version of SQLite."""
    with pytest.raises(ValueError, match="fraction"):
        pack(Figure("x", sql))


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM scores",
        "CREATE TABLE x (a)",
        "ATTACH 'other.db' AS other",
        "PRAGMA database_list",
    ],
)
def test_query_can_only_read(sql: str) -> None:
    """A pack from somewhere cannot make the verifier touch anything."""
    with pytest.raises(Exception, match="not authorized"):
        pack(Figure("x", sql))


# RFC 8032, section 7.1: TEST 1, TEST 2 and TEST 3 (keys and signatures are the standard's).
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("key", "message", "first", "second"), VECTORS)
def test_signatures_of_the_standard_are_right(
    key: str, message: str, first: str, second: str
) -> None:
    """Our check agrees with the vectors of RFC 8032, and with nothing near them."""
    given = [bytes.fromhex(part) for part in (key, message, first + second)]
    assert verifier.signed(*given)
    assert not verifier.signed(given[0], given[1] + b"!", given[2])
    higher = int.from_bytes(given[2][32:], "little") + 2**252
    assert not verifier.signed(given[0], given[1], given[2][:32] + higher.to_bytes(32, "little"))


def test_verifier_runs_alone(tmp_path: Path) -> None:
    """The one file, elsewhere, with Python alone, says yes and no by its exit code."""
    script = tmp_path / "verifier.py"
    script.write_bytes(Path(verifier.__file__).read_bytes())
    (tmp_path / "pack.zip").write_bytes(pack())
    ask = [sys.executable, "-I", "-S", str(script), str(tmp_path / "pack.zip")]
    good = subprocess.run([*ask, "--key", PUBLIC.hex()], capture_output=True, check=False)
    assert (good.returncode, "✓" in good.stdout.decode()) == (0, True)
    bad = subprocess.run([*ask, "--key", "00" * 32], capture_output=True, check=False)
    assert (bad.returncode, "chữ ký" in bad.stdout.decode()) == (1, True)


@pytest.mark.parametrize("sql", ["SELECT random() AS x", "SELECT hex(randomblob(4)) AS x"])
def test_figure_by_chance_is_refused_when_packed(sql: str) -> None:
    """What answers otherwise each time is no figure."""
    with pytest.raises(Exception, match="not authorized"):
        pack(Figure("x", sql))


def test_query_without_end_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack from somewhere cannot keep the verifier busy for ever."""
    monkeypatch.setattr(verifier, "MOST", 3)
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    with pytest.raises(Exception, match="interrupted"):
        pack(Figure("x", endless))


@pytest.mark.parametrize("manifest", [b"1", b'{"key": 1}', b'{"key": "00"}', b"[" * 100_000])
def test_manifest_that_is_none_is_told_so(manifest: bytes) -> None:
    """Whatever stands in it, the verifier answers with words, not with an error of its own."""
    found = verifier.verify(changed("manifest.json", manifest), PUBLIC)
    assert [kind for kind, _ in found] in (["signature"], ["unreadable"])
    alone = verifier.verify(changed("manifest.json", manifest))
    assert [kind for kind, _ in alone] in (["signature"], ["unreadable"])


@pytest.mark.parametrize("left_out", ["files", "tables", "figures"])
def test_signed_manifest_without_its_parts_is_told_so(left_out: str) -> None:
    """Also one that its maker signed."""
    files = verifier.members(pack())
    stated = {k: v for k, v in json.loads(files["manifest.json"]).items() if k != left_out}
    files["manifest.json"] = json.dumps(stated).encode()
    files["manifest.sig"] = KEY.sign(files["manifest.json"])
    found = verifier.verify(verifier.archive(files), PUBLIC)
    assert [kind for kind, _ in found] == ["unreadable"]
