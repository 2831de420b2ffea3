"""``ckan hatinh quality``: score records again."""

from datetime import date, datetime

import click

from ckanext.hatinh.quality import model, rescoring
from ckanext.hatinh.shared.vocabulary import today


@click.group("quality")
def quality() -> None:
    """Scores of the records."""


@quality.command("rescore")
@click.option(
    "--all", "every", is_flag=True, help="Score every record, not only those that are due."
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Score as of this day: not after today, and not before the newest score.",
)
def rescore(every: bool, day: datetime | None) -> None:
    """Score what changed, what a new day or a new formula moves, and bring the index up to date."""
    on = _day(day)
    rescoring.sweep(on, every=every)
    done = rescoring.work_off(day=on)
    while rescoring.tell_index(rescoring.INDEXED):
        pass
    click.echo(f"{done} records scored as of {on.isoformat()}")


def _day(given: datetime | None) -> date:
    """The day that was asked for. Raises where its scores would not be the newest."""
    now = today()
    if given is None:
        return now
    newest = model.newest_day()
    if given.date() > now:
        raise click.UsageError("That day has not come yet")
    if newest and given.date() < newest:
        raise click.UsageError(f"There are scores of {newest.isoformat()} already")
    return given.date()
