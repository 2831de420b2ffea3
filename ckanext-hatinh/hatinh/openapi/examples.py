"""Ready calls that fetch the rows of a table, or a file, in the languages that people use.

The address of a file is whatever its publisher wrote: each language quotes it in its own way, so
that a copied call never runs anything but itself.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode, urlsplit

ROWS = 5
"""Rows that an example asks for; whoever copies it changes the number."""

_PLAIN = re.compile(r"[\w:/?&=.%+~-]+", re.ASCII)
_WORKBOOKS = ("XLSX", "XLS", "ODS")
_EXCEL_READS = ("CSV", "XLSX", "XLS")


@dataclass(frozen=True, slots=True)
class Example:
    """One call, as people copy it; our tests run it so."""

    language: str
    title: str
    code: str

    def as_dict(self) -> dict[str, Any]:
        """The form of the API."""
        return asdict(self)


def of_table(site: str, resource_id: str) -> list[Example]:
    """Calls for the first rows of a file that is loaded as a table of the DataStore."""
    action = f"{site}/api/3/action/datastore_search"
    url = f"{action}?{urlencode({'resource_id': resource_id, 'limit': ROWS})}"
    return [
        Example("curl", "curl", f"curl {_shell(url)}"),
        Example("python-requests", "Python · requests", _requests_rows(action, resource_id)),
        Example("python-pandas", "Python · pandas", _pandas_rows(url)),
        Example("python-ckanapi", "Python · ckanapi", _ckanapi_rows(site, resource_id)),
        Example("javascript", "JavaScript", _javascript_rows(url)),
        Example("r", "R", _r_rows(url)),
        Example("power-query", "Excel · Power Query", _power_rows(action, resource_id)),
    ]


def of_file(url: str, form: str) -> list[Example]:
    """Calls that fetch a file as it is; ``form`` is its format, ``CSV``."""
    return [
        Example("curl", "curl", f"curl -L -o {_shell(_name(url, form))} {_shell(url)}"),
        Example("python-requests", "Python · requests", _requests_file(url, _name(url, form))),
        *_of_tabular_file(url, form),
        Example("javascript", "JavaScript", _javascript_file(url)),
    ]


def _of_tabular_file(url: str, form: str) -> Iterator[Example]:
    if form == "CSV":
        yield Example("python-pandas", "Python · pandas", _pandas_csv(url))
        yield Example("r", "R", _r_csv(url))
    if form in _WORKBOOKS:
        yield Example("python-pandas", "Python · pandas", _pandas_workbook(url))
    if form in _EXCEL_READS:
        code = _power_csv(url) if form == "CSV" else _power_workbook(url)
        yield Example("power-query", "Excel · Power Query", code)


def _requests_rows(action: str, resource_id: str) -> str:
    return (
        "import requests\n\n"
        f"answer = requests.get({_script(action)}, "
        f"params={_script({'resource_id': resource_id, 'limit': ROWS})}, timeout=30)\n"
        "answer.raise_for_status()\n"
        'for row in answer.json()["result"]["records"]:\n'
        "    print(row)"
    )


def _pandas_rows(url: str) -> str:
    return (
        "import pandas\nimport requests\n\n"
        f"answer = requests.get({_script(url)}, timeout=30)\n"
        "answer.raise_for_status()\n"
        'table = pandas.DataFrame(answer.json()["result"]["records"])\n'
        "print(table)"
    )


def _ckanapi_rows(site: str, resource_id: str) -> str:
    return (
        "from ckanapi import RemoteCKAN\n\n"
        f"portal = RemoteCKAN({_script(site)})\n"
        "found = portal.action.datastore_search("
        f"resource_id={_script(resource_id)}, limit={ROWS})\n"
        'for row in found["records"]:\n'
        "    print(row)"
    )


def _javascript_rows(url: str) -> str:
    return (
        f"const answer = await fetch({_script(url)});\n"
        "if (!answer.ok) throw new Error(answer.status);\n"
        "const { result } = await answer.json();\n"
        "for (const row of result.records) console.log(JSON.stringify(row));"
    )


def _r_rows(url: str) -> str:
    return (
        "library(jsonlite)\n\n"
        f"answer <- fromJSON({_r(url)})\n"
        "rows <- answer$result$records\n"
        "print(rows)"
    )


def _r_csv(url: str) -> str:
    return (
        "# as text, which keeps the zeros that codes begin with\n"
        f"table <- read.csv({_r(url)},\n"
        '                  colClasses = "character", fileEncoding = "UTF-8-BOM")\n'
        "print(head(table))"
    )


def _power_rows(action: str, resource_id: str) -> str:
    return (
        "let\n"
        f"    Answer = Json.Document(Web.Contents({_m(action)},\n"
        f'        [Query = [resource_id = {_m(resource_id)}, limit = "{ROWS}"]])),\n'
        "    Rows = Table.FromRecords(Answer[result][records])\n"
        "in\n"
        "    Rows"
    )


def _requests_file(url: str, name: str) -> str:
    return (
        "from pathlib import Path\n\nimport requests\n\n"
        f"answer = requests.get({_script(url)}, timeout=60)\n"
        "answer.raise_for_status()\n"
        f"Path({_script(name)}).write_bytes(answer.content)"
    )


def _pandas_csv(url: str) -> str:
    return (
        "import pandas\n\n"
        "# dtype=str keeps the zeros that codes begin with\n"
        f"table = pandas.read_csv({_script(url)}, dtype=str)\n"
        "print(table.head())"
    )


def _pandas_workbook(url: str) -> str:
    return (
        "import pandas  # and python-calamine, which reads XLSX, XLS and ODS\n\n"
        "# dtype=str keeps the zeros that codes begin with\n"
        f'table = pandas.read_excel({_script(url)}, dtype=str, engine="calamine")\n'
        "print(table.head())"
    )


def _javascript_file(url: str) -> str:
    return (
        f"const answer = await fetch({_script(url)});\n"
        "if (!answer.ok) throw new Error(answer.status);\n"
        "const bytes = await answer.arrayBuffer();\n"
        "console.log(bytes.byteLength);"
    )


def _power_workbook(url: str) -> str:
    return (
        "let\n"
        f"    File = Excel.Workbook(Web.Contents({_m(url)}), true),\n"
        "    Rows = File{0}[Data]\n"
        "in\n"
        "    Rows"
    )


def _power_csv(url: str) -> str:
    return (
        "let\n"
        f"    File = Csv.Document(Web.Contents({_m(url)}), [Encoding = 65001]),\n"
        "    Rows = Table.PromoteHeaders(File)\n"
        "in\n"
        "    Rows"
    )


def _name(url: str, form: str) -> str:
    """A name for the fetched file, of plain letters whatever the address has."""
    last = PurePosixPath(urlsplit(url).path).name
    found = re.sub(r"[^\w.-]+", "_", last, flags=re.ASCII).strip("._-")
    return found or f"data.{form.lower() or 'bin'}"


def _shell(text: str) -> str:
    """For sh; plain addresses in double quotes, which Windows understands as well."""
    return f'"{text}"' if _PLAIN.fullmatch(text) else shlex.quote(text)


def _script(value: str | Mapping[str, Any]) -> str:
    """A literal that Python and JavaScript read alike: JSON with nothing but ASCII."""
    return json.dumps(value)


def _r(text: str) -> str:
    """A literal of R: as JSON, but for the slash, and characters beyond the first plane."""
    return json.dumps(text, ensure_ascii=False)


def _m(text: str) -> str:
    """A literal of Power Query."""
    return '"' + text.replace("#(", "#(#)(").replace('"', '""') + '"'
