"""Pictures land in a bucket, renditions appear in another: the diagram of docs/architecture.md, as a Pulumi program."""

from __future__ import annotations

import pulumi

from infra.account import in_account
from infra.config.stack_config import StackConfig
from infra.delivery.delivery import Delivery
from infra.messaging.queues import DeadLetterQueue, Queue
from infra.messaging.subscriptions import Subscriptions
from infra.messaging.topics import AlarmTopic, CompletionTopic
from infra.page.upload_page import UploadPage
from infra.storage.output_bucket import OutputBucket
from infra.storage.source_bucket import SourceBucket
from infra.watch.alarms import Alarms
from infra.watch.dashboard import Dashboard
from infra.watch.queries import Queries
from infra.watch.thresholds import all_watched
from infra.worker.auditor import Auditor
from infra.worker.function import Worker

config = StackConfig.from_pulumi()
here = in_account(config.account)

source = SourceBucket("source", config.source, here)
output = OutputBucket("output", config.output, here)
delivery = Delivery("delivery", config.delivery, output, here) if config.delivery else None
output.accept_from(delivery.reader if delivery else None)
dead_letters = DeadLetterQueue("dead-letters", config.prefix, here)
queue = Queue("queue", config.queue, dead_letters, here)
backfill = Queue("backfill", config.queue, dead_letters, here)
completion = CompletionTopic("completion", config.completion, here)
subscriptions = Subscriptions("subscriptions", config.subscriptions, completion, here)
worker = Worker("worker", config.worker, source, output, queue, backfill, dead_letters, completion, delivery, here)

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
source.notify(queue, after=[queue.accept_from(source.arn)])
worker.consume(queue, config.worker.max_concurrency, after=granted)
backfill.accept_from_operators()
worker.consume(backfill, config.worker.backfill_concurrency, after=granted)

auditor = Auditor("auditor", config.auditor, source, output, backfill, worker, here) if config.auditor else None
page = UploadPage("page", config.page, source, output, here) if config.page else None

alarm_topic = AlarmTopic("alarms", config.alarm_topic, here)
watched = all_watched(config.thresholds, queue, backfill, dead_letters, subscriptions, worker, page, auditor)
Alarms("watch", config.prefix, alarm_topic, watched, worker, here)
Queries("queries", config.prefix, worker, page, auditor, here)
dashboard = Dashboard("dashboard", config.dashboard, queue, backfill, dead_letters, worker, auditor, here)

pulumi.export("source_bucket", source.name)
pulumi.export("output_bucket", output.name)
pulumi.export("queue_url", queue.url)
pulumi.export("backfill_queue_url", backfill.url)
pulumi.export("dead_letter_queue_url", dead_letters.url)
pulumi.export("worker_function", worker.name)
pulumi.export("completion_topic_arn", completion.arn)
pulumi.export("subscriber_queue_urls", subscriptions.queue_urls)
pulumi.export("alarm_topic_arn", alarm_topic.arn)
pulumi.export("dashboard_url", dashboard.url)
if config.output.expire_after:
    pulumi.export("outputs_expire_after_days", config.output.expire_after)
if delivery:
    pulumi.export("delivery_url", delivery.url)
    pulumi.export("delivery_distribution", delivery.id)
if page:
    pulumi.export("page_url", page.url)
    pulumi.export("api_url", page.api_url)
