"""What is watched of the queues: how much waits, for how long, and what has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.messaging.queues import HOUR, LONGEST_RETENTION
from infra.messaging.subscriptions import RETENTION
from infra.watch.metrics import held, oldest, time_to_drain, undelivered, waiting
from infra.watch.watched import FIVE_MINUTES, MINUTE, Watched

if TYPE_CHECKING:
    from infra.messaging.bucket_events import BucketEvents
    from infra.messaging.queues import DeadLetterQueue, Queue
    from infra.messaging.subscriptions import Subscriptions
    from infra.watch.watched import Thresholds

EXPIRY_NOTICE: Final = 48 * HOUR
"""Seconds from the alarm until SQS may delete the first dead letter."""


def of_queue(thresholds: Thresholds, queue: Queue) -> dict[str, Watched]:
    """Return what is watched of the queue of uploads."""
    return {
        "backlog": Watched(
            waiting(queue, FIVE_MINUTES),
            thresholds.backlog,
            "Pictures have arrived faster than they are processed for a quarter of an hour. If this is no one-off"
            " upload, raise worker.maxConcurrency.",
            periods=3,
        ),
        "message-age": Watched(
            oldest(queue, MINUTE),
            thresholds.message_age,
            "A picture has waited for too long. Look at the worker's errors and throttles on the dashboard first,"
            " then at the backlog.",
        ),
        "time-to-drain": Watched(
            time_to_drain(queue, FIVE_MINUTES),
            thresholds.drain_time,
            "At the rate of the last five minutes it takes too long until nothing waits any more. If nothing is"
            " completed at all, look at the worker's errors; else raise worker.maxConcurrency.",
            periods=3,
        ),
    }


def of_backfill(thresholds: Thresholds, backfill: Queue) -> dict[str, Watched]:
    """Return what is watched of the backfill queue."""
    return {
        "backfill-backlog": Watched(
            waiting(backfill, FIVE_MINUTES),
            thresholds.backfill_backlog,
            "Very many pictures of a backfill wait. Right after a large one that is expected, and uploads do not wait behind"
            " them; if it stays on for hours, raise worker.backfillConcurrency or look at the worker's errors.",
            periods=3,
        ),
        "backfill-age": Watched(
            oldest(backfill, FIVE_MINUTES),
            backfill.retention // 2,
            "A backfill has used up half of the time before SQS drops its messages. Raise worker.backfillConcurrency, or repeat"
            " it with --outdated when it is over.",
        ),
    }


def of_dead_letters(dead_letters: DeadLetterQueue, queue: Queue) -> dict[str, Watched]:
    """Return what is watched of the dead letters."""
    # SQS counts no NumberOfMessagesSent when it moves a message itself, and Sum would count one letter every minute.
    return {
        "dead-letters": Watched(
            held(dead_letters, MINUTE),
            1,
            "Pictures were rejected or given up; this stays on until they are gone. List them with their reasons, fix"
            " the cause, then redrive them.",
            first="dlq list",
        ),
        "dead-letters-expiring": Watched(
            oldest(dead_letters, MINUTE),
            _least_letter_age(queue) - EXPIRY_NOTICE,
            "Dead letters will soon be deleted by SQS for good. Redrive them, or save their keys: afterwards there is"
            " no record of which pictures have no renditions.",
            first="dlq list",
        ),
    }


def _least_letter_age(queue: Queue) -> int:
    """Return the age in seconds, as SQS reports it, at which it may delete a dead letter.

    SQS deletes a letter by its first day, but the age that it reports counts from the move to the dead letters, before
    which the message may have waited in the queue for all of its retention:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
    """
    return LONGEST_RETENTION - queue.retention


def of_subscribers(subscriptions: Subscriptions) -> dict[str, Watched]:
    """Return what is watched of each subscriber's queues."""
    undelivered = {
        f"undelivered-{queue.subscriber}": Watched(
            held(queue, MINUTE),
            1,
            f"The subscriber {queue.subscriber} has missed messages: they are in its dead-letter queue, for two weeks. Fix its"
            " endpoint or its reader, then send them again.",
        )
        for queue in subscriptions.undelivered
    }
    unread = {
        f"unread-{queue.subscriber}": Watched(
            oldest(queue, FIVE_MINUTES),
            RETENTION // 4,
            f"A message has waited in the queue of the subscriber {queue.subscriber} for a quarter of the time after which"
            " SQS drops it. Start its reader, or take the subscriber out of the configuration.",
        )
        for queue in subscriptions.queues
    }
    return {**undelivered, **unread}


def of_events(events: BucketEvents) -> dict[str, Watched]:
    """Return what is watched of the rule that tells the queue."""
    return {
        "events-failed": Watched(
            undelivered(events, MINUTE),
            1,
            "EventBridge could not send events to the queue. They are dead letters, unless it could not send them there either:"
            " then only an audit finds their pictures. Let the rule reach the queue again, then redrive.",
            first="dlq list --reason undelivered",
        ),
    }
