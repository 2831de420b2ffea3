"""``ckan hatinh report``: reports as files."""

import sys
from pathlib import Path

import ckan.plugins.toolkit as tk
import click
from ckan.types import Context

from ckanext.hatinh.report.logic.action import make
from ckanext.hatinh.report.reports import figures
from hatinh.report.files import FORMS


@click.command()
@click.argument("report_id", metavar="[REPORT]", required=False)
@click.option(
    "--format", "form", type=click.Choice(list(FORMS)), default="csv", show_default=True,
    help="Kind of file.",
)  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), help="File to write, else the screen.")
@click.option("--organization", help="Count only this organisation's records.")
@click.option(
    "--lang", type=click.Choice(["vi", "en"]), default="vi", show_default=True,
    help="Language of the texts.",
)  # fmt: skip
@click.option("--with-private", is_flag=True, help="Count records that the public may not see.")
def report(
    report_id: str | None,
    form: str,
    output: Path | None,
    organization: str | None,
    lang: str,
    with_private: bool,
) -> None:
    """Write a REPORT to a file or to the screen; without one, list the reports."""
    if report_id is None:
        for name, figure in figures().items():
            click.echo(f"{name:<20} {figure.title.said(lang)}")
        return
    context = Context(ignore_auth=True) if with_private else Context(user="")
    try:
        made = make(context, {"id": report_id, "organization": organization})
    except tk.ObjectNotFound as err:
        raise click.UsageError(str(err)) from err
    content = FORMS[form].write(made, lang)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)
        click.echo(f"{output}: {len(made.rows)} rows, {len(content)} bytes", err=True)
