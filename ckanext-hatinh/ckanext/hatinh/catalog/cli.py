"""``ckan hatinh load`` and ``ckan hatinh catalog``: data files in, the dump out."""

import ckan.plugins.toolkit as tk
import click

from ckanext.hatinh.catalog import dump, refreshing
from ckanext.hatinh.catalog.load import load_all


@click.command("load")
def load() -> None:
    """Load organisations and themes; a second load changes nothing."""
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    for name, loaded in load_all(user).items():
        click.echo(
            f"{name}: {loaded.created} created, {loaded.updated} updated, "
            f"{loaded.unchanged} unchanged"
        )


@click.group("catalog")
def catalog() -> None:
    """The catalogue for machines."""


@catalog.command("build")
def build() -> None:
    """Write the dump of the whole catalogue, unless it is up to date."""
    newest = dump.build()
    click.echo(f"dump {newest.state}: {newest.datasets} datasets, {newest.services} services")


@catalog.command("check")
def check() -> None:
    """Say how many records the dump does not tell of as they are now; 1 when there are any."""
    late = refreshing.late()
    click.echo(f"{late} records are not in the dump as they are now")
    if late:
        raise SystemExit(1)
