"""``ckan hatinh data``: tables from files on the command line, for the operator."""

import os
import sys
from collections.abc import Sequence

import ckan.plugins.toolkit as tk
import click
from ckan import model as core
from ckan.types import Context

from ckanext.hatinh.datastore import database, files, queue
from ckanext.hatinh.datastore.model import ENDED, State, newest
from ckanext.hatinh.datastore.sweeping import sweep
from ckanext.hatinh.datastore.worker import PAUSE, Shutdown, take_one, work
from ckanext.hatinh.shared.workers import this_worker

NICENESS = 10
"""A worker gives way to the web."""


@click.group()
def data() -> None:
    """Tables from files: load them, and see how they were loaded."""


@data.command("worker")
def run_worker() -> None:
    """Load files as they come, and do what else is due, until stopped."""
    os.nice(NICENESS)
    shutdown = Shutdown()
    shutdown.listen()
    work(shutdown)


@data.command("prepare")
def prepare() -> None:
    """Set the DataStore up to search Vietnamese words with and without their marks."""
    database.prepare()


@data.command("sweep")
def run_sweep() -> None:
    """Ask for a load of every file that is not loaded as it is now."""
    click.echo(f"{sweep()} files wait for their load")


@data.command("load")
@click.argument("resource_ids", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Load what is not loaded as it is now.")
@click.option("--force", is_flag=True, help="Load the named files also when nothing changed.")
def load(resource_ids: Sequence[str], everything: bool, force: bool) -> None:
    """Load files here and now, beside the worker, and say what became of them."""
    if not resource_ids and not everything:
        raise click.UsageError("Name resources, or say --all.")
    chosen = _asked(resource_ids, force=force) if resource_ids else _due()
    shutdown = Shutdown()
    shutdown.listen()
    while not shutdown.asked.is_set() and not all(_is_over(name) for name in chosen):
        if not take_one(this_worker(), shutdown, chosen):
            shutdown.asked.wait(PAUSE)
    found = [load for name in chosen if (load := newest(name))]
    for load_ in found:
        reason = load_.reason["code"] if load_.reason else ""
        click.echo(f"{load_.resource_id}  {load_.state:<10} {load_.kept or 0:>9} {reason}")
    if any(load_.state != State.DONE for load_ in found):
        sys.exit(1)


@data.command("status")
@click.option("--state", default="", help="Only loads in this state.")
@click.option("--limit", default=50, show_default=True, help="How many files.")
def status(state: str, limit: int) -> None:
    """Show the newest load of each file, the newest first."""
    account = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    asked = {"state": state, "limit": limit}
    for found in tk.get_action("hatinh_load_list")(Context(user=account), asked):
        rows = "" if found["kept"] is None else f"{found['kept']} of {found['rows']}"
        reason = found["reason"]["title"] if found["reason"] else ""
        click.echo(f"{found['resource_id']}  {found['state']:<10} {rows:<20} {reason}")


def _asked(resource_ids: Sequence[str], *, force: bool) -> list[str]:
    found = {name: file for name in resource_ids for file in files.wanted(name)}
    if unknown := [name for name in resource_ids if name not in found]:
        raise click.UsageError(f"No table on this portal: {', '.join(unknown)}")
    for name, file in found.items():
        if force or file.is_due:
            queue.enqueue(name, file.signature)
    return list(found)


def _due() -> list[str]:
    sweep()
    return [file.id for file in files.wanted() if file.state not in ENDED]


def _is_over(resource_id: str) -> bool:
    found = newest(resource_id)
    over = found is not None and found.state in ENDED
    core.Session.rollback()
    return over
