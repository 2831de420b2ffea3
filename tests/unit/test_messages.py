"""Every code that the program gives has words in both languages, and no words lie about."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
import yaml

import schemas
from hatinh.dictionary.load import load
from hatinh.errors import SchemaError
from hatinh.messages import describe, load_texts, locate
from hatinh.problem import Problem, error, warning

ROOT = schemas.ROOT.parent
SOURCES = ("ckanext-hatinh/hatinh", "ckanext-hatinh/ckanext/hatinh", "harvesters")
SEVERITIES = {"error": "error", "warning": "warning", "make": "varies"}
TABLE_PARAMETERS = {
    "key-duplicated": {"first"},
    "cell-type": {"datatype"},
    "cell-pattern": {"pattern"},
    "cell-too-long": {"length", "limit"},
    "cell-out-of-range": {"minimum", "maximum"},
    "cell-code-unknown": {"list"},
    "cell-code-not-valid": {"list", "at"},
    "sum-differs": {"expected", "total"},
    "row-sum-differs": {"expected", "parts"},
    "order-reversed": {"first", "start"},
}
"""Parameters that the rules on tables give with a violation."""

ENTRIES = yaml.load((schemas.ROOT / "problems.yaml").read_text("utf-8"), yaml.CSafeLoader)
TEXTS = load_texts(schemas.ROOT)


@cache
def nodes() -> list[ast.AST]:
    """The syntax of everything that may give a problem."""
    paths = (path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py")))
    trees = (ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in paths)
    return [node for tree in trees for node in ast.walk(tree)]


def first_word(call: ast.Call) -> str:
    """The first argument of a call, where it is a plain text."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def emitted() -> dict[str, set[str]]:
    """Codes in the program, each with the severities that it is given with."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in SEVERITIES and first_word(node):
                found[first_word(node)].add(SEVERITIES[node.func.id])
            elif node.func.id in ("Judged", "Violation", "ValueRule") and first_word(node):
                found[first_word(node)].add("")
        elif isinstance(node, ast.ClassDef):
            found.update((code, {"error"}) for code in class_codes(node))
        elif isinstance(node, ast.Dict):
            found.update((code, {"error"}) for code in failure_codes(node))
    return found


def class_codes(node: ast.ClassDef) -> Iterator[str]:
    """The code of an exception that can be told as a problem (``code = "source-slow"``)."""
    for part in node.body:
        if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "code":
            yield ast.literal_eval(part.value)


def failure_codes(node: ast.Dict) -> Iterator[str]:
    """The code of a run that failed (``{"code": "source-busy"}``)."""
    for key, value in zip(node.keys, node.values, strict=True):
        if (
            isinstance(key, ast.Constant)
            and key.value == "code"
            and isinstance(value, ast.Constant)
        ):
            yield str(value.value)


def parameters() -> dict[str, set[str]]:
    """Parameters that every call gives with a code (those all of its calls give)."""
    found: dict[str, set[str]] = {}
    for node in nodes():
        for code, names in given_names(node):
            found[code] = found.get(code, names) & names
    return found


def given_names(node: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """What a call, or the reason of a run (``{"code": …, "gone": 3}``), gives with its code."""
    if isinstance(node, ast.Dict):
        names = {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
        yield from ((code, names - {"code"}) for code in failure_codes(node))
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in SEVERITIES
        and first_word(node)
    ):
        yield first_word(node), {keyword.arg for keyword in node.keywords if keyword.arg}


EMITTED = emitted()
GIVEN = parameters() | TABLE_PARAMETERS


def test_every_code_has_a_text_and_every_text_a_code():
    """A code without words tells nobody anything; words without code are dead."""
    assert set(ENTRIES) == set(EMITTED)


def test_entries_are_whole():
    """Severity, dimension and both texts in both languages."""
    dimensions = {found.code for found in load(schemas.ROOT).code_lists["quality_dimensions"]}
    for code, entry in ENTRIES.items():
        assert set(entry) == {"severity", "dimension", "title", "mend"}, code
        assert entry["dimension"] in {None, *dimensions}, code
        assert entry["severity"] in {"error", "warning", "varies"}, code
        for part in ("title", "mend"):
            assert set(entry[part]) == {"vi", "en"}, code
            assert all(entry[part].values()), code


def test_entry_has_the_severity_that_the_program_gives():
    """A text does not threaten a refusal where there is a warning, nor the other way round."""
    assert {
        code for code in ENTRIES if not EMITTED[code] <= {ENTRIES[code]["severity"], ""}
    } == set()


@pytest.mark.parametrize("code", sorted(ENTRIES))
def test_text_uses_only_what_its_problem_gives(code: str):
    """A text formats with the value and the parameters of its problem."""
    given = GIVEN.get(code, set()) | {"value"}
    if code.startswith("source-"):
        given |= {"source", "detail"}
    for part in ("title", "mend"):
        for text in ENTRIES[code][part].values():
            assert {name for _, name, _, _ in Formatter().parse(text) if name} <= given


def test_field_is_shown_by_its_label():
    """People read “Giấy phép”, not ``licence``."""
    problem = error("field-missing", "$.licence", field="licence")
    assert describe(problem, "vi", TEXTS)[0] == "Thiếu trường bắt buộc “Giấy phép”"
    assert describe(problem, "en", TEXTS)[0] == "Required field “Licence” is missing"


def test_datatype_and_list_are_shown_by_their_names():
    """People read “số nguyên” and the list's title, not the program's words."""
    title, _ = describe(warning("cell-type", "$.x", "12a", datatype="integer"), "vi", TEXTS)
    assert "số nguyên" in title
    title, _ = describe(warning("cell-code-unknown", "$.x", "1", list="themes"), "vi", TEXTS)
    assert "Lĩnh vực dữ liệu" in title


def test_value_with_braces_is_only_shown():
    """What somebody wrote into a cell is never read as a format."""
    problem = warning("theme-unknown", "$.themes", "{field} {0}")
    assert "{field} {0}" in describe(problem, "vi", TEXTS)[0]


def test_stored_problem_without_a_parameter_is_still_told():
    """An older edition stored less; its problems are shown all the same."""
    assert describe(Problem("period-reversed", "$", "2020-01-01"), "vi", TEXTS)[0].endswith("(…)")


def test_code_of_an_older_edition_is_its_own_title():
    """A code that has no words any more is not hidden."""
    assert describe(Problem("once-known", "$"), "vi", TEXTS) == ("once-known", "")


def test_text_without_english_is_refused(tmp_path: Path):
    """A text that lacks a language stops the start."""
    entry = {"title": {"vi": "a"}, "mend": {"vi": "b", "en": "b"}}
    (tmp_path / "problems.yaml").write_text(yaml.safe_dump({"x-y": entry}), encoding="utf-8")
    for name in ("dictionary", "codelists", "attributes.yaml"):
        (tmp_path / name).symlink_to(schemas.ROOT / name)
    with pytest.raises(SchemaError, match=r"problems\.yaml, x-y"):
        load_texts(tmp_path)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("$.resources[0].rows[25].so_cau_hoi", "tệp thứ 1, dòng 25, cột so_cau_hoi"),
        ("$.resources[1].columns.ten xã", "tệp thứ 2, cột ten xã"),
        ("$.resources[2].url", "tệp thứ 3, trường url"),
        ("$.publisher", "trường Cơ quan chủ trì cung cấp"),
        ("$", "cả bản ghi"),
    ],
)
def test_place_is_said_in_words(path: str, words: str) -> None:
    """Nobody needs to know what a path is to find the cell that is wrong."""
    assert locate(path, "vi", TEXTS) == words
