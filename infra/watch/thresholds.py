"""All that has an alarm, by the alarm's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.watch.function_alarms import of_auditor, of_page, of_pager, of_worker
from infra.watch.queue_alarms import of_backfill, of_dead_letters, of_events, of_queue, of_subscribers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.messaging.bucket_events import BucketEvents
    from infra.messaging.queues import DeadLetterQueue, Queue
    from infra.messaging.subscriptions import Subscriptions
    from infra.page.upload_page import UploadPage
    from infra.watch.pager import Pager
    from infra.watch.watched import Thresholds, Watched
    from infra.worker.auditor import Auditor
    from infra.worker.function import Worker

PAGING: Final = ("message-age", "time-to-drain", "rejects", "dead-letters-expiring", "events-failed")
"""The alarms, as far as there are any, of which each alone means that pictures do not get through, or are about to be lost."""


def all_watched(
    thresholds: Thresholds,
    queue: Queue,
    backfill: Queue,
    dead_letters: DeadLetterQueue,
    events: BucketEvents | None,
    subscriptions: Subscriptions,
    worker: Worker,
    page: UploadPage | None,
    auditor: Auditor | None,
    pager: Pager,
) -> Mapping[str, Watched]:
    """Return what is watched, by the alarm's name without the prefix."""
    return {
        **of_queue(thresholds, queue),
        **of_backfill(thresholds, backfill),
        **of_dead_letters(dead_letters, queue),
        **(of_events(events) if events else {}),
        **of_subscribers(subscriptions),
        **of_worker(thresholds, worker),
        **(of_page(thresholds, page) if page else {}),
        **(of_auditor(auditor) if auditor else {}),
        **of_pager(pager),
    }
