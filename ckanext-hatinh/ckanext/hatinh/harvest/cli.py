"""``ckan hatinh harvest``: run sources, list them, show what was wrong."""

import sys
from collections.abc import Iterable, Sequence

import click

from ckanext.hatinh.harvest import config
from ckanext.hatinh.harvest.indexing import drain
from ckanext.hatinh.harvest.logic.action import run_by_name
from ckanext.hatinh.harvest.model.outcome import outcomes
from ckanext.hatinh.harvest.model.run import OUTCOMES, RunState, latest_runs
from ckanext.hatinh.harvest.runner import RunResult
from ckanext.hatinh.shared.vocabulary import problem_texts
from hatinh.errors import HatinhError
from hatinh.messages import describe
from hatinh.problem import Problem


@click.group()
def harvest() -> None:
    """Run the sources and read the account of their runs."""


@harvest.command("list")
def list_sources() -> None:
    """Show the configured sources and how their latest run ended."""
    latest = latest_runs()
    for source in _sources().values():
        run = latest.get(source.name)
        state = f"{run.state} {run.started:%Y-%m-%d %H:%M}" if run else "-"
        click.echo(f"{source.name:<32} {source.kind:<10} {state}")


@harvest.command("run")
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Run every configured source.")
def run(names: Sequence[str], everything: bool) -> None:
    """Run the named sources, or --all, and print what became of their records."""
    chosen = list(_sources()) if everything else list(names)
    if unknown := set(chosen) - set(_sources()):
        raise click.UsageError(f"No such source: {', '.join(sorted(unknown))}")
    if not chosen:
        raise click.UsageError("Name the sources to run, or say --all.")
    results = []
    for name in chosen:
        results.append(run_by_name(name))
        _print_rows([_row(results[-1])] if len(results) > 1 else [_header(), _row(results[-1])])
    if any(result.state is RunState.FAILED for result in results):
        sys.exit(1)


@harvest.command("problems")
@click.argument("source")
@click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", help="Language of the texts."
)
def problems(source: str, lang: str) -> None:
    """Show every problem of a source's latest run: record, code, path, value, and the mend."""
    found = latest_runs().get(source)
    if found is None:
        raise click.UsageError(f"{source} has never been run.")
    for outcome in outcomes(found.id):
        for stored in outcome.problems:
            problem = Problem.from_dict(stored)
            title, mend = describe(problem, lang, problem_texts())
            click.echo(f"{outcome.action:<9} {outcome.guid}  {problem.code}  {problem.path}")
            click.echo(f"          {title}. {mend}")


@harvest.command("index")
def index() -> None:
    """Index what the outbox holds (a run does so by itself)."""
    click.echo(f"{drain()} documents indexed")


def _sources() -> dict[str, config.SourceConfig]:
    try:
        return config.sources()
    except HatinhError as err:
        raise click.ClickException(str(err)) from err


def _header() -> tuple[str, ...]:
    return ("source", *OUTCOMES)


def _row(result: RunResult) -> tuple[str, ...]:
    counts = (str(result.counts.get(name, 0)) for name in OUTCOMES)
    failure = (str((result.error or {}).get("text") or (result.error or {}).get("code") or ""),)
    return (result.source, *counts, *failure)


def _print_rows(rows: Iterable[tuple[str, ...]]) -> None:
    for name, *cells in rows:
        click.echo(f"{name:<32}" + "".join(f"{cell:>11}" for cell in cells))
