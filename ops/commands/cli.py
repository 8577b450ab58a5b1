"""The group of all commands, and the exit status of each kind of ending."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from ops.commands.adopt import adopt
from ops.commands.dlq.export import export
from ops.commands.dlq.import_letters import import_
from ops.commands.dlq.list_letters import list_
from ops.commands.dlq.purge import purge
from ops.commands.dlq.report import report
from ops.commands.dlq.show_letter import show_
from ops.commands.dlq.try_letter import try_
from ops.commands.pictures.audit import audit
from ops.commands.pictures.backfill import backfill
from ops.commands.pictures.erase import erase
from ops.commands.pictures.html import html_
from ops.commands.pictures.rejects import rejects
from ops.commands.pictures.restore import restore
from ops.commands.recipe import recipe
from ops.commands.redrive import redrive
from ops.commands.smoke import smoke
from ops.commands.status import status
from ops.commands.upload import upload
from ops.commands.where import where
from ops.redrive.journal_directory import DIRECTORY
from ops.session import Session
from ops.terminal.errors import OpsError
from ops.terminal.output import say

PROGRAM: Final = "python -m ops"
_ATTENTION, _MISUSE = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--stack", "stack_name", metavar="NAME", envvar="OPS_STACK", help="local, or a stack of the Pulumi CLI.")
@click.option(
    "--outputs",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What pulumi stack output --stack NAME --json wrote, instead of --stack.",
)
@click.pass_context
def cli(ctx: click.Context, stack_name: str | None, outputs: Path | None) -> None:
    """Operate the image pipeline.

    Say which stack before the command; the variable OPS_STACK does too. Data goes to standard output, everything else
    to standard error. Exit status: 0 all well, 1 something needs attention, 2 the command could not do its work.

    \b
    Examples:
      python -m ops --stack local status
      python -m ops --stack dev dlq list --reason truncated
      python -m ops --outputs outputs.json redrive --dry-run

    What to do when: docs/operations.md.
    """  # noqa: D301 - click's marker is the control character, not a backslash
    session = Session(stack_name, outputs)
    ctx.obj = session
    ctx.call_on_close(session.close)


@click.group()
def dlq() -> None:
    """Look at the dead letters, at their pictures, try them, export, import and purge them.

    A letter can only be seen by receiving it, which hides it from others for up to a minute or two; every command gives
    all back at once when it ends, on Ctrl-C too.
    """


for command in (list_, report, show_, try_, export, import_, purge):
    dlq.add_command(command)
for command in (
    adopt,
    upload,
    status,
    where,
    rejects,
    html_,
    dlq,
    redrive,
    restore,
    recipe,
    backfill,
    audit,
    erase,
    smoke,
):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    try:
        return cli.main(arguments, prog_name=PROGRAM, standalone_mode=False) or 0
    except click.Abort:
        say("Stopped.")
        return _ATTENTION
    except click.ClickException as exc:
        exc.show()
        return _MISUSE
    except OpsError as exc:
        say(f"Error: {exc}")
        return _MISUSE
    except OSError as exc:
        where = exc.filename or "This computer"
        say(f"Error: {where}: {exc.strerror or exc}. What was done so far stands; correct that, and try again.")
        return _MISUSE
    except Exception as exc:  # noqa: BLE001 - the last guard: no command ends in a traceback
        say(f"Error: this is a bug: {type(exc).__name__}: {exc}. What was done so far stands, and is shown above.")
        say(f"Report it with {_details()}; a redrive goes on with --resume.")
        return _MISUSE


def _details() -> str:
    """Write the traceback into a file, or to standard error where no file can be written; say where it is."""
    text, path = traceback.format_exc(), DIRECTORY / f"bug-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError:
        for line in text.splitlines():
            say(line)
        return "the lines above"
    return f"what is in {path}"
