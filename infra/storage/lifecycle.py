"""The rules by which objects of a bucket are archived or deleted; 0 days stands for never.

A rule with a tag may neither abort uploads nor remove delete markers: those are separate rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from worker.contracts.names import TAG_KEY, TAG_VALUE

if TYPE_CHECKING:
    from infra.storage.archive_classes import ArchiveClass

Rule = Any  # A dictionary, as Pulumi takes it.

INCOMPLETE_UPLOAD_DAYS: Final = 7
ABORT_INCOMPLETE_UPLOADS: Final[Rule] = {
    "id": "abort-incomplete-uploads",
    "status": "Enabled",
    "filter": {"prefix": ""},
    "abort_incomplete_multipart_upload": {"days_after_initiation": INCOMPLETE_UPLOAD_DAYS},
}
"""Parts of an unfinished upload are paid for, and no listing of objects shows them."""


def expire_old_versions(days: int) -> Rule:
    """Return the rule that keeps an old version for `days`, and a delete marker no longer than what it hides."""
    return {
        "id": "expire-old-versions",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrent_version_expiration": {"noncurrent_days": days},
        # A delete marker of which no older version is left.
        "expiration": {"expired_object_delete_marker": True},
    }


def archive_ready_originals(days: int, archive: ArchiveClass) -> list[Rule]:
    """Return the rule that moves what is ready and large enough for the move to pay, if anything is to be moved."""
    if not days:
        return []
    return [
        {
            "id": "archive-ready-originals",
            "status": "Enabled",
            "filter": {"and": {"tags": {TAG_KEY: TAG_VALUE}, "object_size_greater_than": archive.smallest - 1}},
            "transitions": [{"days": days, "storage_class": archive.storage_class}],
        }
    ]


def expire_outputs(days: int) -> list[Rule]:
    """Return the rule that deletes outputs, if any are to be deleted."""
    if not days:
        return []
    return [{"id": "expire-outputs", "status": "Enabled", "filter": {"prefix": ""}, "expiration": {"days": days}}]
