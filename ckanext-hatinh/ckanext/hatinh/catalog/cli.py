"""``ckan hatinh load``: organisations and themes from the portal's data files."""

import ckan.plugins.toolkit as tk
import click

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
