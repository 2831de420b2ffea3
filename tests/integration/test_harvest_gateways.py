"""Tables that are made of answers: of services on a gateway, of figures in an export."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import uploader
from peers import Asked, Reply, Scripted

from ckanext.hatinh.harvest.model.run import HarvestRun
from demo.xls import xls
from harvesters.source import SourceConfig
from hatinh.text import Text

Runner = Callable[..., HarvestRun]
DEFAULTS = {
    "publisher": "so-khcn",
    "notes": "Mô tả",
    "themes": ["HT10"],
    "licence": "CC-BY-4.0",
    "frequency": "nam",
    "data_layer": "danh_muc",
    "sharing_level": "mo",
    "publication_class": "cong_khai",
    "pii_class": "none",
    "importance_class": "khac",
    "legal_basis": "Kế hoạch 731/KH-UBND",
    "contact": "Phòng A",
}
SERVICE = {"path": "/xa", "guid": "xa", "title": "Xã", "columns": ["ma", "ten"]}
LABELS = ["Mã", "Tên", "Kỳ", "Giá trị", "Cơ quan", "Chu kỳ", "Trạng thái"]
EXPORT = {
    "columns": {"Mã": "ma", "Kỳ": "ky", "Giá trị": "gia_tri"},
    "roles": {
        "code": "Mã",
        "period": "Kỳ",
        "value": "Giá trị",
        "publisher": "Cơ quan",
        "frequency": "Chu kỳ",
        "state": "Trạng thái",
    },
    "title": "Chỉ tiêu {frequency} của {publisher}",
}


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A server whose answers a test decides."""
    serving = Scripted()
    threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
    yield serving
    serving.shutdown()
    serving.server_close()


def gateway(server: Scripted) -> SourceConfig:
    """A gateway with one service."""
    token = json.dumps({"access_token": "the", "expires_in": 3600}).encode()
    server.routes["/token"] = lambda asked: Reply(token)
    return SourceConfig(
        "cong", "lgsp", Text("Cổng"), server.url, "so-khcn", True, DEFAULTS,
        {"services": [SERVICE]}, secrets={"client_id": "a", "client_secret": "b"},
    )  # fmt: skip


def answer(server: Scripted, *rows: dict[str, str]) -> None:
    """Let the service give these rows."""
    body = json.dumps({"objects": {"object": list(rows)}}).encode()
    server.routes["/xa"] = lambda asked: Reply(body)


def export(server: Scripted, *lines: list[Any]) -> SourceConfig:
    """The reporting system, exporting these figures."""
    body = xls("Chỉ tiêu", [LABELS, *lines])

    def given(_asked: Asked) -> Reply:
        return Reply(body, "application/vnd.ms-excel")

    server.routes["/xuat.xls"] = given
    return SourceConfig(
        "bao-cao", "indicators", Text("Báo cáo"), f"{server.url}/xuat.xls", "vp-ubnd", True,
        DEFAULTS, EXPORT,
    )  # fmt: skip


def figure(code: str, state: int) -> list[Any]:
    """A figure of Sở Y tế."""
    return [code, "Tên", "2025", 7, "Sở Y tế", "Năm", state]


def counts(run: HarvestRun) -> dict[str, int]:
    """What became of the records, without what did not happen."""
    assert run.error is None
    return {name: number for name, number in run.counts.items() if number}


def stored(kind: str = "dataset") -> list[str]:
    """The files of all packages of a kind, as they can be downloaded."""
    ids = model.Session.scalars(sa.select(model.Package.id).filter_by(type=kind, state="active"))
    shown = [tk.get_action("package_show")({"ignore_auth": True}, {"id": id_}) for id_ in ids]
    return [content(resource) for package in shown for resource in package["resources"]]


def content(resource: dict[str, Any]) -> str:
    """The bytes that the portal keeps of a file."""
    store = uploader.get_resource_uploader({"id": resource["id"], "url_type": "upload"})
    return Path(store.get_path(resource["id"])).read_bytes().decode()


def test_changed_rows_of_a_service_change_its_file_and_nothing_else(
    server: Scripted, harvest: Runner
) -> None:
    """One row more: the dataset is updated, its data service stays, and the file has the row."""
    config = gateway(server)
    answer(server, {"ma": "1", "ten": "A"})
    assert counts(harvest(config)) == {"created": 2}
    answer(server, {"ma": "1", "ten": "A"}, {"ma": "2", "ten": "B"})
    assert counts(harvest(config)) == {"updated": 1, "unchanged": 1}
    assert stored() == ["ma,ten\r\n1,A\r\n2,B\r\n"]


def test_the_same_rows_of_a_service_are_not_written_again(
    server: Scripted, harvest: Runner
) -> None:
    """Rows that came again as they were end the run without a look at records."""
    config = gateway(server)
    answer(server, {"ma": "1", "ten": "A"})
    harvest(config)
    again = harvest(config)
    assert (counts(again), again.not_modified) == ({"unchanged": 2}, True)


def test_a_service_that_fails_deletes_nothing(server: Scripted, harvest: Runner) -> None:
    """A fault told with 200 ends the run as failed; what was taken stays."""
    config = gateway(server)
    answer(server, {"ma": "1", "ten": "A"})
    harvest(config)
    server.routes["/xa"] = lambda asked: Reply(b'{"fault": {"code": 900901}}')
    failed = harvest(config)
    assert failed.state == "failed"
    assert stored() == ["ma,ten\r\n1,A\r\n"]


def test_a_figure_under_correction_leaves_the_published_file(
    server: Scripted, harvest: Runner
) -> None:
    """What was approved and is being corrected is taken out with the next run."""
    harvest(export(server, figure("CTDB_1", 4), figure("CTDB_2", 4)))
    assert stored() == ["ma,ky,gia_tri\r\nCTDB_1,2025,7\r\nCTDB_2,2025,7\r\n"]
    run = harvest(export(server, figure("CTDB_1", 4), figure("CTDB_2", 6)))
    assert counts(run) == {"updated": 1}
    assert stored() == ["ma,ky,gia_tri\r\nCTDB_1,2025,7\r\n"]
