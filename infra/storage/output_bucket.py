"""The output bucket, which renditions and manifests go to, and grants to write and read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi

from infra.access.policies import Allow, grant
from infra.storage.lifecycle import expire_outputs
from infra.storage.private_bucket import BucketArgs, PrivateBucket
from uploader.names import PREFIX
from worker.contracts.keys import REJECTS
from worker.contracts.names import AUDIT_STATE
from worker.contracts.recipes.specs import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi_aws as aws

    from infra.access.policies import AllowPrincipal

_SUFFIX: Final = "0123456"
"""As long as what Pulumi appends to the bucket's name (https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming)."""


@dataclass(frozen=True)
class OutputBucketArgs(BucketArgs):
    """What the output bucket needs to know besides.

    Attributes:
        expire_after: Days after which an output is deleted; 0 for never.
    """

    expire_after: int


class OutputBucket(PrivateBucket):
    """The bucket that renditions and manifests go to. All of it can be made again from the source."""

    def __init__(self, name: str, args: OutputBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("OutputBucket", name, args, expire_outputs(args.expire_after), opts)
        self.domain = self.bucket.bucket_regional_domain_name
        self.register_outputs({"name": self.name})

    def accept_from(self, reader: AllowPrincipal | None) -> None:
        """Write the bucket's policy: `reader` may read what its statement names, and nobody may do anything without TLS."""
        self._deny_plain_http(*([reader] if reader else []))

    def grant_write_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` write and delete outputs under a condition, which takes reading them too."""
        return grant(
            "worker-writes-output",
            role,
            Allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], self.objects),
            Allow(["s3:ListBucket"], self.arn),
            *self._key.read,
            *self._key.write,
            parent=self,
        )

    def grant_audit_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` list the bucket, look at outputs' metadata, and keep its own state."""
        return grant(
            "auditor-reads-output",
            role,
            Allow(["s3:ListBucket"], self.arn),
            Allow(["s3:GetObject"], self.objects),
            Allow(["s3:PutObject"], pulumi.Output.concat(self.arn, f"/{AUDIT_STATE}")),
            *self._key.read,
            *self._key.write,
            parent=self,
        )

    def grant_list_rejects_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` list the index of rejected pictures, and nothing else of the bucket.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
        """
        only = {"StringEquals": {"s3:prefix": REJECTS}}
        return grant("pager-lists-rejects", role, Allow(["s3:ListBucket"], self.arn, condition=only), parent=self)

    def grant_links_to(self, role: aws.iam.Role, renditions: Sequence[str]) -> aws.iam.RolePolicy:
        """Let `role` read the manifests and renditions of uploads, which is what it may sign links to.

        No listing: a missing manifest is then a 403, which the uploader takes for a missing manifest.
        """
        outputs = [pulumi.Output.concat(self.arn, each) for each in linked(renditions)]
        return grant("uploader-reads-outputs", role, Allow(["s3:GetObject"], outputs), *self._key.read, parent=self)


def arn_for_size(prefix: str) -> str:
    """Return an ARN as long as that of the output bucket will be: what names it has a limit."""
    return f"arn:aws:s3:::{prefix}-output-{_SUFFIX}"


def linked(renditions: Sequence[str]) -> list[str]:
    """Return what the upload page links to, each behind the bucket's ARN."""
    return [f"/{folder}/{PREFIX}*" for folder in (MANIFEST, *renditions)]
