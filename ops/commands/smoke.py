"""`smoke`: prove a deployment from outside."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from ops.commands import options
from ops.health.own_keys import own_keys
from ops.terminal.errors import Misuse
from ops.terminal.output import emit, say

if TYPE_CHECKING:
    from ops.health.smoke import Check
    from ops.session import Session


@click.command()
@click.option(
    "--prefix",
    metavar="P",
    help="Start of its keys. Default: smoke- and the time, where pictures are rendered.",
)
@click.option(
    "--patience",
    type=click.FloatRange(min=1),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each check.",
)
@options.as_json
@click.pass_obj
def smoke(session: Session, *, prefix: str | None, patience: float, as_json: bool) -> int:
    """Prove a deployment: good pictures come out right, a bad one is dead-lettered, replaced and redriven.

    Uploads a golden set under a prefix of its own and checks the pixels of every rendition; plants a broken picture,
    sees it among the dead letters with its reason, replaces it, sends the letter back, and sees it ready; deletes
    everything again and sees the outputs go. Touches no other pictures or letters. Exit status 1 if anything was
    not as it should be.

    \b
    Examples:
      python -m ops --stack local smoke
      python -m ops --stack dev smoke --patience 300
    """  # noqa: D301 - click's marker is the control character, not a backslash
    try:
        from ops.health.smoke import Smoke, names  # noqa: PLC0415 - it needs Pillow, which no other command does
    except ImportError as exc:
        raise Misuse(f"{exc}: smoke looks at pictures; pip install -r worker/requirements.txt") from exc
    folder = f"smoke-{session.now():%Y%m%dT%H%M%S}/"
    run = Smoke(session, own_keys(session.deployment.recipes, prefix, folder, names()), patience)
    run.run()
    if as_json:
        emit({"is_good": run.is_good, "checks": [asdict(check) for check in run.checks]})
    else:
        Console(width=None if Console().is_terminal else 100).print(_table(run.checks))
    say("All is well." if run.is_good else "Something is not as it should be: docs/operations.md says what to do.")
    return int(not run.is_good)


def _table(checks: list[Check]) -> Table:
    table = Table("check", "result", "seen")
    for check in checks:
        table.add_row(check.name, "[green]ok[/]" if check.is_good else "[bold red]WRONG[/]", check.detail)
    return table
