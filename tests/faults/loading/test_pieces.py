"""Files in pieces whose writer is killed, or whose disk is full."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from ckan.tests import factories
from pieces import Client, serving, token
from small_disk import needs_mounts, small_disk

from ckanext.hatinh.datastore.pieces import Awaited, Pieces

WRITER = """
import sys
from pathlib import Path
from ckanext.hatinh.datastore.pieces import Pieces

def parts():
    yield b"12345"
    print("written", flush=True)
    sys.stdin.read()

Pieces(Path(sys.argv[1])).find(sys.argv[2]).append(0, parts())
"""


def test_writer_killed_amid_a_piece_leaves_what_it_wrote(tmp_path):
    """Nobody is locked out, and the next piece goes on behind the last byte."""
    pieces = Pieces(tmp_path)
    upload = pieces.begin(Awaited("an", "bang", "bang.csv", 10))
    command = [sys.executable, "-c", WRITER, str(tmp_path), upload.id]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        os.kill(writer.pid, signal.SIGKILL)
    found = pieces.find(upload.id)
    assert found is not None
    assert found.offset == 5
    assert found.append(5, [b"67890"]) == 10
    assert found.path.read_bytes() == b"1234567890"


@needs_mounts
def test_full_disk_is_told_and_loses_nothing(desk, app, ckan_config, monkeypatch, tmp_path):
    """A piece that finds no room is refused with 507; once there is room it goes on."""
    body = os.urandom(300_000)
    editor = factories.User()["name"]
    member = {"id": "so-nnmt", "username": editor, "role": "editor"}
    desk.do("organization_member_create", member)
    with small_disk(tmp_path / "small", 8) as disk, serving(app) as port:
        monkeypatch.setitem(ckan_config, "ckan.storage_path", str(disk.path))
        client = Client(port, token(editor))
        address = client.begin("bang-thu", len(body))
        assert client.add(address, 0, body[:100_000]) == 204
        disk.fill()
        assert client.add(address, 100_000, body[100_000:]) == 507
        assert "error" in json.loads(client.body)
        assert client.begin("bang-thu", len(body)) == ""
        kept = client.offset(address)
        assert kept >= 100_000
        disk.make_room()
        assert client.add(address, kept, body[kept:]) == 204
        stored = Path(disk.path) / "pieces" / address.rpartition("/")[2] / "data"
        assert stored.read_bytes() == body
