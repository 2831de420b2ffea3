"""The six rules: each takes the joined facts and gives what does not fit.

Nothing is found where nothing is known: without counts no service is called idle, and without an
edition in force no dataset is left out of one.
"""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from hatinh.register.joins import Index, Joined
from hatinh.register.model import DATASET, SERVICE, SYSTEM, Catalogue, Facts, Finding, Kind, Row

Rule = Callable[[Joined], Iterator[Finding]]


def reconcile(facts: Facts) -> list[Finding]:
    """Everything that the rules find, each mismatch once."""
    joined = Joined(facts)
    found = {finding.key: finding for rule in RULES for finding in rule(joined)}
    return list(found.values())


def never_called(joined: Joined) -> Iterator[Finding]:
    """Declared shared, but never called; or declared connected, which the gateway denies."""
    facts = joined.facts
    if facts.counted.covers(facts.rules.quiet_days):
        for service in facts.of(SERVICE):
            if _is_shared(joined, service) and not joined.count(service):
                yield _on(Kind.NEVER_CALLED, "no_calls", service, _span(facts))
    for system in facts.of(SYSTEM):
        if system.lgsp_status == facts.rules.connected:
            yield from _denied(joined, system)


def not_decided(joined: Joined) -> Iterator[Finding]:
    """Called, but what is called is in no decision, or in no register at all."""
    for called, rows in joined.called:
        if called.count and len(rows) != 1:
            yield Finding(
                Kind.NOT_DECIDED, "ambiguous_calls" if rows else "unregistered_calls",
                joined.facts.steward, others=_ids(rows), about=called.service,
                words={"word": called.service, "calls": str(called.count)},
            )  # fmt: skip
    for service in joined.facts.of(SERVICE):
        yield from _unclear(joined, service)
        if joined.count(service):
            yield from _undecided(joined, service)


def no_system(joined: Joined) -> Iterator[Finding]:
    """A dataset without the system that owns it, or a record whose system cannot be told."""
    for row in joined.facts.rows:
        systems = joined.system_of(row)
        words = {"word": row.source_system or row.title}
        if len(systems) > 1:
            yield _on(Kind.NO_SYSTEM, "ambiguous_system", row, words, others=_ids(systems))
        elif row.kind == DATASET and not row.source_system:
            yield _on(Kind.NO_SYSTEM, "blank_system", row)
        elif row.source_system and not joined.systems.find(row.source_system):
            yield _on(Kind.NO_SYSTEM, "unknown_system", row, words, about=row.source_system)


def stale_endpoint(joined: Joined) -> Iterator[Finding]:
    """A service that its source no longer lists, or that the gateway has at another address."""
    listed = [row for row in joined.facts.of(SERVICE) if row.from_gateway]
    by_name = Index(listed)
    for service in joined.facts.of(SERVICE):
        if service.gone_since:
            day = f"{service.gone_since:%d/%m/%Y}"
            yield _on(Kind.STALE_ENDPOINT, "gone_endpoint", service, {"day": day})
        if not service.from_gateway:
            same = by_name.find(service.guid) or by_name.find(service.title)
            yield from _moved(service, same)


def wrong_access(joined: Joined) -> Iterator[Finding]:
    """Two records, or a record and the decision, give one dataset different classes of access."""
    rules = joined.facts.rules
    for dataset in joined.facts.of(DATASET):
        words = {"cls": dataset.publication_class}
        is_open = rules.openness.get(dataset.publication_class, 1) == 0
        if dataset.pii_class in rules.personal and is_open:
            yield _on(Kind.WRONG_ACCESS, "personal_open", dataset, words)
        if dataset.sharing_level == rules.open_level and _is_closed(joined, dataset):
            yield _on(Kind.WRONG_ACCESS, "open_but_closed", dataset, words)
        yield from _otherwise_decided(joined, dataset)
    for service in joined.facts.of(SERVICE):
        for dataset in joined.datasets_of(service):
            yield from _wider(joined, service, dataset)


def no_dictionary(joined: Joined) -> Iterator[Finding]:
    """A dataset with tables of which no column is an element of the data dictionary."""
    for dataset in joined.facts.of(DATASET):
        if dataset.undescribed:
            counts = {"bare": str(dataset.undescribed), "tables": str(dataset.tables)}
            yield _on(Kind.NO_DICTIONARY, "no_elements", dataset, counts)


RULES: tuple[Rule, ...] = (
    never_called, not_decided, no_system, stale_endpoint, wrong_access, no_dictionary,
)  # fmt: skip


# -- parts of rules -------------------------------------------------------------------------------


def _is_shared(joined: Joined, service: Row) -> bool:
    """Whether a service has been declared shared for as long as calls are waited for."""
    rules, last = joined.facts.rules, joined.facts.counted.last
    if last is None or (last - service.since).days + 1 < rules.quiet_days:
        return False
    levels = {dataset.sharing_level for dataset in joined.datasets_of(service)}
    return service.lgsp_status == rules.connected or rules.shared_level in levels


def _denied(joined: Joined, system: Row) -> Iterator[Finding]:
    """A system that says it is connected, while the gateway's list has it otherwise."""
    listed = [
        row
        for row in joined.services.find(system.title)
        if row.from_gateway and row.lgsp_status and joined.system_of(row) == [system]
    ]
    states = {row.lgsp_status for row in listed}
    if listed and joined.facts.rules.connected not in states:
        state = ", ".join(sorted(states))
        yield _on(Kind.NEVER_CALLED, "denied", system, {"state": state}, others=_ids(listed))


def _unclear(joined: Joined, service: Row) -> Iterator[Finding]:
    """Words of a service that could mean several datasets, and when it is called, none."""
    for word, rows in joined.served[service.id]:
        if len(rows) > 1:
            found = "ambiguous_dataset"
            yield _on(Kind.NOT_DECIDED, found, service, {"word": word}, others=_ids(rows))
        elif not rows and joined.count(service):
            yield _on(Kind.NOT_DECIDED, "unknown_dataset", service, {"word": word}, about=word)
    if not service.serves and joined.count(service):
        calls = str(joined.count(service))
        yield _on(Kind.NOT_DECIDED, "serves_nothing", service, {"calls": calls})


def _undecided(joined: Joined, service: Row) -> Iterator[Finding]:
    """Datasets of a called service that the edition in force of their catalogue does not name."""
    for dataset in joined.datasets_of(service):
        for catalogue in joined.facts.catalogues:
            belongs = catalogue.sharing_level == dataset.sharing_level
            if belongs and dataset.id not in catalogue.classes:
                words = _decision(catalogue) | {"calls": str(joined.count(service))}
                yield _on(
                    Kind.NOT_DECIDED, "unlisted", dataset, words,
                    others=(service.id,), about=catalogue.kind,
                )  # fmt: skip


def _moved(service: Row, listed: list[Row]) -> Iterator[Finding]:
    if len(listed) > 1:
        yield _on(Kind.STALE_ENDPOINT, "ambiguous_endpoint", service, others=_ids(listed))
    elif listed and _address(listed[0].endpoint) != _address(service.endpoint):
        yield _on(Kind.STALE_ENDPOINT, "moved_endpoint", service, others=_ids(listed))


def _address(endpoint: str) -> str:
    """An address as it is compared: the host in small letters, no slash at the end."""
    parts = urlsplit(endpoint)
    return parts._replace(netloc=parts.netloc.lower()).geturl().rstrip("/")


def _is_closed(joined: Joined, dataset: Row) -> bool:
    openness = joined.facts.rules.openness
    return openness.get(dataset.publication_class) == max(openness.values())


def _otherwise_decided(joined: Joined, dataset: Row) -> Iterator[Finding]:
    """The decision in force gives the dataset another class, or has it in another catalogue."""
    for catalogue in joined.facts.catalogues:
        decided = catalogue.classes.get(dataset.id)
        if decided is None:
            continue
        kind, about = Kind.WRONG_ACCESS, catalogue.kind
        if decided and decided != dataset.publication_class:
            differs = {"cls": dataset.publication_class, "decided": decided}
            words = _decision(catalogue) | differs
            yield _on(kind, "class_differs", dataset, words, about=about)
        if dataset.private:
            yield _on(kind, "decided_hidden", dataset, _decision(catalogue), about=about)
        if dataset.sharing_level != catalogue.sharing_level:
            words = _decision(catalogue) | {"level": dataset.sharing_level}
            yield _on(kind, "level_differs", dataset, words, about=about)


def _wider(joined: Joined, service: Row, dataset: Row) -> Iterator[Finding]:
    """A service that is open to more people than the dataset that it gives."""
    rank = joined.facts.rules.openness.get
    given, own = rank(service.publication_class), rank(dataset.publication_class)
    if given is not None and own is not None and given < own:
        words = {"cls": service.publication_class, "own": dataset.publication_class}
        yield _on(Kind.WRONG_ACCESS, "wider_service", service, words, others=(dataset.id,))


def _decision(catalogue: Catalogue) -> dict[str, str]:
    return {"catalogue": catalogue.kind, "decision": catalogue.decision}


def _span(facts: Facts) -> dict[str, str]:
    first, last = facts.counted.first, facts.counted.last
    return {"first": f"{first:%d/%m/%Y}", "last": f"{last:%d/%m/%Y}"} if first and last else {}


def _ids(rows: list[Row]) -> tuple[str, ...]:
    return tuple(sorted(row.id for row in rows))


def _on(
    kind: Kind, reason: str, subject: Row, words: Mapping[str, str] | None = None, *,
    others: tuple[str, ...] = (), about: str = "",
) -> Finding:  # fmt: skip
    return Finding(kind, reason, subject.owner, subject.id, others, about, words or {})
