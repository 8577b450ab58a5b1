"""The whole pipeline as one component: the diagram of docs/architecture.md, for `__main__.py` and, by its settings, for any other Pulumi program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi

from infra.access.kms_key import check
from infra.delivery.delivery import Delivery
from infra.messaging.bucket_events import BucketEvents
from infra.messaging.queues import DeadLetterQueue, Queue
from infra.messaging.subscriptions import Subscriptions
from infra.messaging.topics import AlarmTopic, CompletionTopic
from infra.page.upload_page import UploadPage
from infra.part import Named
from infra.storage.adopted_bucket import AdoptedBucket, AdoptedBucketArgs
from infra.storage.output_bucket import OutputBucket
from infra.storage.source_bucket import SourceBucket
from infra.watch.alarms import Alarms
from infra.watch.dashboard import Dashboard
from infra.watch.pager import Pager
from infra.watch.queries import Queries
from infra.watch.thresholds import all_watched
from infra.worker.auditor import Auditor
from infra.worker.function import Worker

if TYPE_CHECKING:
    from infra.access.kms_key import KmsKey
    from infra.delivery.delivery import DeliveryArgs
    from infra.messaging.bucket_events import BucketEventsArgs
    from infra.messaging.queues import QueueArgs
    from infra.messaging.subscriptions import SubscriptionsArgs
    from infra.messaging.topics import AlarmTopicArgs, CompletionTopicArgs
    from infra.page.upload_page import PageArgs
    from infra.storage.output_bucket import OutputBucketArgs
    from infra.storage.source_bucket import SourceBucketArgs
    from infra.watch.dashboard import DashboardArgs
    from infra.watch.pager import PagerArgs
    from infra.watch.watched import Thresholds
    from infra.worker.auditor import AuditorArgs
    from infra.worker.function import WorkerArgs

NOTIFICATION: Final = "notification"
EVENTBRIDGE: Final = "eventbridge"
"""How the queue is told of the source bucket's changes: by S3 itself, or by a rule."""
MAIN: Final = "pipeline"
"""The one of `__main__.py`. Stacks had it before it was a component: its parts keep their names, and are found where they were."""


@dataclass(frozen=True)
class PipelineArgs:
    """The arguments of each component, by its name in the pipeline; `prefix` starts the physical names of all resources."""

    prefix: str
    source: SourceBucketArgs | AdoptedBucketArgs
    events: BucketEventsArgs | None
    output: OutputBucketArgs
    queue: QueueArgs
    completion: CompletionTopicArgs
    subscriptions: SubscriptionsArgs
    worker: WorkerArgs
    alarm_topic: AlarmTopicArgs
    pager: PagerArgs
    thresholds: Thresholds
    dashboard: DashboardArgs
    delivery: DeliveryArgs | None
    page: PageArgs | None
    auditor: AuditorArgs | None

    @property
    def keys(self) -> tuple[KmsKey, ...]:
        """Those of one's own, and AWS's where there is none."""
        return self.source.kms_key, self.output.kms_key, self.queue.kms_key, self.completion.kms_key


class Pipeline(Named):
    """Pictures land in a bucket, renditions appear in another. Other programs take `image_pipeline.ImagePipeline`.

    Attributes:
        outputs: What the operators' commands need to know, by the names of the stack's outputs.
    """

    def __init__(self, name: str, args: PipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self.of = "" if name == MAIN else name
        super().__init__("image-pipeline:index:ImagePipeline", name, None, opts)
        # Without the alias an update would make every bucket of a stack from before anew. What is within a part, the engine finds
        # below the name by which it found that (https://www.pulumi.com/docs/iac/operations/stack-management/refactoring-with-aliases/).
        former = [pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)] if name == MAIN else None
        here = pulumi.ResourceOptions(parent=self, aliases=former)

        check(args.keys, self)
        source = _source("source", args.source, here)
        output = OutputBucket("output", args.output, here)
        delivery = Delivery("delivery", args.delivery, output, here) if args.delivery else None
        output.accept_from(delivery.reader if delivery else None)
        dead_letters = DeadLetterQueue("dead-letters", args.queue, here)
        queue = Queue("queue", args.queue, dead_letters, here)
        backfill = Queue("backfill", args.queue, dead_letters, here)
        completion = CompletionTopic("completion", args.completion, here)
        subscriptions = Subscriptions("subscriptions", args.subscriptions, completion, here)
        worker = Worker(
            "worker", args.worker, source, output, queue, backfill, dead_letters, completion, delivery, here
        )

        granted = [
            source.grant_read_to(worker.role),
            *source.grant_tag_to(worker.role),
            output.grant_write_to(worker.role),
            queue.grant_consume_to(worker.role),
            backfill.grant_consume_to(worker.role),
            dead_letters.grant_send_to(worker.role),
            *completion.grant_publish_to(worker.role),
        ]
        dead_letters.accept_from(queue, backfill)
        events = self._announce(args.events, source, output, queue, dead_letters, here)
        worker.consume(queue, args.worker.max_concurrency, after=granted)
        backfill.accept_from_operators()
        worker.consume(backfill, args.worker.backfill_concurrency, after=granted)

        auditor = Auditor("auditor", args.auditor, source, output, backfill, worker, here) if args.auditor else None
        page = None
        if args.page and isinstance(source, SourceBucket):
            page = UploadPage("page", args.page, source, output, here)

        alarm_topic = AlarmTopic("alarms", args.alarm_topic, here)
        writers = {**({"auditor": auditor} if auditor else {}), **({"uploader": page.uploader} if page else {})}
        pager = Pager("pager", args.pager, alarm_topic, worker, output, writers, here)
        watched = all_watched(
            args.thresholds, queue, backfill, dead_letters, events, subscriptions, worker, page, auditor, pager
        )
        Alarms("watch", args.prefix, pager, watched, worker, here)
        Queries("queries", args.prefix, worker, page, auditor, here)
        dashboard = Dashboard("dashboard", args.dashboard, queue, backfill, dead_letters, worker, auditor, here)

        self.outputs: dict[str, Any] = {
            "source_bucket": source.name,
            "source_events": EVENTBRIDGE if events else NOTIFICATION,
            "output_bucket": output.name,
            "queue_url": queue.url,
            "backfill_queue_url": backfill.url,
            "backfill": {
                "concurrency": args.worker.backfill_concurrency,
                "batch_size": args.worker.batch_size,
                "retention": args.queue.retention,
            },
            "dead_letter_queue_url": dead_letters.url,
            "worker_function": worker.name,
            "completion_topic_arn": completion.arn,
            "subscriber_queue_urls": subscriptions.queue_urls,
            "subscriber_queue_arns": subscriptions.queue_arns,
            "undelivered_queue_urls": subscriptions.undelivered_urls,
            "alarm_topic_arn": alarm_topic.arn,
            "operator_topic_arn": pager.operators.arn,
            "dashboard_url": dashboard.url,
        }
        if args.output.expire_after:
            self.outputs["outputs_expire_after_days"] = args.output.expire_after
        if isinstance(source, AdoptedBucket):
            self.outputs["source_adopted"] = True
        if delivery:
            self.outputs |= {"delivery_url": delivery.url, "delivery_distribution": delivery.id}
        if page:
            self.outputs |= {"page_url": page.url, "api_url": page.api_url}
        self.register_outputs(self.outputs)

    @staticmethod
    def _announce(
        args: BucketEventsArgs | None,
        source: SourceBucket | AdoptedBucket,
        output: OutputBucket,
        queue: Queue,
        dead_letters: DeadLetterQueue,
        here: pulumi.ResourceOptions,
    ) -> BucketEvents | None:
        """Have `queue` told of what changes in `source`: by a rule, if there are arguments of one, else by S3 itself.

        What an adopted bucket tells EventBridge is not the program's to set: `python -m ops adopt` does it.
        """
        events = BucketEvents("events", args, source.name, queue, dead_letters, here) if args else None
        if events is None:
            dead_letters.accept_from_operators()
        if isinstance(source, AdoptedBucket):
            source.keep_apart_from(output)
        elif events:
            source.notify_event_bridge(after=[events.target])
        else:
            source.notify(queue, after=[queue.accept_from("s3.amazonaws.com", source.arn)])
        return events


def _source(
    name: str, args: SourceBucketArgs | AdoptedBucketArgs, opts: pulumi.ResourceOptions
) -> SourceBucket | AdoptedBucket:
    return AdoptedBucket(name, args, opts) if isinstance(args, AdoptedBucketArgs) else SourceBucket(name, args, opts)
