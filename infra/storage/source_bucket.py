"""The source bucket that the program makes: its versions, how it announces what changes, and the grant to upload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.policies import Allow, grant
from infra.storage.lifecycle import archive_ready_originals, expire_old_versions
from infra.storage.private_bucket import BucketArgs, PrivateBucket
from infra.storage.source import Source
from uploader.names import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.messaging.queues import Queue
    from infra.storage.archive_classes import ArchiveClass

EVENTS: Final = ("s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectRestore:Completed")
"""Every way to create a key, every way to remove it, and that an archived one can be read again. A lifecycle's expiration is
none of these, and neither is a tag:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"""
PREFLIGHT_SECONDS: Final = 600
"""That a browser remembers that it may upload."""


@dataclass(frozen=True)
class SourceBucketArgs(BucketArgs):
    """What the source bucket needs to know besides.

    Attributes:
        key_prefix: Only keys that start with it are announced.
        key_suffixes: Only keys that end in one of them are announced; all if there are none.
        archive_after: Days after which an original that is ready is archived; 0 for never.
        archive: Where to.
        noncurrent_days: That an old version or a delete marker is kept.
    """

    key_prefix: str
    key_suffixes: tuple[str, ...]
    archive_after: int
    archive: ArchiveClass
    noncurrent_days: int


class SourceBucket(PrivateBucket, Source):
    """The program's own bucket. Versioned: what was overwritten or deleted can be restored for a while."""

    def __init__(self, name: str, args: SourceBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        rules = [
            expire_old_versions(args.noncurrent_days),
            *archive_ready_originals(args.archive_after, args.archive),
        ]
        super().__init__("SourceBucket", name, args, rules, opts)
        self._args = args
        self._deny_plain_http()
        aws.s3.BucketVersioning(
            self.named(f"{name}-keeps-versions"),
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=self._within,
        )
        self.readable = self.objects
        self.environment = {"ARCHIVES": "true"} if args.archive_after else {}
        self.register_outputs({"name": self.name})

    def grant_upload_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` sign uploads under the page's prefix: a signature allows what its signer may do, and no more."""
        uploads = pulumi.Output.concat(self.arn, f"/{PREFIX}*")
        return grant("uploader-signs-uploads", role, Allow(["s3:PutObject"], uploads), parent=self)

    def accept_forms_of(self, origin: pulumi.Input[str]) -> None:
        """Let scripts of a page at `origin`, and of no other, see what S3 answers to an upload.

        No header is allowed: a form needs none (https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html).
        """
        aws.s3.BucketCorsConfiguration(
            self.named(f"{self.label}-accepts-page"),
            bucket=self.bucket.id,
            cors_rules=[
                {
                    "allowed_methods": ["POST"],
                    "allowed_origins": [origin],
                    "max_age_seconds": PREFLIGHT_SECONDS,
                }
            ],
            opts=self._within,
        )

    def notify(self, queue: Queue, *, after: Sequence[pulumi.Resource]) -> None:
        """Notify `queue` of keys that changed; S3 checks its policy at once: `after` is that policy."""
        suffixes = self._args.key_suffixes or ("",)
        self._announce(after, queues=[self._announcement(queue, suffix) for suffix in suffixes])

    def notify_event_bridge(self, *, after: Sequence[pulumi.Resource]) -> None:
        """Tell EventBridge of every event; `after` is the target of the rule that takes them."""
        self._announce(after, eventbridge=True)

    def _announce(self, after: Sequence[pulumi.Resource], **settings: Any) -> None:
        """Set the bucket's one notification configuration.

        It keeps its name: S3's provider deletes another one after it has made this one, and all that the bucket has with it.
        """
        aws.s3.BucketNotification(
            self.named("source-notifies-queue"),
            bucket=self.bucket.id,
            **settings,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _announcement(self, queue: Queue, suffix: str) -> aws.s3.BucketNotificationQueueArgs:
        return aws.s3.BucketNotificationQueueArgs(
            queue_arn=queue.arn,
            events=list(EVENTS),
            filter_prefix=self._args.key_prefix or None,
            filter_suffix=suffix or None,
        )
