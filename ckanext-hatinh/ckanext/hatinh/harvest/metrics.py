"""Figures of the harvest for a monitor, read from the database when they are asked for.

Only counts and times; names of sources are public (REQ-54), nothing else of them is told.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from ckan import model
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from ckanext.hatinh.harvest.health import Health, of_sources
from ckanext.hatinh.harvest.model.notice import HarvestNotice
from ckanext.hatinh.harvest.model.outbox import HarvestOutbox, refusal
from ckanext.hatinh.harvest.model.run import HarvestRun
from ckanext.hatinh.harvest.model.source import live_sources
from harvesters.plan import OUTCOMES

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition() -> bytes:
    """All figures in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Harvest())
    return generate_latest(registry)


class _Harvest(Collector):
    """Collects anew at each reading, so that every process of the portal tells the same."""

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Every figure."""
        states = of_sources({source.name: source.next_run for source in live_sources()})
        yield from _sources(states)
        yield _records(states)
        yield _runs()
        yield _gauge(
            "hatinh_harvest_outbox", "Search documents that are stale", _count(HarvestOutbox)
        )
        refused = refusal()
        since = (datetime.now(UTC) - refused.since).total_seconds() if refused else 0
        words = "Seconds since the search index takes no document; 0 while it does"
        yield _gauge("hatinh_harvest_index_refused_seconds", words, since)
        unsent = sa.select(sa.func.count()).where(HarvestNotice.mailed.is_(None))
        found = model.Session.scalar(unsent.select_from(HarvestNotice))
        yield _gauge("hatinh_harvest_notices_unsent", "Notices not mailed yet", found)


def _sources(states: dict[str, Health]) -> Iterator[Metric]:
    age = _by_source("hatinh_harvest_age_seconds", "Seconds since the last success")
    streak = _by_source("hatinh_harvest_failures", "Failures since the last success")
    duration = _by_source("hatinh_harvest_duration_seconds", "Seconds that the last run took")
    failing = _by_source("hatinh_harvest_failing", "1 when the last run failed")
    for name, health in states.items():
        if health.age is not None:
            age.add_metric([name], health.age)
        if health.duration is not None:
            duration.add_metric([name], health.duration)
        streak.add_metric([name], health.streak)
        failing.add_metric([name], float(health.state == "failing"))
    yield from (age, streak, duration, failing)


def _records(states: dict[str, Health]) -> Metric:
    words = "Records of the last run by what became of them"
    family = GaugeMetricFamily("hatinh_harvest_records", words, labels=["source", "outcome"])
    for name, health in states.items():
        counts = health.last.counts if health.last else {}
        for outcome in OUTCOMES if counts else ():
            family.add_metric([name, outcome], counts.get(outcome, 0))
    return family


def _runs() -> Metric:
    family = GaugeMetricFamily("hatinh_harvest_runs", "Runs by state", labels=["state"])
    query = sa.select(HarvestRun.state, sa.func.count()).group_by(HarvestRun.state)
    for state, count in model.Session.execute(query):
        family.add_metric([state], count)
    return family


def _by_source(name: str, words: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, labels=["source"])


def _gauge(name: str, words: str, value: float | None) -> Metric:
    return GaugeMetricFamily(name, words, value=value or 0)


def _count(table: type[HarvestOutbox]) -> int | None:
    return model.Session.scalar(sa.select(sa.func.count()).select_from(table))
