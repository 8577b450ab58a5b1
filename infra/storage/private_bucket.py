"""A private bucket: no public access, encrypted, TLS only, unfinished uploads deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from infra.access.policies import AllowPrincipal, DenyPlainHttp, document
from infra.part import Part
from infra.storage.lifecycle import ABORT_INCOMPLETE_UPLOADS, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.access.kms_key import KmsKey


@dataclass(frozen=True)
class BucketArgs:
    """What a private bucket needs to know.

    Attributes:
        prefix: Of the resources' names.
        force_destroy: Whether the bucket may be destroyed with objects in it.
        kms_key: That objects are encrypted with; without an ARN, S3's own.
    """

    prefix: str
    force_destroy: bool
    kms_key: KmsKey


class PrivateBucket(Part):
    """What all buckets of the stack have in common; each writes its own policy with `_deny_plain_http`."""

    def __init__(
        self,
        kind: str,
        name: str,
        args: BucketArgs,
        rules: Sequence[Rule],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"storage:{kind}", name, opts)
        self.bucket = aws.s3.Bucket(f"{args.prefix}-{name}", force_destroy=args.force_destroy, opts=self._within)
        self.name, self.arn = self.bucket.bucket, self.bucket.arn
        self.objects = pulumi.Output.concat(self.arn, "/*")
        self.origin = pulumi.Output.concat("https://", self.bucket.bucket_regional_domain_name)
        self._access_block = self._close()
        self._key = args.kms_key
        self._encrypt()
        self._keep_by(rules)

    def _close(self) -> aws.s3.BucketPublicAccessBlock:
        aws.s3.BucketOwnershipControls(
            self.named(f"{self.label}-is-owned-by-account"),
            bucket=self.bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._within,
        )
        return aws.s3.BucketPublicAccessBlock(
            self.named(f"{self.label}-blocks-public-access"),
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
            self.named(f"{self.label}-denies-plain-http"),
            bucket=self.bucket.id,
            policy=document(*allowed, DenyPlainHttp("s3:*", [self.arn, self.objects])),
            # S3 answers 409 when both are written at once (hashicorp/terraform-provider-aws#7628).
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._access_block]),
        )

    def _encrypt(self) -> None:
        rule: Any = {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
        if self._key.arn:
            default = {"sse_algorithm": "aws:kms", "kms_master_key_id": self._key.arn}
            # With a key for the bucket, S3 asks KMS once in a while instead of for every object
            # (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html).
            rule = {"apply_server_side_encryption_by_default": default, "bucket_key_enabled": True}
        aws.s3.BucketServerSideEncryptionConfiguration(
            self.named(f"{self.label}-encrypts"),
            bucket=self.bucket.id,
            rules=[rule],
            opts=self._within,
        )

    def _keep_by(self, rules: Sequence[Rule]) -> None:
        """Set the lifecycle: a bucket has one, with every rule in it."""
        aws.s3.BucketLifecycleConfiguration(
            self.named(f"{self.label}-lifecycle"),
            bucket=self.bucket.id,
            rules=[ABORT_INCOMPLETE_UPLOADS, *rules],
            opts=self._within,
        )
