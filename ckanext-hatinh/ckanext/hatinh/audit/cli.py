"""``ckan hatinh audit``: who audits, and whether the log of what they read is whole."""

from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan.types import Context

from ckanext.hatinh.audit import log, use


@click.group("audit")
def audit() -> None:
    """Auditors, what they read, and use."""


@audit.command("appoint")
@click.argument("account")
@click.option("--decision", required=True, help="Number and day of the paper that says so.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day, YYYY-MM-DD.")
def appoint(account: str, decision: str, until: datetime | None) -> None:
    """Make ACCOUNT an auditor from now on."""
    last = until.date().isoformat() if until else ""
    made = _do("hatinh_auditor_appoint", id=account, decision=decision, until=last)
    click.echo(f"{made['account']} is an auditor until {made['until'] or 'dismissed'}")


@audit.command("dismiss")
@click.argument("account")
def dismiss(account: str) -> None:
    """End the role of ACCOUNT now."""
    ended = _do("hatinh_auditor_dismiss", id=account)
    click.echo(f"{ended['account']} is no auditor any more")


@audit.command("list")
def list_() -> None:
    """Show every appointment, the latest first."""
    for role in _do("hatinh_auditor_list"):
        state = "auditor" if role["active"] else "over"
        click.echo(f"{role['account']}\t{state}\t{role['since']}\t{role['decision']}")


@audit.command("verify")
@click.option("--head", default="", help="A hash that was noted before: it must be in the log.")
def verify(head: str) -> None:
    """Check the log of what auditors read; the last hash is to be noted outside the portal."""
    found = log.verify(head)
    if found.broken is not None:
        raise click.ClickException(f"line {found.broken} is not as it was written")
    if not found.held:
        raise click.ClickException(f"the noted hash is not among the {found.lines} lines")
    click.echo(f"{found.lines} lines are as they were written; the last hash:")
    click.echo(found.head or "-")


@audit.command("use")
def write_use() -> None:
    """Write down now what was counted; the data worker does so every minute."""
    click.echo(f"{use.write_down()} uses written down")


def _do(action: str, **given: Any) -> Any:
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
    try:
        return tk.get_action(action)(Context(user=user, ignore_auth=True), given)
    except (tk.ObjectNotFound, tk.ValidationError) as err:
        raise click.ClickException(str(err)) from err
