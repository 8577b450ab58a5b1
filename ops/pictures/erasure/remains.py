"""What no command here can remove: said in the plan, and in the receipt."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ops.pictures.erasure.mentions import has_text_of
from ops.pictures.erasure.objects import Objects
from ops.stack.aws import translated
from worker.contracts.names import AUDIT_STATE

if TYPE_CHECKING:
    from collections.abc import Collection

    from ops.session import Session

_WORKER: Final = "-worker"
"""What comes behind a stack's prefix in the name of its worker's log group."""
_ALWAYS: Final = (
    "what browsers and caches of others keep",
    "replicas, backups and copies elsewhere, and logs of your own such as CloudTrail or S3 access logs",
    "files on other computers, and pages that commands made, such as recipe plan --html and dlq report",
    "what people were told of alarms, in e-mails and chats, which may name the key",
)


def remains(session: Session, keys: Collection[str]) -> list[dict[str, Any]]:
    """Return each as `what`, and `until` when at the latest it is gone by itself, as a date, None for never.

    Raises:
        Refusal: AWS does not list the log groups, or hand over the audit's state.
    """
    today = session.now().date()
    found: list[dict[str, Any]] = [
        {"what": f"log lines in {name}", "until": str(today + timedelta(days=days + 1)) if days else None}
        for name, days in _log_groups(session)
    ]
    found += [{"what": what, "until": None} for what in _ALWAYS]
    if session.stack.subscriber_queue_urls or session.stack.undelivered_queue_urls:
        found.append({"what": "what subscribers were sent before, e-mails among it", "until": None})
    if session.stack.distribution:
        found.append({"what": "CloudFront's list of invalidations, which names the paths", "until": None})
    state = Objects(session.clients, session.stack.output_bucket, "output bucket").text(AUDIT_STATE)
    if any(has_text_of(state, key) for key in keys):
        found.append({"what": f"{AUDIT_STATE}, which may name it until the audit goes on", "until": None})
    return found


def _log_groups(session: Session) -> list[tuple[str, int | None]]:
    """Return the stack's log groups, each with the days that it keeps a line."""
    worker = session.deployment.log_group
    prefix = worker.rpartition(_WORKER)[0] + "-" if _WORKER in worker else worker
    with translated("list the log groups", session.clients.endpoint_url):
        pages = session.clients("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        return [(each["logGroupName"], each.get("retentionInDays")) for page in pages for each in page["logGroups"]]
