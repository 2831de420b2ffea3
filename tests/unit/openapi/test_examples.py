"""Ready calls are whole programs, and an address that means harm stays an address."""

import ast
import json
import re
import shlex

import pytest

from hatinh.openapi.examples import of_file, of_table

SITE = "https://data.example.vn"
NASTY = [
    'https://x.vn/a.csv"; rm -rf ~; "',
    "https://x.vn/a.csv'$(id)`id`",
    "https://x.vn/a.csv\n__import__('os')",
    'https://x.vn/#(lf)"&Shell("x")',
    "https://x.vn/tên tệp có dấu.csv?a=1&b=2",
    "https://x.vn/\\u0022\\",
]


def by_language(examples):
    """Code by language."""
    return {example.language: example.code for example in examples}


def test_table_has_a_call_in_every_language():
    """Seven ways."""
    found = of_table(SITE, "4c5f")
    assert [it.language for it in found] == [
        "curl",
        "python-requests",
        "python-pandas",
        "python-ckanapi",
        "javascript",
        "r",
        "power-query",
    ]


@pytest.mark.parametrize(
    ("form", "readers"),
    [
        ("CSV", {"python-pandas", "r", "power-query"}),
        ("XLSX", {"python-pandas", "power-query"}),
        ("XLS", {"python-pandas", "power-query"}),
        ("ODS", {"python-pandas"}),
        ("PDF", set()),
        ("", set()),
    ],
)
def test_file_has_calls_that_fit_its_format(form, readers):
    """Only tables are read, by what reads their form; everything is fetched."""
    languages = set(by_language(of_file("https://x.vn/a", form)))
    assert languages == {"curl", "python-requests", "javascript"} | readers


@pytest.mark.parametrize("url", NASTY)
def test_address_stays_one_word_of_the_shell(url):
    """Quotes, dollars and backticks of a publisher's address are not run."""
    words = shlex.split(by_language(of_file(url, "CSV"))["curl"])
    assert words[:3] == ["curl", "-L", "-o"]
    assert re.fullmatch(r"[\w.-]+", words[3], re.ASCII)
    assert words[4:] == [url]


@pytest.mark.parametrize("url", NASTY)
@pytest.mark.parametrize("language", ["python-requests", "python-pandas"])
def test_address_stays_one_literal_of_python(url, language):
    """The program has the address as a constant and nothing else of it."""
    program = ast.parse(by_language(of_file(url, "CSV"))[language])
    constants = [node.value for node in ast.walk(program) if isinstance(node, ast.Constant)]
    assert url in constants
    assert "__import__" not in {node.id for node in ast.walk(program) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("url", NASTY)
def test_address_stays_one_literal_of_javascript(url):
    """What stands in the brackets of fetch is the address as JSON."""
    first = by_language(of_file(url, "CSV"))["javascript"].splitlines()[0]
    assert json.loads(first.removeprefix("const answer = await fetch(").removesuffix(");")) == url


@pytest.mark.parametrize("url", NASTY)
def test_address_stays_one_literal_of_power_query(url):
    """Quotes are doubled, and the escape of M is escaped."""
    written = re.search(
        r'Web\.Contents\("((?:[^"]|"")*)"\)', by_language(of_file(url, "CSV"))["power-query"]
    )
    assert written is not None
    assert written[1].replace('""', '"').replace("#(#)(", "#(") == url
