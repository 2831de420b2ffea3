"""``ckan hatinh register``: reconcile, and bring in the gateway's counts."""

from pathlib import Path

import click
from ckan import model as core

from ckanext.hatinh.register import model, reconciling
from ckanext.hatinh.shared.refusals import in_words
from ckanext.hatinh.shared.vocabulary import problem_texts, today
from hatinh.messages import locate
from hatinh.register import read_calls


@click.group("register")
def register() -> None:
    """Systems, datasets and services, and whether they fit together."""


@register.command("reconcile")
def reconcile() -> None:
    """Look for mismatches now, and say what changed since the last time."""
    changed = reconciling.run()
    click.echo(f"{changed.open} open, {changed.opened} of them new; {changed.closed} closed")


@register.command("calls")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="lgsp", show_default=True, help="The gateway that counted.")
def calls(file: Path, source: str) -> None:
    """Bring in counts of calls from a CSV FILE (Dịch vụ, Ngày, Số lượt gọi), all or nothing."""
    counts, problems = read_calls(file.read_bytes(), today())
    for problem in problems:
        words = in_words(problem)
        place = locate(problem.path, "vi", problem_texts())
        click.echo(f"{place}: {words['title']}. {words['mend']}", err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} faults; nothing was brought in")
    kept = model.keep_calls(counts, source)
    core.Session.commit()
    click.echo(f"{kept} counts of {len({found.service for found in counts})} services")
