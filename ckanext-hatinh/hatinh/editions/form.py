"""The form of the catalogues, read from ``schemas/catalogue_forms.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from hatinh.dictionary.model import CodeList
from hatinh.errors import SchemaError
from hatinh.text import Text

SENT = "sent_to_bca_date"
"""The one field that is known only after the decision: it comes from the register of sending."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the catalogues; ``sharing_level`` is a code of that list."""

    id: str
    title: Text
    sharing_level: str
    channel: str


@dataclass(frozen=True, slots=True)
class Form:
    """What the catalogues have in common. ``fields`` are labels by field, in their order."""

    kinds: Mapping[str, Kind]
    fields: Mapping[str, Text]
    paper: tuple[str, ...]
    required: tuple[str, ...]
    max_age_days: int
    ordinal: Text
    annexed: Text
    annulled: Text
    draft: Text
    unverified: Text
    states: Mapping[str, Text]
    subject_states: Mapping[str, Text]

    def of_level(self, sharing_level: str) -> Kind | None:
        """The catalogue that datasets of a sharing level belong into."""
        return next((k for k in self.kinds.values() if k.sharing_level == sharing_level), None)


def load_form(root: Path, fields: CodeList) -> Form:
    """The form; ``fields`` is the code list of an entry's fields. Raises :class:`SchemaError`."""
    path = root / "catalogue_forms.yaml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        form = Form(
            kinds={
                name: Kind(name, Text(**kind["title"]), kind["sharing_level"], kind["channel"])
                for name, kind in data["kinds"].items()
            },
            fields={code.code: code.name for code in fields},
            paper=tuple(data["paper"]),
            required=tuple(data["required"]),
            max_age_days=data["max_age_days"],
            ordinal=Text(**data["ordinal"]),
            annexed=Text(**data["annexed"]),
            annulled=Text(**data["annulled"]),
            draft=Text(**data["draft"]),
            unverified=Text(**data["unverified"]),
            states=_named(data["states"]),
            subject_states=_named(data["subject_states"]),
        )
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as err:
        raise SchemaError(path.name, f"{type(err).__name__}: {err}") from err
    if unknown := {*form.paper, *form.required, SENT} - form.fields.keys():
        raise SchemaError(path.name, f"unknown fields: {', '.join(sorted(unknown))}")
    return form


def _named(words: Mapping[str, Mapping[str, str]]) -> dict[str, Text]:
    return {code: Text(**text) for code, text in words.items()}
