"""``ckan hatinh campaign`` and ``ckan hatinh verify``: keys, snapshots, packs and their proof."""

from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan.types import Context

from ckanext.hatinh.campaign import campaigns, keys, reminding, snapshots
from hatinh.pack import verifier


@click.group("campaign")
def campaign() -> None:
    """Inventory campaigns."""


@campaign.command("key")
def key() -> None:
    """Print a new secret for ckanext.hatinh.campaign.signing_key; nothing keeps it here."""
    click.echo(keys.new_secret())


@campaign.command("public-key")
def public_key() -> None:
    """Print the public key of this portal's audit packs."""
    found = keys.public_key()
    if not found:
        raise click.ClickException("ckanext.hatinh.campaign.signing_key is not set")
    click.echo(found)


@campaign.command("freeze")
@click.argument("number", type=int)
@click.option("--user", required=True, help="Account in whose name it is frozen.")
@click.option("--note", default="", help="A note on the step.")
def freeze(number: int, user: str, note: str) -> None:
    """Take the snapshot of an open campaign, for ever."""
    found = _call("hatinh_campaign_freeze", user, number=number, note=note)
    click.echo(f"campaign {number} is frozen: {found['hash']}")


@campaign.command("pack")
@click.argument("number", type=int)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--organization", default="", help="Pack only what one office has.")
def pack(number: int, file: Path, organization: str) -> None:
    """Write the audit pack of a frozen campaign to a FILE."""
    try:
        body = snapshots.pack(campaigns.get(number), organization)
    except (tk.ObjectNotFound, tk.ValidationError) as err:
        raise click.ClickException(_words(err)) from err
    with file.open("wb") as out:
        out.writelines(body)
    click.echo(f"{file}: {file.stat().st_size} bytes")


@campaign.command("remind")
def remind() -> None:
    """Send the reminders that are due now, as the data worker does each hour."""
    click.echo(f"{reminding.send()} letters")


@click.command("verify")
@click.argument("file", metavar="PACK", type=click.Path(exists=True, dir_okay=False))
@click.option("--key", "public", default="", help="Public key; without it, this portal's own.")
def verify(file: str, public: str) -> None:
    """Check an audit PACK: bytes, hashes, signature, and each figure worked out again."""
    told = public or keys.public_key()
    words = [file, *(["--key", told] if told else [])]
    raise SystemExit(verifier.main(words))


def _call(action: str, user: str, **given: Any) -> Any:
    try:
        return tk.get_action(action)(Context(user=user), given)
    except (tk.ObjectNotFound, tk.NotAuthorized, tk.ValidationError) as err:
        raise click.ClickException(_words(err)) from err


def _words(err: Exception) -> str:
    if isinstance(err, tk.ValidationError):
        return " ".join(map(str, err.error_summary.values()))
    return str(err)
