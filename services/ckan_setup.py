"""Runs several `ckan` commands in one interpreter; runs inside the virtual environment.

Each start of CKAN costs some seconds of processor time, and a first start needs five commands.
The commands come as JSON on standard input (a list of lists of words), not as arguments, which
every user of the machine can see: one of them carries the administrator's password.
"""

import json
import sys
from collections.abc import Sequence

import click
from ckan.cli.cli import ckan


def run_all(ini: str, commands: Sequence[list[str]]) -> None:
    """Run commands one after the other; the first that fails ends all."""
    # Making the context loads the configuration; the words after it are only to satisfy click.
    with ckan.make_context("ckan", ["-c", ini, "db"]) as context:
        for words in commands:
            name, command, rest = ckan.resolve_command(context, list(words))
            if command is None:
                raise click.UsageError(f"no such command: {words[0]}")
            with command.make_context(name, rest, parent=context) as inner:
                command.invoke(inner)


def main() -> int:
    """Exit code 0, or that of the command that failed."""
    try:
        run_all(sys.argv[1], json.load(sys.stdin))
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
