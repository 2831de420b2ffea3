"""Rows of the register, and what the rules find in them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of mismatch; their words are in ``schemas/register.yaml``."""

    NEVER_CALLED = "chua_duoc_goi"
    NOT_DECIDED = "ngoai_quyet_dinh"
    NO_SYSTEM = "khong_he_thong"
    STALE_ENDPOINT = "dia_chi_cu"
    WRONG_ACCESS = "sai_quyen"
    NO_DICTIONARY = "thieu_tu_dien"


SYSTEM, DATASET, SERVICE = "system", "dataset", "dataservice"


@dataclass(frozen=True, slots=True)
class Row:
    """One record of the catalogue, of any kind; what its kind does not have is blank.

    ``owner`` is the slug of its office. ``serves`` are the words by which a service names its
    datasets, ``tables`` how many files of it are tables, ``undescribed`` how many of those have no
    column that is a data element. ``gone_since`` is the day from which its source no longer has it;
    ``from_gateway`` says that the gateway's own list of services gave it.
    """

    id: str
    kind: str
    name: str
    title: str
    owner: str
    since: date
    guid: str = ""
    source: str = ""
    private: bool = False
    source_system: str = ""
    lgsp_status: str = ""
    exception: str = ""
    approval: str = ""
    publication_class: str = ""
    sharing_level: str = ""
    pii_class: str = ""
    serves: tuple[str, ...] = ()
    endpoint: str = ""
    gone_since: date | None = None
    from_gateway: bool = False
    system_kind: str = ""
    tables: int = 0
    undescribed: int = 0


@dataclass(frozen=True, slots=True)
class Calls:
    """How often a service was called in the time looked at, by the gateway's word for it."""

    service: str
    count: int
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What the gateway told of calls: the first and the last day of it, and each service."""

    first: date | None = None
    last: date | None = None
    services: tuple[Calls, ...] = ()

    def covers(self, days: int) -> bool:
        """Whether so many days were counted: without that, no call is not known to be none."""
        return bool(self.first and self.last and (self.last - self.first).days + 1 >= days)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A legal catalogue's edition in force: the datasets it names, with the class it gives them."""

    kind: str
    sharing_level: str
    number: int
    decision: str
    classes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """Figures of the rules, from ``schemas/register.yaml``.

    ``openness`` ranks the classes of publication, 0 is the most open.
    """

    quiet_days: int
    connected: str
    shared_level: str
    open_level: str
    openness: Mapping[str, int]
    personal: frozenset[str]


@dataclass(frozen=True)
class Facts:
    """All that a reconciliation looks at. ``steward`` answers for what nobody owns."""

    rows: Sequence[Row]
    catalogues: Sequence[Catalogue]
    counted: Counted
    rules: Rules
    steward: str

    def of(self, kind: str) -> list[Row]:
        """The rows of one kind."""
        return [row for row in self.rows if row.kind == kind]


@dataclass(frozen=True, slots=True)
class Finding:
    """One mismatch: ``subject`` and ``others`` are ids of its two sides, ``owner`` mends it.

    ``about`` names what is no record of the catalogue: a word that joins nothing, a catalogue.
    ``words`` fill the text; they may change while the finding stays the same.
    """

    kind: Kind
    reason: str
    owner: str
    subject: str = ""
    others: tuple[str, ...] = ()
    about: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Equal for the same mismatch in every run."""
        parts = (self.kind, self.reason, self.subject, *sorted(self.others), self.about)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
