"""What the schedule calls. Builds what an invocation needs once; the import opens nothing."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from worker.audit.audit import AGAIN, LOOKS, Audit, found
from worker.audit.buckets import Buckets
from worker.audit.hints import BackfillQueue
from worker.audit.settings import AuditSettings
from worker.audit.state import StateFile
from worker.audit.wounds import WOUNDS
from worker.contracts import metrics, names
from worker.contracts.errors import Conflict
from worker.contracts.function.settings import RECIPE
from worker.process.aws import client
from worker.process.embedded_metrics import Emitter
from worker.process.log import log
from worker.process.parallel import Parallel

if TYPE_CHECKING:
    from worker.audit.state import State

RECIPE_FILE: Final = Path(__file__).parents[2] / RECIPE
_WIDTH: Final = 16


class Context(Protocol):
    """What is used of https://docs.aws.amazon.com/lambda/latest/dg/python-context.html."""

    def get_remaining_time_in_millis(self) -> int:
        """Return milliseconds until Lambda ends the invocation."""
        ...


def handle(_event: Any, context: Context) -> None:
    """Go on with the audit, or begin one that is due, and log what one has found that ended here."""
    settings = _settings()
    try:
        state = build(settings)(lambda: context.get_remaining_time_in_millis() / 1000)
    except Conflict:
        return  # Another invocation goes on with it.
    if state is not None:
        _report(state, settings.function_name)


@cache
def _settings() -> AuditSettings:
    return AuditSettings.from_env(os.environ, RECIPE_FILE.read_text(encoding="utf-8"))


def build(settings: AuditSettings) -> Audit:
    """Wire the audits of a deployment to AWS."""
    s3 = _client("s3")
    return Audit(
        Buckets(s3, settings.source_bucket, settings.output_bucket, settings.recipes.scope),
        BackfillQueue(_client("sqs"), settings.backfill_queue_url, settings.source_bucket),
        StateFile(s3, settings.output_bucket),
        settings.recipes,
        settings.period,
        settings.settled_after,
        settings.expire_after,
        _run_all(),
        time.time,
    )


@cache
def _client(service: str) -> Any:
    return client(service)


@cache
def _run_all() -> Parallel:
    return Parallel(_WIDTH)


def _report(state: State, function_name: str) -> None:
    looks, again = state.counts.get(LOOKS, 0), state.counts.get(AGAIN, 0)
    pictures = {kind: count for kind, count in state.counts.items() if kind not in (LOOKS, AGAIN)}
    values = {metrics.AUDITED: sum(pictures.values()), metrics.WOUNDS: found(state), metrics.WOUNDS_AGAIN: again}
    log(
        names.AUDIT,
        run=state.run,
        seconds=round(time.time() - state.began),
        looks=looks,
        pictures={**dict.fromkeys(WOUNDS, 0), **pictures},
        **Emitter(function_name, time.time).fields(values),
    )
