"""Asks before a command changes anything."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

import click

from ops.terminal.errors import Misuse
from ops.terminal.output import emit, say, show
from ops.terminal.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def confirm(question: str, *, yes: bool) -> bool:
    """Return whether to go on; `yes` was given on the command line.

    Raises:
        Misuse: Standard input is no terminal.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise Misuse("Nobody is at the keyboard to confirm: add --yes if this plan is what you want.")
    return click.confirm(question, err=True)


def confirm_by_typing(words: Sequence[str], typed: Sequence[str]) -> bool:
    """Return whether each of `words` was typed once more, at the prompt or, as `typed`, on the command line.

    Raises:
        Misuse: Something else was typed on the command line, or standard input is no terminal.
    """
    for other in set(typed) - set(words):
        raise Misuse(f"--confirm {printable(other)} is none of the keys: type them once more exactly.")
    for word in words:
        if word in typed:
            continue
        if not sys.stdin.isatty():
            raise Misuse(f"Nobody is at the keyboard to type {printable(word)} once more: add --confirm with the key.")
        if click.prompt(f"Type {printable(word)} once more", err=True, default="", show_default=False) != word:
            return False
    return True


class Plan(Protocol):
    """What a command is about to do."""

    def lines(self) -> Sequence[str]:
        """Return it for people."""
        ...

    def to_json(self) -> Mapping[str, Any]:
        """Return it for programs."""
        ...


def agreed(plan: Plan, question: str | None, *, yes: bool, as_json: bool) -> bool:
    """Show `plan` and return whether to perform it; a dry run shows the same lines.

    Where `question` is None, for a dry run or an empty plan, the plan is the result. With JSON it is the result, too, if the
    answer is no.

    Raises:
        Misuse: Standard input is no terminal.
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
