"""What Lambda calls. Builds what a batch needs once, for warm starts; the import opens nothing."""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from worker.contracts.function.memory import BASE
from worker.contracts.function.settings import RECIPE, Settings
from worker.process.aws import OnDemand, client, impatient_client
from worker.process.embedded_metrics import Emitter
from worker.process.garbage import made_to_stay
from worker.process.memory import peak_bytes
from worker.process.overlap import Overlap
from worker.process.parallel import Parallel
from worker.queue.batch import Batch
from worker.queue.completion import CompletionTopic
from worker.queue.dead_letters import DeadLetters
from worker.queue.deliveries import Deliveries
from worker.queue.message import Message
from worker.queue.meter import Meter
from worker.queue.retry_delay import RetryDelay
from worker.reconcile.by_recipe import ByRecipe
from worker.reconcile.originals import TaggedOriginals
from worker.reconcile.outputs import S3Outputs
from worker.reconcile.reconciler import Reconciler
from worker.reconcile.rejects import S3Rejects
from worker.reconcile.sources import S3Sources
from worker.rendering.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.contracts.recipes.by_prefix import Recipe
    from worker.reconcile.reconciler import Publish


RECIPE_FILE: Final = Path(__file__).parents[1] / RECIPE
_WIDTH: Final = 10
"""Pictures under way at once: enough to hide the requests of some behind the rendering of one."""
_REQUESTS: Final = 4
"""Threads for the parallel requests of pictures, beside those that the pictures are in: all of them together keep fewer
connections than a client does, and each new one costs a handshake."""
_READ_AHEAD: Final = 1 / 8
"""Of the memory for pictures, what unrendered ones may take: a few photographs, and few pictures are too large beside it."""


class Context(Protocol):
    """What is used of https://docs.aws.amazon.com/lambda/latest/dg/python-context.html."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return milliseconds until Lambda ends the invocation."""
        ...


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Handle one batch of SQS messages and report which of them failed."""
    records = event["Records"]
    messages = [Message.from_record(record) for record in records]
    # All records of an event come from one queue: each has an event source mapping of its own.
    batch, meter = _batch(records[0].get("eventSourceARN", "") if records else "")
    began = time.monotonic()
    report = batch(messages, context.aws_request_id, lambda: context.get_remaining_time_in_millis() / 1000)
    meter.batch(len(messages), time.monotonic() - began, context.aws_request_id)
    return report


@cache
def _batch(source_arn: str) -> tuple[Batch, Meter]:
    settings = Settings.from_env(os.environ, RECIPE_FILE.read_text(encoding="utf-8"))
    with made_to_stay():
        return build(settings, settings.queue_url_of(source_arn))


def build(settings: Settings, queue_url: str) -> tuple[Batch, Meter]:
    """Wire a batch of messages from `queue_url` to AWS, and a meter into it."""
    meter = Meter(Emitter(settings.function_name, time.time), peak_bytes)
    s3, run_all = client("s3"), Parallel(_REQUESTS)
    outputs = S3Outputs(s3, settings.output_bucket, settings.cache_control)
    publish = _publish_to(settings.completion_topic_arn)
    originals = TaggedOriginals(s3, settings.source_bucket) if settings.archives else None

    def reconciler(recipe: Recipe) -> Reconciler:
        return Reconciler(
            bucket=settings.source_bucket,
            sources=S3Sources(s3, settings.source_bucket),
            outputs=outputs,
            rejects=S3Rejects(s3, settings.output_bucket),
            publish=publish,
            recipe=recipe,
            render=meter.rendering(Renderer(recipe.specs, settings.memory_bytes)),
            now=_now,
            originals=originals,
            origin=settings.delivery_origin,
            run_all=run_all,
        )

    batch = Batch(
        bucket=settings.source_bucket,
        reconcile=ByRecipe(settings.recipes, reconciler),
        dead_letters=DeadLetters(OnDemand(lambda: client("sqs")), settings.dead_letter_queue_url, _now),
        queue=Deliveries(OnDemand(lambda: impatient_client("sqs")), queue_url),
        retry_delay=RetryDelay(settings.queue_retention, time.time, random.random),
        max_receive_count=settings.max_receive_count,
        measure=meter.settled,
        overlap=Overlap(_WIDTH, round(_READ_AHEAD * (settings.memory_bytes - BASE))),
    )
    return batch, meter


def _publish_to(topic_arn: str | None) -> Publish | None:
    """Return what publishes completion messages; None where there is no topic."""
    return CompletionTopic(client("sns"), topic_arn).publish if topic_arn else None


def _now() -> datetime:
    return datetime.now(UTC)
