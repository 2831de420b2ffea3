"""No private dataset, file, row or count comes out of any address or action to the wrong person.

Everything hidden bears a nonsense word of its own (``hidden_things``); every rule and every action
of the portal is asked with the ids of what is hidden (``crawling``), and no answer may hold a word,
or an id that was not asked for.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from canaries import texts
from ckan import model
from crawling import Ask, actions, addresses
from hidden_things import (
    EDITOR,
    KEEPER,
    KNOWN,
    MEMBER,
    NEVER,
    OFFICER,
    OWN,
    STRANGERS,
    SYSADMIN,
    VISITOR,
    Hidden,
    hide,
    publish,
)

CHANGING = re.compile(
    r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d[\d:.+z]*"  # when an answer was made
    r"|\d\d:\d\d \d\d/\d\d/\d{4}|\d\d/\d\d/\d{4} \d\d:\d\d"
    r"|vua xong|\d+ \w+ truoc"  # how long ago something was
    r"|[\w-]+\.[\w-]{6}\.[\w-]{27}"  # the token of a form
    r"|rdf:nodeid=\W+\w+"
)
"""What differs between two answers that say the same."""
COUNTED = {
    "/", "/dataset/", "/organization/", "/organization/so-gddt", "/feeds/dataset.atom",
    "/catalog.ttl", "/catalog/dump.ttl", "/data.json", "/bao-cao/inventory.csv",
    "/chat-luong/bang/ranking.csv",
    "/api/3/action/package_list",
}  # fmt: skip
"""Some of what does change with a public dataset."""

MADE: list[Hidden] = []


@pytest.fixture
def hidden(request: pytest.FixtureRequest, ckan_config: Any, with_plugins: None) -> Hidden:
    """The portal of hidden things, made once."""
    if not MADE or model.Package.get(MADE[0].ids["public"]) is None:
        request.getfixturevalue("portal")
        MADE[:] = [hide()]
    return MADE[0]


@pytest.fixture
def app(app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The portal as visitors meet it: what breaks is an answer with 500."""
    monkeypatch.setitem(app.flask_app.config, "PROPAGATE_EXCEPTIONS", False)
    return app


@pytest.mark.parametrize("who", STRANGERS)
def test_no_answer_tells_a_stranger_what_is_hidden(app, hidden, who):
    """Neither body nor header of any answer holds a word or an id that was not asked for."""
    known = set() if who == VISITOR else KNOWN
    asks = everything(app, hidden)
    if who == MEMBER:  # whom an editor's pages show no less
        asks = [ask for ask in asks if ask.given is not None and not ask.writes]
    found = told(app, hidden, who, asks)
    assert [(ask, words) for ask, words in found if words - known] == []


def test_right_people_are_told_what_is_hidden(app, hidden):
    """Every word and id comes out to somebody, so that its absence elsewhere means something."""
    missing = hidden.words.every() - NEVER
    asks = [ask for ask in reversed(everything(app, hidden)) if not ask.writes]
    for who, about in ((KEEPER, "hatinh_catalogue"), (OFFICER, ""), (SYSADMIN, "")):
        for _, words in told(app, hidden, who, [ask for ask in asks if about in ask.path]):
            missing -= words
            if not missing:
                return
    assert sorted(missing) == []


def test_more_hidden_things_change_no_answer_to_a_stranger(app, hidden):
    """Counts, filters, feeds, reports and the dump are the same; a public dataset changes them."""
    asks = [ask for ask in everything(app, hidden) if not ask.writes and is_open(ask, hidden)]
    actions_only = [ask for ask in asks if ask.given is not None]
    publish()
    before = said(app, hidden, VISITOR, asks)
    assert [ask for ask, (status, *_) in before if status >= "500"] == []
    editors = said(app, hidden, EDITOR, actions_only)
    hidden.hide_one_more("another")
    assert differences(before, said(app, hidden, VISITOR, asks)) == []
    assert differences(editors, said(app, hidden, EDITOR, actions_only)) == []
    hidden.show_dataset("them-mot-bang", OWN)
    publish()
    counted = [one for one in before if one[0].path in COUNTED]
    changed = differences(counted, said(app, hidden, VISITOR, [ask for ask, _ in counted]))
    assert {ask.path for ask in changed} == COUNTED


def said(app: Any, hidden: Hidden, who: str, asks: Iterable[Ask]) -> list[tuple[Ask, list[str]]]:
    """What somebody is told, its words in alphabetical order: graphs have none of their own."""
    return [
        (ask, [answer.status, answer.headers.get("ETag", ""), *sorted(words(answer.data))])
        for ask, answer in answers(app, hidden, who, asks)
    ]


def words(answer: bytes) -> Iterator[str]:
    """The words of an answer, also of one that JSON quotes."""
    for text in texts(answer):
        yield from CHANGING.sub("", text).replace("\\n", " ").split()


def differences(before: Iterable[tuple[Ask, Any]], after: Iterable[tuple[Ask, Any]]) -> list[Ask]:
    """The requests that are answered otherwise."""
    return [a[0] for a, b in zip(before, after, strict=True) if a != b]


def is_open(ask: Ask, hidden: Hidden) -> bool:
    """Whether a request asks for nothing that is hidden."""
    return not hidden.words.found(f"{ask.path} {ask.given}".encode())


def everything(app: Any, hidden: Hidden) -> list[Ask]:
    """Every request that there is."""
    return addresses(app.flask_app.url_map.iter_rules(), hidden) + actions(hidden)


def told(app: Any, hidden: Hidden, who: str, asks: Iterable[Ask]) -> Iterator[tuple[Ask, set[str]]]:
    """What each answer tells somebody of hidden things; the words of the question are left out."""
    for ask, answer in answers(app, hidden, who, asks):
        asked = hidden.words.found(f"{ask.path} {ask.given}".encode())
        yield ask, hidden.words.found(answer.data + str(answer.headers).encode()) - asked


def answers(app: Any, hidden: Hidden, who: str, asks: Iterable[Ask]) -> Iterator[tuple[Ask, Any]]:
    """Ask as one of the people, who has signed in."""
    client = app.test_client()
    user = model.User.get(hidden.people[who])
    if user is not None:
        with client.session_transaction(base_url=tk.config["ckan.site_url"]) as session:
            session["_user_id"] = user.id
    for ask in asks:
        if ask.given is None:
            answer = client.get(ask.path, follow_redirects=False)
        else:
            answer = client.post(ask.path, json=ask.given, follow_redirects=False)
        yield ask, answer
        answer.close()
