"""Words and figures of the register, read from ``schemas/register.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hatinh.errors import SchemaError
from hatinh.register.model import Finding, Kind, Rules
from hatinh.text import Text


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong, and how it is mended."""

    what: Text
    mend: Text


@dataclass(frozen=True, slots=True)
class Words:
    """Names of the kinds, texts by reason, labels of the report, and names of codes by word."""

    kinds: Mapping[str, Text]
    reasons: Mapping[str, Reason]
    title: Text
    notes: tuple[Text, ...]
    columns: Mapping[str, Text]
    states: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Config:
    """All that the file says."""

    rules: Rules
    words: Words


Names = Mapping[str, Mapping[str, Text]]
"""Names of codes, by the word of a text that holds them: ``names["cls"]["cong_khai"]``."""


def load_config(root: Path) -> Config:
    """The file, whole. Raises :class:`SchemaError`."""
    path = root / "register.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        words = Words(
            kinds=_texts(data["kinds"]),
            reasons={
                name: Reason(Text(**said["what"]), Text(**said["mend"]))
                for name, said in data["reasons"].items()
            },
            title=Text(**data["report"]["title"]),
            notes=tuple(Text(**note) for note in data["report"]["notes"]),
            columns=_texts(data["report"]["columns"]),
            states=_texts(data["states"]),
        )
        rules = Rules(
            **{
                **data["rules"],
                "openness": {code: at for at, code in enumerate(data["rules"]["openness"])},
                "personal": frozenset(data["rules"]["personal"]),
            }
        )
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    if words.kinds.keys() != set(Kind):
        raise SchemaError(path.name, "kinds are not those of the rules")
    return Config(rules, words)


def describe(finding: Finding, words: Words, names: Names) -> tuple[Text, Text]:
    """What is wrong and how to mend it, in both languages."""
    reason = words.reasons[finding.reason]
    return _filled(reason.what, finding, names), _filled(reason.mend, finding, names)


def _filled(text: Text, finding: Finding, names: Names) -> Text:
    both = [
        template.format_map(
            {
                word: _named(names.get(word, {}).get(value), language) or value
                for word, value in finding.words.items()
            }
        )
        for language, template in zip(("vi", "en"), text, strict=True)
    ]
    return Text(*both)


def _named(name: Text | None, language: str) -> str:
    return name.said(language) if name else ""


def _texts(data: Mapping[str, Any]) -> dict[str, Text]:
    return {name: Text(**text) for name, text in data.items()}
