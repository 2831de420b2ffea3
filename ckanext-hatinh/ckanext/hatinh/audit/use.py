"""Use is counted in Valkey while pages are served, and written down by the data worker.

Nothing of it waits: one command to Valkey after the answer is made, none while Valkey is away.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model as core
from ckan.lib.redis import connect_to_redis
from ckan.types import Response
from flask import request
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry
from sqlalchemy.dialects.postgresql import insert

import schemas
from ckanext.hatinh.audit.model import UseBatch, UseDay
from ckanext.hatinh.shared.vocabulary import today
from hatinh.audit.use import KINDS, Counting, Use, load_counting, read_counters

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two times that counts are written down: what a lost Valkey takes with it."""
PATIENCE = 0.1
"""Seconds that an answer waits for Valkey at most."""
PAUSE = 5.0
"""Seconds in which Valkey is not asked again once it did not answer."""
KEPT = timedelta(days=7)
"""How long it is remembered which counters were written down."""

BATCH = "batch"
"""The field that tells the counters that are being written down from the next ones."""
_FORGET = "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end"


@dataclass
class Counter:
    """Counts in one Valkey."""

    valkey: Redis
    key: str
    clock: Callable[[], float] = time.monotonic
    away_until: float | None = field(default=None)

    @classmethod
    def at(cls, url: str, site: str, clock: Callable[[], float] = time.monotonic) -> "Counter":
        """The counter of a site in the Valkey at an address."""
        retry = Retry(NoBackoff(), 0)
        valkey = Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=retry
        )
        return cls(valkey, counters_of(site), clock)

    def count(self, use: Use) -> None:
        """Count one use; not while Valkey does not answer, which is told once."""
        if self.away_until is not None and self.clock() < self.away_until:
            return
        try:
            self.valkey.hincrby(self.key, use.key, use.count)
        except RedisError as err:
            if self.away_until is None:
                log.warning("Valkey is away (%s): use is not counted meanwhile", err)
            self.away_until = self.clock() + PAUSE
            return
        self.away_until = None


def note(response: Response) -> Response:
    """Count the request at hand, if it is a use of a dataset by a person or a program."""
    kind, subject = _used(response)
    if kind and subject and not _is_left_out():
        counter = _counter(tk.config["ckan.redis.url"], tk.config["ckan.site_id"])
        counter.count(Use(today(), kind, subject))
    return response


def write_down() -> int:
    """Add what was counted to the table and commit; gives how many uses those were.

    Counters are set aside under a number first. A run that is cut off is taken up by the next one,
    which knows by the number whether they were added already.
    """
    valkey, counters = connect_to_redis(), counters_of(tk.config["ckan.site_id"])
    aside = f"{counters}:aside"
    with suppress(ResponseError):  # nobody has used anything since
        valkey.renamenx(counters, aside)
    if not valkey.exists(aside):
        return 0
    valkey.hsetnx(aside, BATCH, str(uuid.uuid4()))
    held = {_text(name): _text(value) for name, value in _all(valkey, aside).items()}
    batch = held.pop(BATCH)
    written = _add(batch, list(read_counters(held)))
    core.Session.commit()
    _forget(valkey, aside, batch)
    return written


def duty() -> None:
    """Write down what was counted, as the data worker does; later while Valkey is away."""
    try:
        write_down()
    except RedisError as err:
        core.Session.rollback()
        log.warning("Valkey is away (%s): counts of use are written down later", err)


def shown(package_id: str, since: date, until: date) -> list[dict[str, Any]]:
    """The days on which a dataset was used, the earliest first."""
    query = (
        sa.select(UseDay)
        .where(UseDay.package_id == package_id, UseDay.day.between(since, until))
        .order_by(UseDay.day)
    )
    return [
        {"day": row.day.isoformat(), **{kind: getattr(row, kind) for kind in KINDS}}
        for row in core.Session.scalars(query)
    ]


def counters_of(site: str) -> str:
    """The name of a site's counters in Valkey."""
    return f"ckan:{site}:use"


@lru_cache(maxsize=1)
def _counting() -> Counting:
    return load_counting(schemas.ROOT)


@lru_cache(maxsize=1)
def _counter(url: str, site: str) -> Counter:
    return Counter.at(url, site)


def _used(response: Response) -> tuple[str, str]:
    """The kind of use that an answer is, and of what; two blanks for none."""
    given, page = request.view_args or {}, request.endpoint or ""
    if page == "api.action":
        kind = _counting().actions.get(given.get("logic_function", ""), "")
        if not kind or response.status_code != 200:
            return "", ""
        asked = request.get_json(silent=True) if request.method == "POST" else request.args
        named = asked.get("resource_id") or asked.get("id") if isinstance(asked, Mapping) else ""
        return kind, str(named or "")
    kind = _counting().kind_of_page(page, str(given.get("form", "")))
    fits = (200, 302) if kind == "downloads" else (200,)
    if request.method != "GET" or response.status_code not in fits:
        return "", ""
    return kind, str(given.get("resource_id") or given.get("id") or "")


def _is_left_out() -> bool:
    """Robots, and browsers that fetch a page before anybody wants to see it."""
    ahead = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return "prefetch" in ahead or _counting().is_robot(request.headers.get("User-Agent", ""))


def _add(batch: str, uses: list[Use]) -> int:
    """Add counters to the table unless they were; gives how many uses were added."""
    now = datetime.now(UTC)
    fresh = insert(UseBatch).values(id=batch, at=now).on_conflict_do_nothing()
    if core.Session.scalar(fresh.returning(UseBatch.id)) is None:
        return 0
    core.Session.execute(sa.delete(UseBatch).where(UseBatch.at < now - KEPT))
    rows = _by_day(uses, _datasets({use.subject for use in uses}))
    if rows:
        adding = insert(UseDay).values(rows)
        summed = {kind: getattr(UseDay, kind) + adding.excluded[kind] for kind in KINDS}
        keys = ["package_id", "day"]
        core.Session.execute(adding.on_conflict_do_update(index_elements=keys, set_=summed))
    return sum(row[kind] for row in rows for kind in KINDS)


def _by_day(uses: Iterable[Use], datasets: Mapping[str, str]) -> list[dict[str, Any]]:
    found: dict[tuple[str, date], dict[str, Any]] = {}
    for use in uses:
        if (package := datasets.get(use.subject)) is not None:
            blank = {"package_id": package, "day": use.day, **dict.fromkeys(KINDS, 0)}
            found.setdefault((package, use.day), blank)[use.kind] += use.count
    return list(found.values())


def _datasets(subjects: set[str]) -> dict[str, str]:
    """The id of the dataset by its id, by its name and by the ids of its files."""
    package, file = core.Package, core.Resource
    named = sa.select(package.id, package.name).where(
        sa.or_(package.id.in_(subjects), package.name.in_(subjects))
    )
    files = (
        sa.select(file.id, package.id)
        .join(package, package.id == file.package_id)
        .where(file.id.in_(subjects))
    )
    found: dict[str, str] = dict(core.Session.execute(files).tuples().all())
    for id_, name in core.Session.execute(named):
        found |= {id_: id_, name: id_}
    return found


def _forget(valkey: Any, aside: str, batch: str) -> None:
    """Drop the counters that were added, and not others that were set aside since."""
    valkey.eval(_FORGET, 1, aside, BATCH, batch)


def _all(valkey: Any, key: str) -> dict[Any, Any]:
    return valkey.hgetall(key)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
