"""What each alarm watches: a time series, its threshold, what it means and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.messaging.queues import HOUR, LONGEST_RETENTION
from infra.messaging.subscriptions import RETENTION
from infra.page.access_log import REFUSED, THROTTLED
from infra.watch.metrics import (
    Formula,
    Metric,
    errors_of_auditor,
    held,
    of_access_log,
    of_api,
    of_auditor,
    of_function,
    of_uploader,
    of_worker,
    oldest,
    time_to_drain,
    waiting,
)
from worker.contracts.metrics import PEAK_MEMORY, REJECTED, WOUNDS_AGAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.messaging.queues import DeadLetterQueue, Queue
    from infra.messaging.subscriptions import Subscriptions
    from infra.page.upload_page import UploadPage
    from infra.worker.auditor import Auditor
    from infra.worker.function import Worker

PAGING: Final = ("message-age", "time-to-drain", "rejects", "dead-letters-expiring")
"""The alarms of which each alone means that pictures do not get through, or are about to be lost."""
EXPIRY_NOTICE: Final = 48 * HOUR
"""Seconds from the alarm until SQS may delete the first dead letter."""
THROTTLES: Final = 10
"""Invocations or requests within five minutes."""
AUDIT_ERRORS: Final = 3
"""Calls within an hour, of which there are four, each tried three times."""
PAGE_ERRORS: Final = 5
"""Answers within five minutes; the page tries each again."""
FULL_PERCENT: Final = 90
"""Of the worker's timeout, and of its memory."""

_MINUTE: Final = 60
_FIVE_MINUTES: Final = 300
_HOUR: Final = 3600


@dataclass(frozen=True)
class Thresholds:
    """Thresholds that are configured, because they depend on the traffic.

    Attributes:
        backlog: Messages that wait.
        backfill_backlog: Messages of backfills that wait.
        message_age: Seconds that the oldest of them has waited.
        drain_time: Seconds until none waits any more.
        rejects: Messages within five minutes.
        page_refusals: Requests within five minutes.
    """

    backlog: int
    backfill_backlog: int
    message_age: int
    drain_time: int
    rejects: int
    page_refusals: int


@dataclass(frozen=True)
class Watched:
    """A time series and its threshold.

    Attributes:
        description: What it means and what to do.
        periods: How many in a row must be at or above the threshold.
    """

    series: Metric | Formula
    threshold: int
    description: str
    periods: int = 1


def all_watched(
    thresholds: Thresholds,
    queue: Queue,
    backfill: Queue,
    dead_letters: DeadLetterQueue,
    subscriptions: Subscriptions,
    worker: Worker,
    page: UploadPage | None,
    auditor: Auditor | None,
) -> Mapping[str, Watched]:
    """Return what is watched, by the alarm's name without the prefix."""
    return {
        **_of_queue(thresholds, queue),
        **_of_backfill(thresholds, backfill),
        **_of_dead_letters(dead_letters, queue),
        **_of_subscribers(subscriptions),
        **_of_worker(thresholds, worker),
        **(_of_page(thresholds, page) if page else {}),
        **(_of_auditor(auditor) if auditor else {}),
    }


def _of_queue(thresholds: Thresholds, queue: Queue) -> dict[str, Watched]:
    return {
        "backlog": Watched(
            waiting(queue, _FIVE_MINUTES),
            thresholds.backlog,
            "Pictures have arrived faster than they are processed for a quarter of an hour. If this is no one-off"
            " upload, raise worker.maxConcurrency.",
            periods=3,
        ),
        "message-age": Watched(
            oldest(queue, _MINUTE),
            thresholds.message_age,
            "A picture has waited for too long. Look at the worker's errors and throttles on the dashboard first,"
            " then at the backlog.",
        ),
        "time-to-drain": Watched(
            time_to_drain(queue, _FIVE_MINUTES),
            thresholds.drain_time,
            "At the rate of the last five minutes it takes too long until nothing waits any more. If nothing is"
            " completed at all, look at the worker's errors; else raise worker.maxConcurrency.",
            periods=3,
        ),
    }


def _of_backfill(thresholds: Thresholds, backfill: Queue) -> dict[str, Watched]:
    return {
        "backfill-backlog": Watched(
            waiting(backfill, _FIVE_MINUTES),
            thresholds.backfill_backlog,
            "Very many pictures of a backfill wait. Right after a large one that is expected, and uploads do not wait behind"
            " them; if it stays on for hours, raise worker.backfillConcurrency or look at the worker's errors.",
            periods=3,
        ),
        "backfill-age": Watched(
            oldest(backfill, _FIVE_MINUTES),
            backfill.retention // 2,
            "A backfill has used up half of the time before SQS drops its messages. Raise worker.backfillConcurrency, or repeat"
            " it with --outdated when it is over.",
        ),
    }


def _of_dead_letters(dead_letters: DeadLetterQueue, queue: Queue) -> dict[str, Watched]:
    # SQS counts no NumberOfMessagesSent when it moves a message itself, and Sum would count one letter every minute.
    return {
        "dead-letters": Watched(
            held(dead_letters, _MINUTE),
            1,
            "Pictures were rejected or given up; this stays on until they are gone. List them with their reasons, fix"
            " the cause, then redrive them.",
        ),
        "dead-letters-expiring": Watched(
            oldest(dead_letters, _MINUTE),
            _least_letter_age(queue) - EXPIRY_NOTICE,
            "Dead letters will soon be deleted by SQS for good. Redrive them, or save their keys: afterwards there is"
            " no record of which pictures have no renditions.",
        ),
    }


def _least_letter_age(queue: Queue) -> int:
    """Return the age in seconds, as SQS reports it, at which it may delete a dead letter.

    SQS deletes a letter by its first day, but the age that it reports counts from the move to the dead letters, before
    which the message may have waited in the queue for all of its retention:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
    """
    return LONGEST_RETENTION - queue.retention


def _of_subscribers(subscriptions: Subscriptions) -> dict[str, Watched]:
    undelivered = {
        f"undelivered-{queue.subscriber}": Watched(
            held(queue, _MINUTE),
            1,
            f"The subscriber {queue.subscriber} has missed messages: they are in its dead-letter queue, for two weeks. Fix its"
            " endpoint or its reader, then send them again.",
        )
        for queue in subscriptions.undelivered
    }
    unread = {
        f"unread-{queue.subscriber}": Watched(
            oldest(queue, _FIVE_MINUTES),
            RETENTION // 4,
            f"A message has waited in the queue of the subscriber {queue.subscriber} for a quarter of the time after which"
            " SQS drops it. Start its reader, or take the subscriber out of the configuration.",
        )
        for queue in subscriptions.queues
    }
    return {**undelivered, **unread}


def _of_worker(thresholds: Thresholds, worker: Worker) -> dict[str, Watched]:
    return {
        "worker-errors": Watched(
            of_function(worker, "Errors", "Sum", _FIVE_MINUTES),
            1,
            "Invocations of the worker failed as a whole: it timed out, ran out of memory or cannot start."
            " Its log says which; the messages are tried again.",
        ),
        "worker-throttles": Watched(
            of_function(worker, "Throttles", "Sum", _FIVE_MINUTES),
            THROTTLES,
            "Lambda refuses to run the worker: the account's concurrency is used up. Lower worker.maxConcurrency or ask AWS"
            " for more, before receive counts run out.",
        ),
        "worker-duration": Watched(
            of_function(worker, "Duration", "Maximum", _FIVE_MINUTES),
            worker.timeout * FULL_PERCENT * 10,
            "A batch took nearly all the time that it has; messages go back to the queue unhandled. Lower worker.batchSize,"
            " or raise worker.timeout or worker.memory (which is also more CPU).",
        ),
        "worker-memory": Watched(
            of_worker(worker, PEAK_MEMORY, "Maximum", _FIVE_MINUTES),
            worker.memory * FULL_PERCENT // 100,
            "A picture took nearly all the memory that the worker has; a larger one would end it. Raise worker.memory.",
        ),
        "rejects": Watched(
            of_worker(worker, REJECTED, "Sum", _FIVE_MINUTES),
            thresholds.rejects,
            "Many pictures were rejected at once: something has changed where they come from. The dashboard shows the"
            " reasons; fix the upload, then redrive the dead letters.",
        ),
    }


def _of_auditor(auditor: Auditor) -> dict[str, Watched]:
    return {
        "audit-found-again": Watched(
            of_auditor(auditor, WOUNDS_AGAIN, _FIVE_MINUTES),
            1,
            "An audit found pictures without their current outputs that the audit before had found, too: the worker does not heal"
            " them. python -m ops audit --dry-run lists them; look at their dead letters.",
        ),
        "audit-errors": Watched(
            errors_of_auditor(auditor, _HOUR),
            AUDIT_ERRORS,
            "The auditor fails again and again: lost events are found by nobody. Its log has the trace; it goes on by itself"
            " when that is fixed.",
        ),
    }


def _of_page(thresholds: Thresholds, page: UploadPage) -> dict[str, Watched]:
    return {
        "page-errors": Watched(
            of_api(page, "5xx", "Sum", _FIVE_MINUTES),
            PAGE_ERRORS,
            "The upload page's API failed: nobody may be able to upload. The uploader's log has the trace, the API's access log"
            " what it answered itself.",
        ),
        "uploader-throttles": Watched(
            of_uploader(page, "Throttles", "Sum", _FIVE_MINUTES),
            THROTTLES,
            "Lambda refuses to run the uploader: the concurrency that it may have is used up. Raise page.reservedConcurrency, or"
            " ask AWS for more.",
        ),
        "page-refusals": Watched(
            of_access_log(page, REFUSED, _FIVE_MINUTES),
            thresholds.page_refusals,
            "The upload page's API refused many requests: somebody guesses the access code, or a sign-in does not work. The"
            " uploader's log has the addresses.",
        ),
        "page-throttles": Watched(
            of_access_log(page, THROTTLED, _FIVE_MINUTES),
            thresholds.page_refusals,
            "The upload page's API had more requests than it lets through. If these are users, raise page.uploadsPerSecond; if it"
            " is one address, set page.firewallRequests.",
        ),
    }
