"""Visits the addresses of files that lie elsewhere, and has their records scored by what it finds.

At most one address of a host in a turn; one that was often there is asked rarely, one that is away
sooner, and a host in trouble is left alone, longer each time. An address is dead when it was away
several times in a row; nothing but the score follows from that.
"""

from ckan import model

from ckanext.hatinh.harvest import config
from ckanext.hatinh.harvest.model.link import (
    Due,
    claim_links,
    clear_host,
    note_links,
    note_visit,
    rest_host,
    troubles,
)
from ckanext.hatinh.shared import findings
from harvesters.http import Client
from harvesters.links import LIMITS, PATIENCE, Standing, Visit, rest, until_next, visit
from harvesters.pipeline import AWAY
from hatinh.problem import warning
from hatinh.quality import FileEvidence
from hatinh.tabular import is_tabular

EVERY = 60.0
"""Seconds between two turns, and so between two questions to one host."""

AT_ONCE = 20
"""Addresses of a turn."""

DEAD = "dead"


def turn() -> int:
    """Visit some addresses where the portal is set to do so; gives how many."""
    return look_after(Client(limits=LIMITS)) if config.checks_links() else 0


def look_after(client: Client) -> int:
    """Visit addresses that are due, and keep what was found."""
    note_links()
    due = claim_links(AT_ONCE)
    for one in due:
        _keep(one, visit(client, one.url))
        model.Session.commit()
    return len(due)


def _keep(due: Due, found: Visit) -> None:
    there = due.there + 1 if found.standing is Standing.THERE else 0
    away = due.away + 1 if found.standing is Standing.AWAY else 0
    told = _told(due, found, away)
    if told != due.told:
        findings.keep(due.resource_id, _evidence(due, found, dead=told == DEAD))
    later = until_next(found, there, away)
    note_visit(due, later, there=there, away=away, told=told)
    if found.trouble:
        times = troubles(due.host) + 1
        rest_host(due.host, times, rest(times))
    elif found.standing is Standing.THERE:
        clear_host(due.host)


def _told(due: Due, found: Visit, away: int) -> str:
    """The verdict; a single bad day changes nothing."""
    if found.standing is Standing.THERE:
        return Standing.THERE.value
    return DEAD if away >= PATIENCE else due.told


def _evidence(due: Due, found: Visit, *, dead: bool) -> FileEvidence:
    """That it can be had or not. Whether a table can be read is another question."""
    if not dead:
        return FileEvidence(due.format, None if is_tabular(due.format) else True)
    problem = warning(AWAY, "$.url", due.url, why=found.why)
    return FileEvidence(due.format, False, problems=(problem,))
