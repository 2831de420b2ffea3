"""Places asked over HTTP: every code of both days, whole tables, and what people get wrong."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import schemas
from ckanext.hatinh.dictionary import editions
from hatinh.dictionary.load import load
from hatinh.text import parse_date

pytestmark = pytest.mark.usefixtures("with_plugins", "first_edition")

UNITS = load(schemas.ROOT).code_lists["admin_units"]
SPLITS = {"18082": 2, "18796": 3}
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def first_edition(portal: None) -> None:
    """The edition that is shipped, in the database."""
    editions.load_first()


@pytest.fixture
def ask(app: Any) -> Ask:
    """Post to an action without an account; gives the status and the answer."""

    def post(action: str, prefix: str = "", **asked: Any) -> tuple[int, dict[str, Any]]:
        answer = app.post(
            f"{prefix}/api/3/action/{action}",
            data=json.dumps(asked),
            headers={"Content-Type": "application/json"},
        )
        return answer.status_code, answer.json

    return post


def communes(day: str) -> list[str]:
    """Codes of the communes in force on a day."""
    at = parse_date(day)
    return [unit.code for unit in UNITS if len(unit.code) == 5 and at and unit.valid(at)]


def table(**asked: Any) -> dict[str, Any]:
    """A request to convert over the reform."""
    days = {"from": "2025-06-30", "to": "2025-07-01"}
    return {**days, "code_column": "ma", "value_columns": ["so"], **asked}


def test_every_commune_of_both_days_is_shown(ask: Ask):
    """A code with its day is a place with a name; no code of either day is missing."""
    asked = [(code, day) for day in ("2025-06-30", "2025-07-01") for code in communes(day)]
    assert len(asked) == 209 + 69
    for code, day in asked:
        status, answer = ask("hatinh_place_show", code=code, at=day)
        assert (status, answer["result"]["code"]) == (200, code)
        assert answer["result"]["name"]["vi"]


AMOUNTS: dict[str, Callable[[int], Any]] = {
    "integers": lambda n: 7 * n + 1,
    "decimals": lambda n: round(0.37 * n + 0.11, 2),
    "negative": lambda n: -n if n % 2 else 3 * n,
    "blanks": lambda n: None if n % 5 == 0 else n,
}


def test_table_of_all_old_codes_keeps_its_sum(ask: Ask):
    """The 209 rows become 69 with the same sum to the last digit, when splits are estimated."""
    for kind, amount in AMOUNTS.items():
        amounts = {code: amount(n) for n, code in enumerate(communes("2025-06-30"))}
        rows = [{"ma": code, "so": given} for code, given in amounts.items()]
        status, answer = ask("hatinh_place_convert", **table(rows=rows, split="estimate"))
        found = [row["cells"]["so"] for row in answer["result"]["rows"]]
        assert (status, len(found), answer["result"]["complete"]) == (200, 69, True), kind
        assert _sum(found) == _sum(amounts.values()), kind


def test_splits_are_refused_unless_an_estimate_is_asked_for(ask: Ask):
    """Without leave the two divided units are problems; with it rows and notes say so."""
    rows = [{"ma": code, "so": 11} for code in SPLITS]
    refused = ask("hatinh_place_convert", **table(rows=rows))[1]["result"]
    assert [problem["code"] for problem in refused["problems"]] == ["place-split-refused"] * 2
    assert (refused["rows"], refused["complete"]) == ([], False)
    given = ask("hatinh_place_convert", **table(rows=rows, split="estimate"))[1]["result"]
    assert {row["status"] for row in given["rows"]} == {"estimated"}
    assert _sum(row["cells"]["so"] for row in given["rows"]) == 22
    methods = [n for n in given["notes"] if n["code"] == "place-split-estimated"]
    assert len(methods) == 2
    assert all("equal" in note["title"] for note in methods)


def test_days_are_read_in_several_forms_and_others_refused(ask: Ask):
    """Days are written as ISO 8601 or as people here write them; else the parameter is told."""
    for at in ("2025-06-30", "30/6/2025", "30.06.2025", "2025-06-30T08:00:00"):
        status, answer = ask("hatinh_place_show", code="18073", at=at)
        assert (status, answer["result"]["name"]["vi"]) == (200, "Phường Nam Hà"), at
    for at in ("hôm qua", "31/02/2025", "2025", 20250630, ["2025-06-30"], {"day": 1}):
        status, answer = ask("hatinh_place_show", code="18073", at=at)
        assert status == 409, at
        assert answer["error"]["at"]


def test_unknown_code_is_an_error_with_suggestions(ask: Ask):
    """A code one digit wrong, a lost digit, a former district, a name: places that may be meant."""
    for code in ("18074", "1873", "99999", "436", "Thành Sen", "018073"):
        status, answer = ask("hatinh_place_show", code=code, at="2025-07-01")
        assert status == 409, code
        assert code in answer["error"]["code"][0]
        assert {len(place["code"]) for place in answer["error"]["suggestions"]} == {5}, code


WRONG_ROWS: list[tuple[dict[str, Any], str]] = [
    ({"ma": "18074", "so": 1}, "place-code-unknown"),
    ({"ma": "Phường Nam Hà", "so": 1}, "place-code-unknown"),
    ({"ma": None, "so": 1}, "place-code-unknown"),
    ({"so": 1}, "place-column-missing"),
    ({"ma": "18073"}, "place-column-missing"),
    ({"ma": "18073", "so": "chín"}, "place-value-unreadable"),
    ({"ma": {"a": 1}, "so": [1]}, "place-code-unknown"),
]


def test_wrong_row_is_a_problem_in_words(ask: Ask):
    """A row that cannot be read is told with its place and how to mend it, in both languages."""
    for row, code in WRONG_ROWS:
        told = [ask("hatinh_place_convert", prefix, **table(rows=[row])) for prefix in ("", "/en")]
        assert [status for status, _ in told] == [200, 200], row
        results = [answer["result"] for _, answer in told]
        assert [result["complete"] for result in results] == [False, False]
        vi, en = (result["problems"][0] for result in results)
        assert vi["code"] == en["code"] == code
        assert all((vi["title"], vi["mend"], en["title"], en["mend"]))
        assert vi["mend"] != en["mend"]


WRONG_REQUESTS: list[dict[str, Any]] = [
    {"rows": "x"},
    {"rows": [["18073", 1]]},
    {"rows": [], "split": "guess"},
    {"rows": [], "from": None},
    {"rows": [], "averaged": "x"},
]


def test_wrong_request_is_refused(ask: Ask):
    """What is no table and no method is an error of the one who asks."""
    for asked in WRONG_REQUESTS:
        status, answer = ask("hatinh_place_convert", **table(**asked))
        assert (status, answer["success"]) == (409, False), asked


def test_way_back_is_no_division(ask: Ask):
    """From today's communes to the former ones there is no way but for those that stayed."""
    asked = table(rows=[{"ma": "18073", "so": 9}], **{"from": "2025-07-01", "to": "2025-06-30"})
    (problem,) = ask("hatinh_place_convert", **asked)[1]["result"]["problems"]
    assert problem["code"] == "place-cannot-divide"


def _sum(values: Any) -> Decimal:
    return sum((Decimal(str(value)) for value in values if value is not None), Decimal(0))
