"""What an operator does after recipes have changed: a backfill of what is outdated, and an audit of both buckets.

The audit finds what no manifest lists, such as half of a set by a former recipe; the deployed one would find it on its schedule.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

from local.demo.commands import Operator
from local.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.stack import LocalStack

_BACKFILL: Final = ("backfill", "--outdated", "--yes", "--json")
_AUDIT: Final = ("audit", "--settled-after", "0", "--json")
_FOUND: Final = 1


class HealingError(LocalError):
    """A command failed; the message is what it said."""


def heal(stack: LocalStack, wait_until_quiet: Callable[[], None]) -> Mapping[str, int]:
    """Do both; return how many pictures were sent again, by why.

    Raises:
        HealingError: A command failed, or a second audit found something, too.
    """
    backfilled = _run(stack, *_BACKFILL)
    wait_until_quiet()
    audited = _run(stack, *_AUDIT, good=(0, _FOUND))
    wait_until_quiet()
    _run(stack, *_AUDIT, "--dry-run")
    # A backfill prints its plan alone where there is nothing to send.
    return {"outdated": backfilled.get("enqueued", 0), "found by an audit": audited["enqueued"]}


def _run(stack: LocalStack, *command: str, good: tuple[int, ...] = (0,)) -> dict[str, Any]:
    ended = Operator(stack, Console(quiet=True)).run(*command)
    if ended.returncode not in good:
        raise HealingError(f"{' '.join(command)} ended with {ended.returncode}: {ended.stdout}")
    answer: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return answer
