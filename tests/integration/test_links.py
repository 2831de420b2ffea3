"""Links to files elsewhere: visited politely, where it is wanted, and scored by what was found."""

import threading
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.types import Context
from peers import Reply, Scripted
from tables import Desk

from ckanext.hatinh.harvest import links
from ckanext.hatinh.harvest.model.link import HarvestLink, HarvestLinkHost
from ckanext.hatinh.quality import rescoring
from harvesters.address import host_and_port
from harvesters.http import Client
from harvesters.links import LIMITS, PATIENCE


@pytest.fixture
def server() -> Iterator[Scripted]:
    """A server elsewhere, which has nothing yet."""
    serving = Scripted()
    threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
    yield serving
    serving.shutdown()
    serving.server_close()


def link(desk: Desk, server: Scripted, name: str) -> str:
    """A file of the dataset that lies on the server."""
    given = {
        "package_id": desk.dataset, "name_translated": {"vi": name}, "format": "PDF",
        "url": f"{server.url}/{name}.pdf",
    }  # fmt: skip
    return desk.do("resource_create", given)["id"]


def look(server: Scripted, *, later: bool = True) -> int:
    """A turn of visits, after the pauses are over."""
    if later:
        for row, column in ((HarvestLink, "next_visit"), (HarvestLinkHost, "not_before")):
            model.Session.execute(
                sa.update(row).values({column: sa.text("now() - '1 s'::interval")})
            )
        model.Session.commit()
    return links.look_after(
        Client(limits=LIMITS, private_hosts=frozenset({host_and_port(server.url)}))
    )


def lost(desk: Desk) -> list[Any]:
    """The files that cost points because they cannot be had."""
    rescoring.work_off()
    asked = {"id": desk.dataset, "rule": "file-unusable"}
    try:
        found = tk.get_action("hatinh_score_places")(Context(user=""), asked)
    except tk.ObjectNotFound:
        return []
    return [place["resource_id"] for place in found["places"]]


def test_link_that_stays_away_costs_points_until_it_answers(desk: Desk, server: Scripted) -> None:
    """One bad day changes nothing; several do, and the first answer gives the points back."""
    file = link(desk, server, "bao-cao")
    for _ in range(PATIENCE - 1):
        assert look(server) == 1
        assert lost(desk) == []
    look(server)
    assert lost(desk) == [file]
    server.routes["/bao-cao.pdf"] = lambda _asked: Reply(b"%PDF", "application/pdf")
    look(server)
    assert lost(desk) == []


def test_host_is_asked_once_in_a_turn_and_left_alone_in_trouble(
    desk: Desk, server: Scripted
) -> None:
    """Two files of one host are two turns; after a 503 the host has its rest."""
    for name in ("mot", "hai"):
        link(desk, server, name)
        server.routes[f"/{name}.pdf"] = lambda _asked: Reply(b"", status=503)
    assert look(server, later=False) == 1
    assert look(server, later=False) == 0
    assert [asked.method for asked in server.asked] == ["HEAD"]
    assert look(server) == 1


def test_address_that_was_there_is_not_asked_again_soon(desk: Desk, server: Scripted) -> None:
    """After an answer there are days of peace; a changed address is asked at once."""
    file = link(desk, server, "mot")
    server.routes["/mot.pdf"] = lambda _asked: Reply(b"%PDF", "application/pdf")
    assert [look(server, later=False) for _ in range(3)] == [1, 0, 0]
    desk.do("resource_patch", {"id": file, "url": f"{server.url}/moi.pdf"})
    assert look(server, later=False) == 1


def test_only_public_links_are_visited_and_only_if_wanted(
    desk: Desk, server: Scripted, ckan_config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off unless it is set; uploads and private datasets are nobody's business elsewhere."""
    desk.upload("a,b\n1,2\n")
    link(desk, server, "mot")
    assert links.turn() == 0
    assert model.Session.scalar(sa.select(sa.func.count()).select_from(HarvestLink)) == 0
    desk.do("package_patch", {"id": desk.dataset, "private": True})
    monkeypatch.setitem(ckan_config, "ckanext.hatinh.harvest.check_links", True)
    assert links.turn() == 0
    desk.do("package_patch", {"id": desk.dataset, "private": False})
    assert links.turn() == 1
    assert server.asked == []
