"""`status`: the pipeline at a glance."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from ops.commands import options
from ops.health.status import advise, status_of
from ops.terminal.errors import Misuse
from ops.terminal.output import emit, show

if TYPE_CHECKING:
    from ops.health.status import Status
    from ops.session import Session


@click.command()
@click.option("--watch", is_flag=True, help="Refresh until Ctrl-C.")
@click.option(
    "--every", type=click.FloatRange(min=1), default=5.0, show_default=True, metavar="SECONDS", help="With --watch."
)
@options.as_json
@click.pass_obj
def status(session: Session, *, watch: bool, every: float, as_json: bool) -> int:
    """Show the queues, the dead letters by reason, the alarms, the throughput, and what to do next.

    Ages and throughput are CloudWatch's, which is a minute or two behind; why pictures are tried again is from
    the worker's log. The local stack's inbox is the latest notifications of its alarms. Exit status 1 if there are dead letters or an alarm is on.

    \b
    Examples:
      python -m ops --stack local status
      python -m ops --stack dev status --watch
      python -m ops --stack dev status --json
    """  # noqa: D301 - click's marker is the control character, not a backslash
    if watch and as_json:
        raise Misuse("--watch is for people: leave out --json, or call status again and again.")
    now = status_of(session)
    if watch:
        now = _watch(session, now, every)
    elif as_json:
        emit(now.to_json(advise(now, session)))
    else:
        show(now.lines(advise(now, session)))
    return int(now.needs_attention)


def _watch(session: Session, seen: Status, every: float) -> Status:
    """Refresh until Ctrl-C, and return what was seen last."""
    with Live(_text(session, seen), console=Console(), auto_refresh=False) as live, suppress(KeyboardInterrupt):
        while True:
            time.sleep(every)
            seen = status_of(session, seen)
            live.update(_text(session, seen), refresh=True)
    return seen


def _text(session: Session, status: Status) -> Text:
    return Text("\n".join(status.lines(advise(status, session))))
