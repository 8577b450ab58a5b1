"""A KMS key of one's own: what roles may do with it, and whether AWS can work with it.

The program makes no key and changes no key's policy. What that must allow is in SECURITY.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.access.policies import Allow

if TYPE_CHECKING:
    from collections.abc import Iterable

_STATES: Final = {
    "Enabled": "",
    "Disabled": "is disabled: enable it, or name another one",
    "PendingDeletion": "is to be deleted: cancel that, or name another one",
}
_MISSING: Final = ("NotFoundException", "InvalidArnException")
_SYMMETRIC: Final = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")


@dataclass(frozen=True)
class KmsKey:
    """A key, or AWS's own.

    Attributes:
        name: Of the configuration's key.
        arn: Empty for AWS's own, which needs no permission.
    """

    name: str
    arn: str = ""

    @property
    def read(self) -> list[Allow]:
        """What reading objects and receiving messages takes besides; metadata of objects can be read without it."""
        return self._allow("kms:Decrypt")

    @property
    def write(self) -> list[Allow]:
        """What writing an object in one part takes besides.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
        """
        return self._allow("kms:GenerateDataKey")

    @property
    def send(self) -> list[Allow]:
        """What sending and publishing messages takes besides: a new data key is decrypted once, to check it.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
        https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        """
        return self._allow("kms:GenerateDataKey", "kms:Decrypt")

    def _allow(self, *actions: str) -> list[Allow]:
        return [Allow(actions, self.arn)] if self.arn else []


AWS_OWN: Final = KmsKey("")


def check(keys: Iterable[KmsKey], parent: pulumi.Resource) -> None:
    """Look at each key before anything is made. A key that may not be looked at is a warning: those who use it are others.

    Raises:
        RunError: AWS cannot work with some; with a line for each.
    """
    problems = [f"  {key.name}: {key.arn} {problem}" for key in keys if key.arn and (problem := _problem(key, parent))]
    if problems:
        raise pulumi.RunError("\n".join(["AWS cannot work with what is configured as a key:", *problems]))


def _problem(key: KmsKey, parent: pulumi.Resource) -> str:
    """Return what is wrong with a key, nothing if it is right."""
    try:
        found = aws.kms.get_key(key_id=key.arn, opts=pulumi.InvokeOptions(parent=parent))
    except Exception as exc:  # The engine has no other class for what a provider answers.
        if any(code in str(exc) for code in _MISSING):
            return "does not exist"
        if "AccessDenied" not in str(exc):
            raise
        pulumi.warn(
            f"{key.name}: nobody has looked whether {key.arn} can be used: kms:DescribeKey on it is not allowed."
        )
        return ""
    if found.key_manager == "AWS":
        return "is AWS's own, whose policy nobody can change: make a key"
    if (found.key_spec, found.key_usage) != _SYMMETRIC:
        return f"is {found.key_spec} for {found.key_usage}: S3, SQS and SNS take symmetric keys for encryption alone"
    return _STATES.get(found.key_state, f"is {found.key_state}")
