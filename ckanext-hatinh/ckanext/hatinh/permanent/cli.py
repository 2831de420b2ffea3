"""``ckan hatinh permanent``: what nobody can do by a page or by the API."""

import ckan.plugins.toolkit as tk
import click
from ckan import model as core
from ckan.types import Context

from ckanext.hatinh.permanent.withdrawing import has_address


@click.group("permanent")
def permanent() -> None:
    """Addresses that last."""


@permanent.command("purge")
@click.argument("name")
@click.option("--i-mean-it", "sure", is_flag=True, help="Purge it although it was public.")
def purge(name: str, *, sure: bool) -> None:
    """Purge a record with all its content; the tombstone of one that was public stays."""
    package = core.Package.get(name)
    if package is None:
        raise click.ClickException(f"there is no record {name}")
    if has_address(package) and not sure:
        raise click.ClickException(f"{package.name} was public; say --i-mean-it to purge it")
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    tk.get_action("dataset_purge")(Context(user=user, ignore_auth=True), {"id": package.id})
    click.echo(f"{package.name} is purged")
