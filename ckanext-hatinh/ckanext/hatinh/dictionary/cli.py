"""``ckan hatinh dictionary``: the editions in the database."""

import click

from ckanext.hatinh.dictionary import editions


@click.group("dictionary")
def dictionary() -> None:
    """Editions of the data dictionary."""


@dictionary.command("load")
def load() -> None:
    """Store the first edition, which is shipped in schemas/; what is equal is left alone."""
    click.echo(f"dictionary: edition {editions.shipped().number} {editions.load_first()}")


@dictionary.command("list")
def show_list() -> None:
    """Show all editions, the newest first; the current one is marked."""
    current = editions.current().number
    for head in editions.heads():
        mark = "*" if head.number == current else " "
        click.echo(f"{mark} {head.number:8} {head.state:10} {head.date} {head.decision}")
