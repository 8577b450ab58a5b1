"""The workers that a run may have: the pipeline's own, and the plain one of AWS's samples, which it is measured beside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chaos.inspection.judgement import inspect
from chaos.inspection.plain import inspect_plain
from chaos.stack.deployment import ATTEMPTS, ENTRY, LONGER, PLAIN, TIMEOUT
from chaos.stack.waiting import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos.inspection.findings import Findings
    from chaos.plan import Plan
    from local.stack import LocalStack


@dataclass(frozen=True)
class Worker:
    """One of them.

    Attributes:
        name: As a table calls it.
        handler: What Lambda calls.
        patience: Seconds in which the number of messages must change.
        inspect: Judges what became of the pictures.
    """

    name: str
    handler: str
    patience: float
    inspect: Callable[[Plan, LocalStack], Findings]


PIPELINE: Final = Worker("pipeline", ENTRY, PATIENCE, inspect)
PLAIN_WORKER: Final = Worker(
    "plain worker",
    PLAIN,
    PATIENCE + ATTEMPTS * (TIMEOUT + LONGER),  # Its retries wait for the visibility timeout, each time.
    inspect_plain,
)
