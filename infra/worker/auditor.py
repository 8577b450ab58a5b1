"""The auditor: a function that a schedule calls, with its role and its log. It runs on the worker's own package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.messaging.queues import DAY
from infra.worker.logged_function import LoggedFunction
from worker.contracts.function.settings import AUDIT_TICK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.messaging.queues import Queue
    from infra.storage.output_bucket import OutputBucket
    from infra.storage.source import Source
    from infra.worker.function import Worker
    from infra.worker.wheels import Target

HANDLER: Final = "worker.audit.handler.handle"
PERIODS: Final[Mapping[str, int]] = {"daily": DAY, "weekly": 7 * DAY, "never": 0}
"""Seconds from one audit to the next, by the value of the configuration's key; 0: there is none."""
MINUTE: Final = 60
TIMEOUT: Final = AUDIT_TICK - MINUTE
"""Seconds. A call goes on where the last one stopped, or ends at once where no audit is due. A function that calls itself instead
would be stopped by Lambda after sixteen times (https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html)."""
MEMORY: Final = 512
"""MB, for its share of a core."""


@dataclass(frozen=True)
class AuditorArgs:
    """What the auditor needs to know.

    Attributes:
        prefix: Of the resources' names.
        target: What its package is built for.
        log_retention: Days.
        period: Seconds from one audit's beginning to the next one's.
        expire_after: Days after which the output bucket deletes outputs; 0 for never.
        foci: Whether something is cropped, around what an original's metadata may say.
    """

    prefix: str
    target: Target
    log_retention: int
    period: int
    expire_after: int
    foci: bool


class Auditor(LoggedFunction):
    """Compares the two buckets and sends hints of what it finds to the backfill queue."""

    def __init__(
        self,
        name: str,
        args: AuditorArgs,
        source: Source,
        output: OutputBucket,
        backfill: Queue,
        worker: Worker,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("worker:Auditor", name, args.prefix, args.log_retention, opts)
        variables: dict[str, pulumi.Input[str]] = {
            # Exactly `worker.audit.settings.AuditSettings.VARIABLES`.
            "SOURCE_BUCKET": source.name,
            "OUTPUT_BUCKET": output.name,
            "BACKFILL_QUEUE_URL": backfill.url,
            "AUDIT_PERIOD": str(args.period),
            "SETTLED_AFTER": str(backfill.longest_way),
            "EXPIRE_AFTER": str(args.expire_after * DAY),
        }
        granted = [
            source.grant_audit_to(self.role, foci=args.foci),
            output.grant_audit_to(self.role),
            backfill.grant_send_to(self.role),
        ]
        self._run(
            HANDLER,
            worker.code,
            args.target,
            variables,
            granted,
            description="Looks for pictures whose events were lost.",
            memory_size=MEMORY,
            timeout=TIMEOUT,
        )
        self._schedule()

    def _schedule(self) -> None:
        rule = aws.cloudwatch.EventRule(
            self._full_name,
            description="Has the auditor go on, or begin an audit that is due.",
            schedule_expression=f"rate({AUDIT_TICK // MINUTE} minutes)",
            opts=self._within,
        )
        allowed = aws.lambda_.Permission(
            self.named("schedule-may-invoke-auditor"),
            action="lambda:InvokeFunction",
            function=self.function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=self._within,
        )
        aws.cloudwatch.EventTarget(
            self.named("schedule-invokes-auditor"),
            rule=rule.name,
            arn=self.function.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )
