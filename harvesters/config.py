"""Loads ``config/sources.yaml``: which sources there are, checked before anything is read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from harvesters.address import RefusedAddressError, host_and_port
from harvesters.fields import CANONICAL
from harvesters.registry import ADAPTERS
from harvesters.source import SourceConfig
from hatinh.errors import SchemaError
from hatinh.reading import as_text

REQUIRED = ("name", "kind", "title", "url", "owner")
KEYS = frozenset({*REQUIRED, "allow_private", "defaults", "options", "schedule", "secrets"})
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
"""``${NAME}`` or ``${NAME:-otherwise}``, as in a shell."""


def load(path: Path, environ: Mapping[str, str]) -> tuple[SourceConfig, ...]:
    """The sources of a file, with variables filled in and secrets read from ``environ``.

    A secret that is not set is left out: only opening its source needs it, listing does not.
    Raises :class:`hatinh.errors.SchemaError`, which says the file, the source, the fault and
    the mend, and never a secret.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as err:
        raise SchemaError(str(path), f"cannot be read: {err}") from err
    rows = data.get("sources") if isinstance(data, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SchemaError(str(path), "has no list 'sources'; begin it with 'sources:'")
    sources = tuple(
        _Reader(f"{path}, source {row.get('name') or number}", environ).source(row)
        for number, row in enumerate(rows, 1)
    )
    names = [source.name for source in sources]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise SchemaError(str(path), f"names {', '.join(sorted(repeated))} twice; rename one")
    return sources


@dataclass(frozen=True)
class _Reader:
    """Reads one row; ``where`` names it in messages."""

    where: str
    environ: Mapping[str, str]

    def source(self, row: Mapping[str, Any]) -> SourceConfig:
        self._stop_at([*_key_faults(row)])
        filled = {name: self._filled(value) for name, value in row.items()}
        self._stop_at([*_row_faults(filled), *kind_faults(filled)])
        return SourceConfig(
            name=filled["name"],
            kind=filled["kind"],
            title=as_text(filled["title"]),
            url=filled["url"],
            owner=filled["owner"],
            allow_private=filled.get("allow_private", False),
            defaults=filled.get("defaults", {}),
            options=filled.get("options", {}),
            schedule=filled.get("schedule", ""),
            secrets={
                name: self.environ[of]
                for name, of in row.get("secrets", {}).items()
                if self.environ.get(of)
            },
            unset=tuple(of for of in row.get("secrets", {}).values() if not self.environ.get(of)),
        )

    def _stop_at(self, faults: list[str]) -> None:
        if faults:
            raise SchemaError(self.where, "; ".join(faults))

    def _filled(self, value: Any) -> Any:
        """The value with its variables filled in, however deep they stand."""
        if isinstance(value, dict):
            return {name: self._filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if isinstance(value, str):
            return VARIABLE.sub(lambda found: self._variable(found[1], found[2]), value)
        return value

    def _variable(self, name: str, otherwise: str | None = None) -> str:
        value = self.environ.get(name) or otherwise
        if value is None:
            raise SchemaError(self.where, f"environment variable {name} is not set; set it")
        return value


def _key_faults(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} is missing; give one" for name in REQUIRED if not row.get(name))
    yield from (f"{name} is no key of a source; remove it" for name in sorted(row.keys() - KEYS))
    for name in ("defaults", "options", "secrets"):
        if not isinstance(row.get(name, {}), dict):
            yield f"{name} is no mapping; write names and values"


def _row_faults(row: Mapping[str, Any]) -> Iterator[str]:
    for name in ("name", "owner"):
        if not SLUG.fullmatch(str(row[name])):
            yield f"{name} {row[name]!r} is no slug; use a-z, 0-9 and single hyphens"
    if not as_text(row["title"]).vi:
        yield "title has no Vietnamese text; give title: {vi: …}"
    if not isinstance(row.get("schedule", ""), str):
        yield "schedule is no text; write cron, such as '0 2 * * *'"
    if not isinstance(row.get("allow_private", False), bool):
        yield "allow_private is neither true nor false"
    try:
        host_and_port(row["url"])
    except RefusedAddressError as err:
        yield f"url cannot be used: {err}"
    unknown = sorted(row.get("defaults", {}).keys() - CANONICAL)
    yield from (f"default {name} is no canonical field; see docs/sources.md" for name in unknown)


def kind_faults(row: Mapping[str, Any]) -> Iterator[str]:
    """What the kind of a source finds wrong with its options and secrets, each with its mend."""
    adapter = ADAPTERS.get(row["kind"])
    if adapter is None:
        yield f"kind {row['kind']!r} is unknown; use one of {', '.join(sorted(ADAPTERS))}"
        return
    options, secrets = row.get("options", {}), row.get("secrets", {})
    known = adapter.required_options | adapter.optional_options
    missing = sorted(adapter.required_options - options.keys())
    yield from (f"option {name} is missing; see docs/sources.md" for name in missing)
    yield from (f"option {name} is unknown; remove it" for name in sorted(options.keys() - known))
    absent = sorted(adapter.required_secrets - secrets.keys())
    yield from (f"secret {name} is missing; name its environment variable" for name in absent)
    needless = sorted(secrets.keys() - adapter.required_secrets - adapter.optional_secrets)
    yield from (f"secret {name} is unknown; remove it" for name in needless)
    if not missing:
        yield from adapter.option_faults(options)
