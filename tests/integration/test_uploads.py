"""Large files come in pieces over real connections, and become the files of resources."""

import base64
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from ckan.tests.helpers import CKANTestApp
from ckan.types import Context
from pieces import Client, serving, token
from tables import Desk

from ckanext.hatinh.datastore import uploads

FILE = "ma;ten\n" + "".join(f"{number:05d};Xã số {number}\n" for number in range(4000))
BODY = FILE.encode()
HALF = len(BODY) // 2


@pytest.fixture
def editor(desk: Desk, app: CKANTestApp) -> Iterator[Client]:
    """An editor of the office whose dataset gets the files."""
    name = _editor(desk)
    with serving(app) as port:
        yield Client(port, token(name), {"name": name})


def test_file_in_pieces_becomes_the_file_of_a_resource(desk, editor):
    """A broken connection costs nothing that arrived; the loader makes a table of the file."""
    able = editor.ask("OPTIONS", "/tai-len/")
    assert (able.status, able.headers["Tus-Max-Size"]) == (204, str(100 << 20))
    address = editor.begin("bang-thu", len(BODY), sha256=hashlib.sha256(BODY).hexdigest())
    assert editor.add(address, 0, BODY[:1000]) == 204
    with editor.beginning(address, 1000, HALF, BODY[1000:21_000]):
        _until(lambda: editor.offset(address) > 1000)
    _until(lambda: editor.offset(address) == 21_000)
    _until(lambda: editor.add(address, 21_000, BODY[21_000:21_001]) == 204)
    assert _used(editor, desk, address) == (409, "chưa được gửi hết")
    assert editor.add(address, 21_001, BODY[21_001:]) == 204
    assert "GMT" in editor.ask("HEAD", address).headers["Upload-Expires"]
    assert _used(editor, desk, address) == (200, "")
    resource = desk.do("package_show", {"id": desk.dataset})["resources"][0]
    assert (resource["url_type"], resource["size"]) == ("upload", len(BODY))
    assert resource["hash"] == hashlib.sha256(BODY).hexdigest()
    assert editor.ask("HEAD", address).status == 404
    desk.load()
    assert desk.do("datastore_search", {"resource_id": resource["id"]})["total"] == 4000

    other = editor.begin("bang-thu", 12, "khac.csv")
    assert editor.add(other, 0, b"ma;ten\n1;An\n") == 204
    assert _used(editor, desk, other, "resource_patch", id=resource["id"]) == (200, "")
    desk.load()
    assert desk.rows(resource["id"]) == [[1, "An"]]


def test_piece_with_a_hash_counts_whole_and_right_only(editor):
    """A piece that breaks off, or arrives damaged, leaves the file as it was."""
    address = editor.begin("bang-thu", len(BODY))
    words = "sha256 " + base64.b64encode(hashlib.sha256(BODY[:HALF]).digest()).decode()
    assert editor.add(address, 0, BODY[1 : HALF + 1], **{"Upload-Checksum": words}) == 460
    with editor.beginning(address, 0, HALF, BODY[:20_000], f"Upload-Checksum: {words}"):
        _until(lambda: editor.offset(address) > 0)
    _until(lambda: editor.add(address, 0, BODY[:HALF], **{"Upload-Checksum": words}) == 204)
    assert editor.offset(address) == HALF
    assert editor.add(address, HALF, b"x", **{"Upload-Checksum": "md5 eA=="}) == 400


def test_only_one_writes_at_a_time(editor):
    """The second writer is told to wait, and the first is not disturbed."""
    address = editor.begin("bang-thu", len(BODY))
    with editor.beginning(address, 0, len(BODY), BODY[:20_000]) as line:
        _until(lambda: editor.offset(address) > 0)
        assert editor.add(address, editor.offset(address), b"x") == 423
        assert editor.ask("DELETE", address).status == 423
        line.sendall(BODY[20_000:])
        assert b" 204 " in line.recv(100)
    assert editor.offset(address) == len(BODY)


def test_what_is_wrong_is_refused_in_words(desk, editor):
    """Wrong offsets, lengths, versions, types, words and hashes change nothing."""
    address = editor.begin("bang-thu", 10, sha256="0" * 64)
    assert editor.add(address, 5, b"12345") == 409
    assert editor.add(address, 0, b"12345678901") == 413
    assert editor.add(address, 0, b"1", **{"Content-Type": "text/plain"}) == 415
    assert editor.add(address, 0, b"1", **{"Tus-Resumable": "0.9"}) == 412
    assert editor.add(address, 0, b"1", **{"Upload-Offset": "-1"}) == 400
    assert editor.offset(address) == 0
    assert editor.begin("bang-thu", (100 << 20) + 1) == ""
    assert "100" in json.loads(editor.body)["error"]["message"]
    assert editor.begin("bang-thu", 1, name="") == ""
    desk.do("package_create", _hidden(desk))
    said = [(editor.begin(name, 1), editor.body) for name in ("khong-co", "bang-kin")]
    assert said[0] == said[1]
    assert said[0][0] == ""
    assert (
        editor.ask("POST", "/tai-len/", {"Upload-Length": 1, "Upload-Metadata": "a b"}).status
        == 400
    )
    assert editor.add(address, 0, b"1234567890") == 204
    assert _used(editor, desk, address) == (409, "không phải tệp đã báo trước")
    assert editor.ask("HEAD", address).status == 404


def test_uploads_are_their_owners_while_they_may_change_the_dataset(desk, editor):
    """Others do not learn of an upload; who loses the right to the dataset loses the next piece."""
    address = editor.begin("bang-thu", 10)
    foreign, nobody = Client(editor.port, token(_editor(desk))), Client(editor.port, "")
    for method in ("HEAD", "PATCH", "DELETE"):
        assert foreign.ask(method, address).status == 404
        assert nobody.ask(method, address).status == 403
    assert nobody.begin("bang-thu", 1) == ""
    _member(desk, editor.sent["name"], "member")
    assert editor.add(address, 0, b"12345") == 403
    assert editor.begin("bang-thu", 1) == ""
    _member(desk, editor.sent["name"], "editor")
    assert editor.add(address, 0, b"1234567890") == 204
    assert _used(foreign, desk, address) == (409, "không có lượt tải lên")
    assert editor.ask("DELETE", address).status == 204
    assert editor.ask("HEAD", address).status == 404


def test_files_that_nobody_goes_on_with_are_forgotten(editor):
    """A day after its last piece a file goes; so many may wait, and one more is refused."""
    old, new = editor.begin("bang-thu", 10), editor.begin("bang-thu", 10)
    path = uploads.pieces().folder / old.rpartition("/")[2] / "data"
    before = time.time() - uploads.SECONDS - 1
    os.utime(path, (before, before))
    uploads.forget_old()
    assert (editor.ask("HEAD", old).status, editor.ask("HEAD", new).status) == (404, 200)
    for _ in range(uploads.MOST - 1):
        assert editor.begin("bang-thu", 1)
    assert editor.begin("bang-thu", 1) == ""


def _used(
    client: Client, desk: Desk, address: str, action: str = "resource_create", **given: str
) -> tuple[int, str]:
    """Make an upload the file of a resource by the API: the status, and the words of a refusal."""
    fields = {"package_id": desk.dataset, "name_translated": {"vi": "Bảng"}, "format": "CSV"}
    body = json.dumps(
        {**({} if given else fields), **given, "upload_id": address.rpartition("/")[2]}
    )
    path, kind = f"/api/3/action/{action}", {"Content-Type": "application/json"}
    status = client.ask("POST", path, kind, body).status
    said = json.loads(client.body).get("error", {}).get("upload_id", [""])[0]
    known = ("chưa được gửi hết", "không phải tệp đã báo trước", "không có lượt tải lên")
    return status, next((words for words in known if words in said), said)


def _hidden(desk: Desk) -> dict[str, Any]:
    """A private dataset of another office."""
    known = desk.do("package_show", {"id": desk.dataset})
    left = ("id", "resources", "organization", "groups")
    fields = {name: value for name, value in known.items() if name not in left}
    return fields | {"name": "bang-kin", "owner_org": "so-gddt", "private": True}


def _editor(desk: Desk) -> str:
    name = factories.User()["name"]
    _member(desk, name, "editor")
    return name


def _member(desk: Desk, name: str, role: str) -> None:
    given = {"id": "so-nnmt", "username": name, "role": role}
    tk.get_action("organization_member_create")(Context(user=desk.officer), given)


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(400):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never held")
