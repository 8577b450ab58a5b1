"""What Lambda calls. Builds what a batch needs once, for warm starts; importing it opens nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from worker.aws import client
from worker.batch import Batch
from worker.completion import CompletionTopic
from worker.dead_letters import DeadLetters
from worker.message import Message
from worker.reconcile import Reconciler
from worker.settings import Settings
from worker.store import S3Outputs, S3Sources

if TYPE_CHECKING:
    from collections.abc import Mapping


class Context(Protocol):
    """What is used of https://docs.aws.amazon.com/lambda/latest/dg/python-context.html."""

    aws_request_id: str


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Handle one batch of SQS messages and report which of them failed."""
    messages = [Message.from_record(record) for record in event["Records"]]
    return _batch()(messages, context.aws_request_id)


@cache
def _batch() -> Batch:
    return build(Settings.from_env(os.environ))


def build(settings: Settings) -> Batch:
    """Wire a batch to AWS."""
    s3 = client("s3")
    reconcile = Reconciler(
        bucket=settings.source_bucket,
        sources=S3Sources(s3, settings.source_bucket),
        outputs=S3Outputs(s3, settings.output_bucket, settings.cache_control),
        publish=CompletionTopic(client("sns"), settings.completion_topic_arn).publish,
        specs=settings.renditions,
        memory_bytes=settings.memory_bytes,
        now=_now,
    )
    dead_letters = DeadLetters(client("sqs"), settings.dead_letter_queue_url, _now)
    return Batch(settings.source_bucket, reconcile, dead_letters)


def _now() -> datetime:
    return datetime.now(UTC)
