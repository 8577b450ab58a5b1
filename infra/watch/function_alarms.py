"""What is watched of the functions, and of the API before one of them: errors, throttles, and how near they are to their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.messaging.queues import HOUR
from infra.page.access_log import REFUSED, THROTTLED
from infra.watch.metrics import of_access_log, of_api, of_function, sent_by, untold
from infra.watch.watched import FIVE_MINUTES, MINUTE, Watched
from worker.contracts.metrics import PEAK_MEMORY, REJECTED, WOUNDS_AGAIN

if TYPE_CHECKING:
    from infra.page.upload_page import UploadPage
    from infra.watch.pager import Pager
    from infra.watch.watched import Thresholds
    from infra.worker.auditor import Auditor
    from infra.worker.function import Worker

THROTTLES: Final = 10
"""Invocations or requests within five minutes."""
AUDIT_ERRORS: Final = 3
"""Calls within an hour, of which there are four, each tried three times."""
PAGE_ERRORS: Final = 5
"""Answers within five minutes; the page tries each again."""
FULL_PERCENT: Final = 90
"""Of the worker's timeout, and of its memory."""


def of_worker(thresholds: Thresholds, worker: Worker) -> dict[str, Watched]:
    """Return what is watched of the worker."""
    return {
        "worker-errors": Watched(
            of_function(worker, "Errors", "Sum", FIVE_MINUTES),
            1,
            "Invocations of the worker failed as a whole: it timed out, ran out of memory or cannot start."
            " Its log says which; the messages are tried again.",
        ),
        "worker-throttles": Watched(
            of_function(worker, "Throttles", "Sum", FIVE_MINUTES),
            THROTTLES,
            "Lambda refuses to run the worker: the account's concurrency is used up. Lower worker.maxConcurrency or ask AWS"
            " for more, before receive counts run out.",
        ),
        "worker-duration": Watched(
            of_function(worker, "Duration", "Maximum", FIVE_MINUTES),
            worker.timeout * FULL_PERCENT * 10,
            "A batch took nearly all the time that it has; messages go back to the queue unhandled. Lower worker.batchSize,"
            " or raise worker.timeout or worker.memory (which is also more CPU).",
        ),
        "worker-memory": Watched(
            sent_by(worker, PEAK_MEMORY, "Maximum", FIVE_MINUTES),
            worker.memory * FULL_PERCENT // 100,
            "A picture took nearly all the memory that the worker has; a larger one would end it. Raise worker.memory.",
        ),
        "rejects": Watched(
            sent_by(worker, REJECTED, "Sum", FIVE_MINUTES),
            thresholds.rejects,
            "Many pictures were rejected at once: something has changed where they come from. The dashboard shows the"
            " reasons; fix the upload, then redrive the dead letters.",
            first="dlq list --newer-than 1h",
        ),
    }


def of_auditor(auditor: Auditor) -> dict[str, Watched]:
    """Return what is watched of the auditor."""
    return {
        "audit-found-again": Watched(
            sent_by(auditor, WOUNDS_AGAIN, "Sum", FIVE_MINUTES),
            1,
            "An audit found pictures without their current outputs that the audit before had found, too: the worker does not heal"
            " them. List them, and look at their dead letters.",
            first="audit --dry-run",
        ),
        "audit-errors": Watched(
            of_function(auditor, "Errors", "Sum", HOUR),
            AUDIT_ERRORS,
            "The auditor fails again and again: lost events are found by nobody. Its log has the trace; it goes on by itself"
            " when that is fixed.",
            first="audit --dry-run",
        ),
    }


def of_pager(pager: Pager) -> dict[str, Watched]:
    """Return what is watched of the pager: an alarm that it did not tell, and Lambda did not send in its place either."""
    return {
        "pager-failed": Watched(
            untold(pager, MINUTE),
            1,
            "An alarm changed its state and reached nobody: the pager failed or could not be called, and may not publish. This"
            " alarm comes without it; look at which others are on.",
            past_pager=True,
        )
    }


def of_page(thresholds: Thresholds, page: UploadPage) -> dict[str, Watched]:
    """Return what is watched of the upload page."""
    return {
        "page-errors": Watched(
            of_api(page, "5xx", "Sum", FIVE_MINUTES),
            PAGE_ERRORS,
            "The upload page's API failed: nobody may be able to upload. The uploader's log has the trace, the API's access log"
            " what it answered itself.",
        ),
        "uploader-throttles": Watched(
            of_function(page.uploader, "Throttles", "Sum", FIVE_MINUTES),
            THROTTLES,
            "Lambda refuses to run the uploader: the concurrency that it may have is used up. Raise page.reservedConcurrency, or"
            " ask AWS for more.",
        ),
        "page-refusals": Watched(
            of_access_log(page, REFUSED, FIVE_MINUTES),
            thresholds.page_refusals,
            "The upload page's API refused many requests: somebody guesses the access code, or a sign-in does not work. The"
            " uploader's log has the addresses.",
        ),
        "page-throttles": Watched(
            of_access_log(page, THROTTLED, FIVE_MINUTES),
            thresholds.page_refusals,
            "The upload page's API had more requests than it lets through. If these are users, raise page.uploadsPerSecond; if it"
            " is one address, set page.firewallRequests.",
        ),
    }
