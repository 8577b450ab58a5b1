"""The two buckets: private, encrypted, TLS only. Pictures land in the source bucket, renditions in the output bucket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.lifecycle import (
    ABORT_INCOMPLETE_UPLOADS,
    Rule,
    archive_ready_originals,
    expire_old_versions,
    expire_outputs,
)
from infra.policies import Allow, AllowPrincipal, DenyPlainHttp, document, grant
from uploader.names import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.archive import ArchiveClass
    from infra.queues import Queue

EVENTS: Final = ("s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectRestore:Completed")
"""Every way to create a key, every way to remove it, and that an archived one can be read again. A lifecycle's expiration is
none of these, and neither is a tag:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"""
PREFLIGHT_SECONDS: Final = 600
"""That a browser remembers that it may upload."""


@dataclass(frozen=True)
class BucketArgs:
    """What a private bucket needs to know.

    Attributes:
        prefix: Of the resources' names.
        force_destroy: Whether the bucket may be destroyed with objects in it.
    """

    prefix: str
    force_destroy: bool


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


@dataclass(frozen=True)
class OutputBucketArgs(BucketArgs):
    """What the output bucket needs to know besides.

    Attributes:
        expire_after: Days after which an output is deleted; 0 for never.
    """

    expire_after: int


class PrivateBucket(pulumi.ComponentResource):
    """A bucket that nobody outside the account, and nobody without TLS, reads or writes."""

    def __init__(
        self,
        kind: str,
        name: str,
        args: BucketArgs,
        rules: Sequence[Rule],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"image-pipeline:storage:{kind}", name, None, opts)
        self._label = name
        self._within = pulumi.ResourceOptions(parent=self)
        self.bucket = aws.s3.Bucket(f"{args.prefix}-{name}", force_destroy=args.force_destroy, opts=self._within)
        self.name, self.arn = self.bucket.bucket, self.bucket.arn
        self.objects = pulumi.Output.concat(self.arn, "/*")
        self.origin = pulumi.Output.concat("https://", self.bucket.bucket_regional_domain_name)
        self._access_block = self._close()
        self._encrypt()
        self._keep_by(rules)

    def _close(self) -> aws.s3.BucketPublicAccessBlock:
        aws.s3.BucketOwnershipControls(
            f"{self._label}-is-owned-by-account",
            bucket=self.bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._within,
        )
        return aws.s3.BucketPublicAccessBlock(
            f"{self._label}-blocks-public-access",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._within,
        )

    def _deny_plain_http(self, *allowed: AllowPrincipal) -> None:
        """Write the bucket's one policy, with what else it allows."""
        aws.s3.BucketPolicy(
            f"{self._label}-denies-plain-http",
            bucket=self.bucket.id,
            policy=document(*allowed, DenyPlainHttp("s3:*", [self.arn, self.objects])),
            # S3 answers 409 when both are written at once (hashicorp/terraform-provider-aws#7628).
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._access_block]),
        )

    def _encrypt(self) -> None:
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._label}-encrypts",
            bucket=self.bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=self._within,
        )

    def _keep_by(self, rules: Sequence[Rule]) -> None:
        """Set the lifecycle: a bucket has one, with every rule in it."""
        aws.s3.BucketLifecycleConfiguration(
            f"{self._label}-lifecycle",
            bucket=self.bucket.id,
            rules=[ABORT_INCOMPLETE_UPLOADS, *rules],
            opts=self._within,
        )


class SourceBucket(PrivateBucket):
    """The bucket that pictures land in. Versioned: what somebody overwrote or deleted can be brought back for a while.

    Attributes:
        environment: What the worker has to know of it besides its name.
    """

    def __init__(self, name: str, args: SourceBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        rules = [
            expire_old_versions(args.noncurrent_days),
            *archive_ready_originals(args.archive_after, args.archive),
        ]
        super().__init__("SourceBucket", name, args, rules, opts)
        self._args = args
        self._deny_plain_http()
        aws.s3.BucketVersioning(
            f"{name}-keeps-versions",
            bucket=self.bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=self._within,
        )
        self.environment = {"ARCHIVES": "true"} if args.archive_after else {}
        self.register_outputs({"name": self.name})

    def grant_tag_to(self, role: aws.iam.Role) -> list[aws.iam.RolePolicy]:
        """Let `role` mark originals that may be archived, where any are."""
        actions = ["s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"]
        if not self.environment:
            return []
        return [grant("worker-tags-source", role, Allow(actions, self.objects), parent=self)]

    def grant_read_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` read pictures; the listing makes a missing key a 404 instead of a 403."""
        return grant(
            "worker-reads-source",
            role,
            Allow(["s3:GetObject"], self.objects),
            Allow(["s3:ListBucket"], self.arn),
            parent=self,
        )

    def grant_upload_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` sign uploads under the page's prefix: a signature allows what its signer may do, and no more."""
        uploads = pulumi.Output.concat(self.arn, f"/{PREFIX}*")
        return grant("uploader-signs-uploads", role, Allow(["s3:PutObject"], uploads), parent=self)

    def accept_forms_of(self, origin: pulumi.Input[str]) -> None:
        """Let scripts of a page at `origin`, and of no other, see what S3 answers to an upload.

        No header is allowed: a form needs none (https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html).
        """
        aws.s3.BucketCorsConfiguration(
            f"{self._label}-accepts-page",
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
        """Announce keys that changed to `queue`; S3 tries its policy at once, so `after` holds that policy."""
        suffixes = self._args.key_suffixes or ("",)
        aws.s3.BucketNotification(
            "source-notifies-queue",
            bucket=self.bucket.id,
            queues=[self._announcement(queue, suffix) for suffix in suffixes],
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )

    def _announcement(self, queue: Queue, suffix: str) -> aws.s3.BucketNotificationQueueArgs:
        return aws.s3.BucketNotificationQueueArgs(
            queue_arn=queue.arn,
            events=list(EVENTS),
            filter_prefix=self._args.key_prefix or None,
            filter_suffix=suffix or None,
        )


class OutputBucket(PrivateBucket):
    """The bucket that renditions and manifests go to. All of it can be made again from the source."""

    def __init__(self, name: str, args: OutputBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("OutputBucket", name, args, expire_outputs(args.expire_after), opts)
        self._deny_plain_http()
        self.register_outputs({"name": self.name})

    def grant_write_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` write and delete outputs under a condition, which takes reading them too."""
        return grant(
            "worker-writes-output",
            role,
            Allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], self.objects),
            Allow(["s3:ListBucket"], self.arn),
            parent=self,
        )

    def grant_links_to(self, role: aws.iam.Role, renditions: Sequence[str]) -> aws.iam.RolePolicy:
        """Let `role` read the manifests and renditions of uploads, which is what it may sign links to.

        No listing: a missing manifest is then a 403, which the uploader takes for a missing manifest.
        """
        outputs = ("manifest", *renditions)
        statements = [
            Allow(["s3:GetObject"], pulumi.Output.concat(self.arn, f"/{output}/{PREFIX}*")) for output in outputs
        ]
        return grant("uploader-reads-outputs", role, *statements, parent=self)
