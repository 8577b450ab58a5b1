"""What a command shows: data on standard output, narration and progress on standard error."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

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

from ops.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


class _Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        """Show it once it is known."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


def say(text: str) -> None:
    """Tell the person at the keyboard something that is no result."""
    click.echo(text, err=True)


def show(lines: Iterable[str]) -> None:
    """Print a result for people."""
    for line in lines:
        click.echo(line)


def emit(document: Mapping[str, Any]) -> None:
    """Print a result for programs: one JSON document on a line."""
    click.echo(json.dumps(document, ensure_ascii=False))


def confirm(question: str, *, yes: bool) -> bool:
    """Return whether to go on; `yes` was given on the command line.

    Raises:
        Misuse: Nobody is there to ask.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise Misuse("Nobody is at the keyboard to confirm: add --yes if this plan is what you want.")
    return click.confirm(question, err=True)


class Plan(Protocol):
    """What a command is about to do."""

    def lines(self) -> Sequence[str]:
        """Return it for people."""
        ...

    def to_json(self) -> Mapping[str, Any]:
        """Return it for programs."""
        ...


def agreed(plan: Plan, question: str | None, *, yes: bool, as_json: bool) -> bool:
    """Show `plan` and return whether to perform it: the very same lines, whether they are all there is to see or not.

    There is nothing to ask where it is planned only, or empty: `question` is None, and the plan is the result. It also is
    the result, for programs, where the answer is no.

    Raises:
        Misuse: Nobody is there to ask.
    """
    if question is None:
        emit(plan.to_json()) if as_json else show(plan.lines())
        return False
    for line in plan.lines():
        say(line)
    agrees = confirm(question, yes=yes)
    if as_json and not agrees:
        emit(plan.to_json())
    return agrees


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
