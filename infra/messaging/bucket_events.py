"""The events of a bucket by EventBridge: a rule that tells the queue, beside whatever else listens to the bucket.

The bucket's notification configuration, which belongs to whoever owns the bucket, only needs its EventBridge flag:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.part import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.messaging.queues import DeadLetterQueue, Queue

TYPES: Final = ("Object Created", "Object Deleted", "Object Restore Completed")
"""Every way to create a key, every way to remove it, and that an archived one can be read again."""
LONGEST_PATTERN: Final = 2048
"""Characters, without a higher quota (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html)."""
SENDER: Final = "events.amazonaws.com"


@dataclass(frozen=True)
class BucketEventsArgs:
    """What the rule needs to know.

    Attributes:
        prefix: Of the resources' names.
        key_prefix: Only keys that start with it are announced.
        key_suffixes: Only keys that end in one of them are announced; all if there are none.
    """

    prefix: str
    key_prefix: str
    key_suffixes: tuple[str, ...]


class BucketEvents(Part):
    """A rule on the default bus, where S3's events are, and its target. What it cannot deliver becomes a dead letter.

    Attributes:
        name: Of the rule, as its metrics have it.
    """

    def __init__(
        self,
        name: str,
        args: BucketEventsArgs,
        bucket: pulumi.Input[str],
        queue: Queue,
        dead_letters: DeadLetterQueue,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("queues:BucketEvents", name, opts)
        rule = aws.cloudwatch.EventRule(
            f"{args.prefix}-{name}",
            description="Tells the queue which keys of the source bucket changed.",
            event_pattern=pulumi.Output.json_dumps(pattern_of(bucket, args.key_prefix, args.key_suffixes)),
            opts=self._within,
        )
        self.name = rule.name
        accepted = [queue.accept_from(SENDER, rule.arn), dead_letters.accept_undelivered(SENDER, rule.arn)]
        self.target = aws.cloudwatch.EventTarget(
            self.named("events-tell-queue"),
            rule=rule.name,
            arn=queue.arn,
            dead_letter_config={"arn": dead_letters.arn},
            opts=pulumi.ResourceOptions(parent=self, depends_on=accepted),
        )
        self.register_outputs({})


def pattern_of(bucket: pulumi.Input[str], prefix: str, suffixes: Sequence[str]) -> dict[str, Any]:
    """Return the pattern of events that concern a key of `bucket` that S3's own filter would let through.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
    """
    keys = [matcher for suffix in suffixes or ("",) for matcher in _matchers(prefix, suffix)]
    concerned = {"object": {"key": keys}} if prefix or suffixes else {}
    return {"source": ["aws.s3"], "detail-type": list(TYPES), "detail": {"bucket": {"name": [bucket]}, **concerned}}


def _matchers(prefix: str, suffix: str) -> Iterator[str | dict[str, str]]:
    """Yield what together matches the keys with both: a field has one matcher at a time, which need not be a wildcard.

    A bus has at most 30 rules with a wildcard, and no more for any money.
    """
    if not prefix or not suffix:
        yield {"prefix": prefix} if prefix else {"suffix": suffix}
        return
    yield {"wildcard": f"{_literal(prefix)}*{_literal(suffix)}"}
    # Where the suffix begins in the prefix, as in `a.jpg`, keys that are too short for the wildcard have both, too.
    yield from (prefix + suffix[n:] for n in range(1, len(suffix) + 1) if prefix.endswith(suffix[:n]))


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("*", "\\*")
