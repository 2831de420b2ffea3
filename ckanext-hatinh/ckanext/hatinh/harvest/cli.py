"""``ckan hatinh harvest``: the harvest on the command line, for the operator."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from itertools import islice
from typing import ParamSpec

import ckan.plugins.toolkit as tk
import click
from ckan.lib.search import SearchIndexError

from ckanext.hatinh.harvest import config, problems, queue, shown, sources, worker
from ckanext.hatinh.harvest.account import harvester
from ckanext.hatinh.harvest.engine import Engine
from ckanext.hatinh.harvest.indexing import drain
from ckanext.hatinh.harvest.model.run import (
    HarvestRun,
    RunState,
    latest_runs,
    run_by_id,
    runs,
)
from ckanext.hatinh.harvest.model.source import live_sources
from ckanext.hatinh.harvest.watch import Shutdown
from ckanext.hatinh.shared.vocabulary import problem_texts
from harvesters.plan import OUTCOMES
from hatinh.errors import HatinhError
from hatinh.messages import describe
from hatinh.problem import Problem

NICENESS = 10
"""A worker gives way to the web: whoever searches waits, whoever harvests need not hurry."""

Given = ParamSpec("Given")


def _in_words(command: Callable[Given, None]) -> Callable[Given, None]:
    """What people can mend is said in one line, never as a traceback."""

    @wraps(command)
    def wrapped(*args: Given.args, **options: Given.kwargs) -> None:
        try:
            command(*args, **options)
        except (HatinhError, SearchIndexError, tk.ObjectNotFound) as err:
            raise click.ClickException(str(err)) from err

    return wrapped


@click.group()
def harvest() -> None:
    """Run the sources and read the account of their runs."""


@harvest.command("worker")
@click.option("--once", is_flag=True, help="End when nothing is left to do.")
@_in_words
def work(once: bool) -> None:
    """Work on the queue of runs until stopped; SIGTERM hands an unfinished run to others."""
    os.nice(NICENESS)
    shutdown = Shutdown()
    shutdown.listen()
    worker.work(Engine(shutdown), once=once)


@harvest.command("sources")
@_in_words
def list_sources() -> None:
    """Take over the file of sources, and show them all with their latest runs."""
    sources.synchronise(config.sources().values())
    latest = latest_runs()
    for source in live_sources():
        run = latest.get(source.name)
        state = f"{run.state} {run.queued:%Y-%m-%d %H:%M}" if run else "-"
        click.echo(f"{source.name:<32} {source.kind:<16} {source.schedule or '-':<14} {state}")
    if refused := shown.index_refusal():
        click.echo(f"{refused['reason']['vi']}. {refused['mend']['vi']}\n{refused['value']}")


@harvest.command("run")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Run every active source.")
@click.option("--full", is_flag=True, help="Read and judge everything anew, changed or not.")
@_in_words
def run(names: Sequence[str], everything: bool, full: bool) -> None:
    """Run the named sources, or --all, and print what became of their records.

    The runs go through the queue: workers that are up help, and a source that is already being
    worked on is waited for.
    """
    sources.synchronise(config.sources().values())
    known = [source.name for source in live_sources() if source.active or not everything]
    if unknown := set(names) - set(known):
        raise click.UsageError(f"No such source: {', '.join(sorted(unknown))}")
    chosen = known if everything else list(names)
    if not chosen:
        raise click.UsageError("Name the sources to run, or say --all.")
    _check_secrets(chosen)
    shutdown = Shutdown()
    shutdown.listen()
    run_ids = [queue.enqueue(name, "command", harvester(), full=full) for name in chosen]
    worker.help_until_done(Engine(shutdown), run_ids)
    found = [run_by_id(run_id) for run_id in run_ids]
    _print_rows([_header(), *(_row(run) for run in found if run)])
    if any(run is None or run.state != RunState.COMPLETE for run in found):
        sys.exit(1)


@harvest.command("list")
@click.argument("source", required=False)
@click.option("--limit", default=20, show_default=True, help="How many runs.")
def list_runs(source: str | None, limit: int) -> None:
    """Show the newest runs, of one source or of all, with their ids."""
    for found in runs(source, limit):
        counts = " ".join(f"{name}={n}" for name in OUTCOMES if (n := found.counts.get(name)))
        click.echo(f"{found.id}  {found.queued:%Y-%m-%d %H:%M}  {found.source:<28} "
                   f"{found.state:<12} {counts}")  # fmt: skip
        for reason in found.guard if found.state == RunState.WAITING else ():
            click.echo(f"{'':<38}waits: {_why(reason)}")


@harvest.command("problems")
@click.argument("source")
@click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", help="Language of the texts."
)
@click.option("--limit", default=200, show_default=True, help="How many problems.")
def list_problems(source: str, lang: str, limit: int) -> None:
    """Show the problems of a source's latest run: record, code, path, value, and the mend."""
    found = latest_runs().get(source)
    if found is None:
        raise click.UsageError(f"{source} has never been run.")
    told = problems.told(found.id)
    for _, guid, action, stored in islice(told, limit):
        problem = Problem.from_dict(stored)
        title, mend = describe(problem, lang, problem_texts())
        click.echo(f"{action:<9} {guid}  {problem.code}  {problem.path}")
        click.echo(f"          {title}. {mend}")
    if more := sum(1 for _ in told):
        click.echo(f"… {more} more; --limit shows them, and so does the page of run {found.id}")


@harvest.command("approve")
@click.argument("run_id")
@click.option("--without-removals", is_flag=True, help="Keep what the source no longer gives.")
@_in_words
def approve(run_id: str, without_removals: bool) -> None:
    """Let a run that waits go on, and do it."""
    queue.approve(run_id, harvester(), without_removals=without_removals)
    _finish(run_id)


@harvest.command("cancel")
@click.argument("run_id")
@_in_words
def cancel(run_id: str) -> None:
    """Stop a run: at once while it waits, else after the batch that is being written."""
    queue.cancel(run_id)


@harvest.command("rollback")
@click.argument("run_id")
@_in_words
def rollback(run_id: str) -> None:
    """Make every dataset that a run wrote exactly what it was before."""
    queue.rollback(run_id, harvester())
    _finish(run_id)


@harvest.command("index")
@_in_words
def index() -> None:
    """Index what the outbox holds (workers do so by themselves)."""
    click.echo(f"{drain()} documents indexed")


def _why(reason: dict[str, object]) -> str:
    """A reason of the guard in words."""
    params = {name: str(value) for name, value in reason.items() if name != "code"}
    title, mend = describe(Problem(str(reason["code"]), "$", params=params), "vi", problem_texts())
    return f"{title}. {mend}"


def _check_secrets(names: Iterable[str]) -> None:
    """This command works on runs itself, so it needs what the worker has in its environment."""
    given = config.sources()
    unset = {name: given[name].unset for name in names if name in given and given[name].unset}
    for name, variables in unset.items():
        click.echo(f"{name}: {', '.join(variables)} is not set here", err=True)
    if unset:
        raise click.ClickException(
            "Set these variables, or start the sources on their pages: the worker has its own."
        )


def _finish(run_id: str) -> None:
    shutdown = Shutdown()
    shutdown.listen()
    worker.help_until_done(Engine(shutdown), [run_id])
    found = run_by_id(run_id)
    if found:
        _print_rows([_header(), _row(found)])


def _header() -> tuple[str, ...]:
    return ("source", *OUTCOMES)


def _row(found: HarvestRun) -> tuple[str, ...]:
    counts = (str(found.counts.get(name, 0)) for name in OUTCOMES)
    return (found.source, *counts, _remark(found))


def _remark(found: HarvestRun) -> str:
    """Why a run is not complete."""
    if found.error:
        return "  " + str(found.error.get("text") or found.error.get("code"))
    return "" if found.state == RunState.COMPLETE else f"  {found.state} {found.id}"


def _print_rows(rows: Iterable[tuple[str, ...]]) -> None:
    for name, *cells in rows:
        *counts, remark = cells if len(cells) > len(OUTCOMES) else (*cells, "")
        click.echo(f"{name:<32}" + "".join(f"{cell:>11}" for cell in counts) + remark)
