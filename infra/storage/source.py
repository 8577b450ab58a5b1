"""The bucket that pictures land in, whoever made it: who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.part import Part
from infra.policies import Allow, grant

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pulumi
    import pulumi_aws as aws


class Source(Part):
    """What the program's own bucket and an adopted one have in common.

    No listing is narrowed to a prefix: S3 answers 403 instead of 404 for a missing key to whoever may not list its bucket, and a
    request for an object has no `s3:prefix` to allow it by
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).

    Attributes:
        name: Of the bucket.
        arn: Of the bucket.
        readable: ARN of the objects that may be read.
        environment: What the worker has to know of it besides its name.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    readable: pulumi.Output[str]
    environment: Mapping[str, str]

    def grant_read_to(self, role: aws.iam.Role) -> aws.iam.RolePolicy:
        """Let `role` read pictures; the listing makes a missing key a 404 instead of a 403."""
        return grant(
            "worker-reads-source",
            role,
            Allow(["s3:GetObject"], self.readable),
            Allow(["s3:ListBucket"], self.arn),
            parent=self,
        )

    def grant_tag_to(self, role: aws.iam.Role) -> list[aws.iam.RolePolicy]:
        """Let `role` mark originals that may be archived, where any are."""
        actions = ["s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"]
        if not self.environment:
            return []
        return [grant("worker-tags-source", role, Allow(actions, self.readable), parent=self)]

    def grant_audit_to(self, role: aws.iam.Role, *, foci: bool) -> aws.iam.RolePolicy:
        """Let `role` list the pictures, and with `foci` look at their metadata, which takes the right to read them.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
        """
        heads = [Allow(["s3:GetObject"], self.readable)] if foci else []
        return grant("auditor-lists-source", role, Allow(["s3:ListBucket"], self.arn), *heads, parent=self)
