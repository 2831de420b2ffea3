"""The habits of an integration platform: tokens, lone rows, old rows."""

import json
from dataclasses import replace
from typing import Any

import pytest

from harvesters.errors import GarbledSourceError, SourceError, UnauthorisedSourceError
from harvesters.http import Client
from harvesters.registry import open_source
from harvesters.source import Source, SourceConfig
from hatinh.dataset import Resource
from hatinh.text import Text

SERVICE = {
    "path": "/dmdc/1.0/xa",
    "guid": "xa",
    "title": {"vi": "Đơn vị hành chính", "en": "Administrative units"},
    "notes": "Danh mục",
    "sharing_method": "lgsp",
    "columns": ["ma", "ten"],
    "schema": {"columns": [{"name": "ma", "key": True}]},
}


class Platform:
    """A platform whose tokens and rows the test decides."""

    def __init__(self, server: Any, reply: Any, client: Client) -> None:
        self.reply = reply
        self.now = 0.0
        self.server = server
        self.client = replace(client, monotonic=lambda: self.now)
        self.valid = "the-1"
        self.granted = 0
        self.seconds: object = 3600
        self.answer: object = {"objects": {"object": []}}
        server.routes["/token"] = self._token
        server.routes["/dmdc/1.0/xa"] = self._rows

    def source(self, **changes: Any) -> Source:
        """The adapter with one service, changed."""
        config = SourceConfig(
            name="truc-lgsp",
            kind="lgsp",
            title=Text("Trục LGSP"),
            url=self.server.url,
            owner="so-khcn",
            allow_private=True,
            options={"services": [SERVICE | changes]},
            secrets={"client_id": "khach", "client_secret": "bi-mat"},
        )
        return open_source(config, self.client)

    def csv(self, **changes: Any) -> str:
        """The file of the service."""
        url = f"{self.server.url}/dmdc/1.0/xa"
        return self.source(**changes).content(Resource("xa", Text("xa"), url, "CSV")).decode()

    def _token(self, asked: Any) -> Any:
        if asked.headers.get("Authorization") != "Basic a2hhY2g6YmktbWF0":
            return self.reply(b"{}", status=401)
        self.granted += 1
        token = {"access_token": f"the-{self.granted}", "expires_in": self.seconds}
        return self.reply(json.dumps(token).encode())

    def _rows(self, asked: Any) -> Any:
        if asked.headers["Authorization"] != f"Bearer {self.valid}":
            return self.reply(b"{}", status=401)
        return self.reply(json.dumps(self.answer).encode())


@pytest.fixture
def platform(server: Any, reply: Any, client: Client) -> Platform:
    """A platform with one service."""
    return Platform(server, reply, client)


# -- rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objects", "lines"),
    [
        ({"object": [{"ma": "1", "ten": "Một"}, {"ma": "2", "ten": "Hai"}]}, ["1,Một", "2,Hai"]),
        ({"object": {"ma": "1", "ten": "Một"}}, ["1,Một"]),
        ({"object": []}, []),
        ({"object": None}, []),
        ({}, []),
        (None, []),
    ],
    ids=["many", "one", "empty list", "null object", "no object", "null"],
)
def test_any_number_of_rows_is_read(platform: Platform, objects: object, lines: list[str]) -> None:
    """One row comes as an object in place of a list, none as nothing at all."""
    platform.answer = {"objects": objects}
    assert platform.csv().splitlines() == ["ma,ten", *lines]


def test_cells_of_any_type_become_text(platform: Platform) -> None:
    """Numbers, truth values, absent values and text that needs quotes."""
    rows = [
        {"ma": 7, "ten": 'Xã "Mới", 1'},
        {"ma": 1.5, "ten": True},
        {"ma": {"@nil": "true"}, "ten": None},
        {"ma": "00123"},
    ]
    platform.answer = {"objects": {"object": rows}}
    lines = ["ma,ten", '7,"Xã ""Mới"", 1"', "1.5,true", ",", "00123,"]
    assert platform.csv() == "\r\n".join([*lines, ""])


def test_the_latest_row_of_a_key_is_kept(platform: Platform) -> None:
    """Old and new rows of one code coexist: the larger number wins, not the later position."""
    rows = [
        {"id": "10", "ma": "1", "ten": "mới"},
        {"id": "9", "ma": "1", "ten": "cũ"},
        {"id": "3", "ma": "2", "ten": "khác"},
    ]
    platform.answer = {"objects": {"object": rows}}
    assert platform.csv(latest_by="id", key="ma").splitlines() == ["ma,ten", "1,mới", "2,khác"]


@pytest.mark.parametrize("row", [{"ma": "1", "ten": "a"}, {"id": "x", "ma": "1", "ten": "a"}])
def test_a_row_without_its_number_is_an_error(platform: Platform, row: dict[str, str]) -> None:
    """Which row is the latest must not be guessed."""
    platform.answer = {"objects": {"object": [row]}}
    with pytest.raises(GarbledSourceError):
        platform.csv(latest_by="id", key="ma")


@pytest.mark.parametrize(
    "answer",
    [
        {"fault": {"code": 900900}},
        {"objects": [1]},
        {"objects": {"object": [1]}},
        {"objects": {"object": "x"}},
        {"objects": {"fault": {}}},
        {"objects": {"object": [{"code": "1"}]}},
    ],
)
def test_an_answer_of_another_shape_is_an_error(platform: Platform, answer: object) -> None:
    """A fault told with status 200 is no empty table, and a lost column no blank one."""
    platform.answer = answer
    with pytest.raises(GarbledSourceError):
        list(platform.source().drafts())


def test_a_service_gives_a_dataset_and_a_data_service(platform: Platform) -> None:
    """The table and the way to ask for it are two records that know each other."""
    table, service = platform.source().drafts()
    url = f"{platform.server.url}/dmdc/1.0/xa"
    assert (table.guid, table.fields["kind"], table.resources[0]["url"]) == ("xa", "dataset", url)
    assert table.resources[0]["schema"] == SERVICE["schema"]
    assert service.fields["title"] == {
        "vi": "API: Đơn vị hành chính",
        "en": "API: Administrative units",
    }
    expected = {"kind": "dataservice", "endpoint_url": url, "serves_datasets": "xa"}
    assert expected.items() <= service.fields.items()
    assert service.fields["sharing_method"] == "lgsp"
    assert not service.resources


def test_a_file_of_no_service_is_an_error(platform: Platform) -> None:
    """The token goes to configured services only."""
    with pytest.raises(GarbledSourceError):
        platform.source().content(Resource("x", Text("x"), f"{platform.server.url}/x", "CSV"))


# -- tokens ---------------------------------------------------------------------------------------


def test_a_token_serves_until_shortly_before_its_end(platform: Platform) -> None:
    """One token for many calls; a new one when the old is about to expire."""
    source = platform.source()
    list(source.drafts())
    platform.now = 3500
    list(source.drafts())
    assert platform.granted == 1
    platform.valid, platform.now = "the-2", 3580
    list(source.drafts())
    assert platform.granted == 2


def test_a_token_that_is_refused_is_renewed_once(platform: Platform) -> None:
    """The platform may forget a token before its time."""
    source = platform.source()
    list(source.drafts())
    platform.valid = "the-2"
    list(source.drafts())
    assert platform.granted == 2


def test_a_renewed_token_that_is_refused_ends_the_reading(platform: Platform) -> None:
    """No endless asking for tokens."""
    source = platform.source()
    list(source.drafts())
    platform.valid = "none"
    with pytest.raises(UnauthorisedSourceError):
        list(source.drafts())
    assert platform.granted == 2


@pytest.mark.parametrize("seconds", ["soon", None, True])
def test_a_token_of_unknown_length_is_an_error(platform: Platform, seconds: object) -> None:
    """A token answer is checked like any other content."""
    platform.seconds = seconds
    with pytest.raises(GarbledSourceError):
        list(platform.source().drafts())


def test_wrong_credentials_raise_without_naming_them(platform: Platform, reply: Any) -> None:
    """The error says that the credentials fail, not which they are."""
    platform.server.routes["/token"] = lambda asked: reply(b"{}", status=401)
    source = platform.source()
    with pytest.raises(SourceError) as raised:
        list(source.drafts())
    assert raised.value.code == "source-unauthorised"
    assert "bi-mat" not in f"{raised.value} {source.__dict__}"
