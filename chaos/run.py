"""One run: the pipeline deployed, the plan carried out while workers are killed and requests fail, and then quiet.

Works from outside, as an uploader and an operator would: pictures into the source bucket, repeated events into the queue, other
recipes by deployments, a backfill when all is done.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from chaos.faults import proxy
from chaos.faults.killer import Killer
from chaos.faults.requests import Faults
from chaos.plan import Delete, Deploy, Repeat, Upload
from chaos.stack.deployment import CONFIG, Deployment
from chaos.stack.healing import heal
from chaos.stack.repeats import repeated
from chaos.stack.waiting import wait, wait_for_metrics
from chaos.workers import PIPELINE
from local.engine import running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from chaos.inspection.findings import Findings
    from chaos.plan import Action, Plan
    from chaos.workers import Worker
    from local.stack import LocalStack

    Progress = Callable[[int, int], None]
    Observer = Callable[[LocalStack, float], None]

KILL_INTERVAL: Final = 15.0
"""Seconds between two kills, on average: so that a picture that hangs, and its neighbours, have a few attempts in peace."""
MINUTE: Final = 5.0
"""Seconds that a minute of CloudWatch's takes."""
_BACKLOG: Final = 100
"""Messages that may wait: with more, most versions would be replaced before a worker reads them."""
_UNDER_WAY: Final = 20
"""Messages that may wait when recipes are deployed: with more, workers of the new ones would have made nearly everything."""
_CHECKED: Final = 8
"""Actions between two measurements of the backlog."""
BATCH: Final = "batch.done"


@dataclass(frozen=True)
class Result:
    """What happened in a run.

    Attributes:
        findings: The outcome of each picture.
        counts: Of the proxy: requests that passed, faults by name, conflicts.
        kills: Workers that were killed.
        log: Lines of the worker's log by event; those of a killed invocation are lost with it.
        attempts: The most that any message took.
        healed: Pictures that were sent again when all was quiet, by why.
        seconds: From the first action until all was quiet.
    """

    plan: Plan
    findings: Findings
    counts: Mapping[str, int]
    kills: int
    log: Mapping[str, int]
    attempts: int
    healed: Mapping[str, int]
    seconds: float


def run(
    plan: Plan,
    directory: Path,
    progress: Progress,
    *,
    worker: Worker = PIPELINE,
    interval: float = KILL_INTERVAL,
    observe: Observer = lambda _stack, _began: None,
    events: str = "notification",
) -> Result:
    """Carry out `plan` on a pipeline of its own in `directory`.

    Workers are killed every `interval` seconds on average. `progress` gets the number of actions done and of
    messages that wait. `observe` sees the stack when all is quiet, and when, in seconds since the epoch, it began.
    The queue learns of changes by `events`, as `source.events` has it.

    Raises:
        LocalError: The embedded AWS does not run, or the pipeline makes no progress.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with proxy.running(Faults(plan.seed)) as between:
        deployment = Deployment(directory, between.url, worker.handler)
        config = {**CONFIG, "source": {"events": events}}
        with running(directory=directory, config=config, transform=deployment.transform, minute=MINUTE) as stack:
            between.target = stack.emulator.port
            began = time.time()
            killer = Killer(plan.seed, interval, stack.emulator.process.pid)
            with killer.at_large():
                _carry_out(plan, stack, deployment, worker, progress)
            quiet = partial(_wait_until_quiet, stack, worker, partial(progress, len(plan.actions)))
            quiet()
            healed = heal(stack, quiet) if plan.count(Deploy) else {}
            seconds = time.time() - began
            lines = stack.worker_log_lines()
            wait_for_metrics(stack, sum(line.get("event") == BATCH for line in lines))
            observe(stack, began)
            return Result(
                plan=plan,
                findings=worker.inspect(plan, stack),
                counts=dict(between.counts),
                kills=killer.kills,
                log=Counter(line.get("event", "") for line in lines),
                attempts=max((line.get("attempt", 0) for line in lines), default=0),
                healed=healed,
                seconds=seconds,
            )


def _wait_until_quiet(stack: LocalStack, worker: Worker, progress: Callable[[int], None]) -> None:
    wait(stack, lambda waiting: waiting == 0, progress, worker.patience)


def _carry_out(plan: Plan, stack: LocalStack, deployment: Deployment, worker: Worker, progress: Progress) -> None:
    """Do every action, waiting where the worker does not keep up."""
    for number, action in enumerate(plan.actions):
        if number % _CHECKED == 0:
            wait(stack, lambda waiting: waiting <= _BACKLOG, partial(progress, number), worker.patience)
        if isinstance(action, Deploy):
            wait(stack, lambda waiting: waiting <= _UNDER_WAY, partial(progress, number), worker.patience)
            deployment.change(stack, action.recipes)
        else:
            _act(action, stack)


def _act(action: Action, stack: LocalStack) -> None:
    bucket = stack["source_bucket"]
    match action:
        case Upload(key=key):
            stack.client("s3").put_object(Bucket=bucket, Key=key, Body=action.data())
        case Delete(key=key):
            stack.client("s3").delete_object(Bucket=bucket, Key=key)
        case Repeat(keys=keys, delay=delay):
            for body in repeated(stack["source_events"], bucket, keys):
                stack.client("sqs").send_message(QueueUrl=stack["queue_url"], MessageBody=body, DelaySeconds=delay)
