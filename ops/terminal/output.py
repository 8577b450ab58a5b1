"""What a command shows: data on standard output, narration and progress on standard error."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console as RichConsole
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from ops.terminal.text import json_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


class _Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        """Show it once it is known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def say(text: str) -> None:
    """Print narration, which is no result, for the person at the keyboard."""
    click.echo(printable(text), err=True)


def show(lines: Iterable[str]) -> None:
    """Print a result for people, a line each."""
    for line in lines:
        click.echo(printable(line))


def emit(document: Mapping[str, Any]) -> None:
    """Print a result for programs: one JSON document on a line."""
    click.echo(json_line(document))


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar with rate and time left on a terminal; yields what to call with the number of more steps done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    console = RichConsole(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda count: bars.advance(task, count)
