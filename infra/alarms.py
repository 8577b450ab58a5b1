"""The alarms: what the operator is told without looking. Each description says what it means and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from infra.queues import DeadLetterQueue, Queue
    from infra.topics import AlarmTopic
    from infra.worker import Worker


@dataclass(frozen=True)
class AlarmsArgs:
    """Thresholds; at or above them an alarm goes off.

    Attributes:
        prefix: Of the resources' names.
        backlog: Messages that wait.
        message_age: Seconds that the oldest of them has waited.
        dead_letters: Messages.
        errors: Invocations within a period.
        throttles: Invocations within a period.
    """

    prefix: str
    backlog: int
    message_age: int
    dead_letters: int
    errors: int
    throttles: int


@dataclass(frozen=True)
class Watched:
    """A metric, and when it is too much.

    Attributes:
        description: What it means and what to do.
        periods: Of five minutes each that it must last.
    """

    metric: str
    namespace: str
    dimensions: dict[str, pulumi.Input[str]]
    statistic: str
    threshold: int
    description: str
    periods: int = 1


class Alarms(pulumi.ComponentResource):
    """Watches the queues and the worker, and tells `topic`."""

    def __init__(
        self,
        name: str,
        args: AlarmsArgs,
        topic: AlarmTopic,
        queue: Queue,
        backfill: Queue,
        dead_letters: DeadLetterQueue,
        worker: Worker,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("image-pipeline:watch:Alarms", name, None, opts)
        self._topic = topic
        watched = {
            **_of_queue(args, {"QueueName": queue.name}),
            **_of_backfill(backfill.retention, {"QueueName": backfill.name}),
            **_of_dead_letters(args, {"QueueName": dead_letters.name}),
            **_of_worker(args, {"FunctionName": worker.name}),
        }
        self.alarms = {key: self._alarm(f"{args.prefix}-{key}", what) for key, what in watched.items()}
        self.register_outputs({})

    def _alarm(self, name: str, what: Watched) -> aws.cloudwatch.MetricAlarm:
        return aws.cloudwatch.MetricAlarm(
            name,
            alarm_description=what.description,
            namespace=what.namespace,
            metric_name=what.metric,
            dimensions=what.dimensions,
            statistic=what.statistic,
            threshold=what.threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            period=300,
            evaluation_periods=what.periods,
            treat_missing_data="notBreaching",
            alarm_actions=[self._topic.arn],
            ok_actions=[self._topic.arn],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _of_queue(args: AlarmsArgs, dimensions: dict[str, pulumi.Input[str]]) -> dict[str, Watched]:
    return {
        "backlog": Watched(
            "ApproximateNumberOfMessagesVisible",
            "AWS/SQS",
            dimensions,
            "Maximum",
            args.backlog,
            "Pictures arrive faster than they are processed. If this is no one-off upload, raise maxConcurrency.",
            periods=3,
        ),
        "message-age": Watched(
            "ApproximateAgeOfOldestMessage",
            "AWS/SQS",
            dimensions,
            "Maximum",
            args.message_age,
            "A picture has waited for too long. Look at the worker's errors and throttles on the dashboard first,"
            " then at the backlog.",
        ),
    }


def _of_backfill(retention: int, dimensions: dict[str, pulumi.Input[str]]) -> dict[str, Watched]:
    return {
        "backfill-age": Watched(
            "ApproximateAgeOfOldestMessage",
            "AWS/SQS",
            dimensions,
            "Maximum",
            retention // 2,
            "A backfill has used up half of the time before SQS drops its messages. Raise backfillConcurrency, or repeat"
            " it with --outdated when it is over.",
        )
    }


def _of_dead_letters(args: AlarmsArgs, dimensions: dict[str, pulumi.Input[str]]) -> dict[str, Watched]:
    # SQS counts no NumberOfMessagesSent when it moves a message itself, and Sum would count one letter every minute.
    return {
        "dead-letters": Watched(
            "ApproximateNumberOfMessagesVisible",
            "AWS/SQS",
            dimensions,
            "Maximum",
            args.dead_letters,
            "Pictures were rejected or given up. List them with their reasons, mend the cause, then redrive them.",
        )
    }


def _of_worker(args: AlarmsArgs, dimensions: dict[str, pulumi.Input[str]]) -> dict[str, Watched]:
    return {
        "worker-errors": Watched(
            "Errors",
            "AWS/Lambda",
            dimensions,
            "Sum",
            args.errors,
            "Invocations of the worker failed as a whole: it timed out, ran out of memory or cannot start."
            " Its log says which; the messages are tried again.",
        ),
        "worker-throttles": Watched(
            "Throttles",
            "AWS/Lambda",
            dimensions,
            "Sum",
            args.throttles,
            "Lambda refuses to run the worker: the account's concurrency is used up. Lower maxConcurrency or ask AWS"
            " for more, before receive counts run out.",
        ),
    }
