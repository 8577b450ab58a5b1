"""Whether a bucket that exists can be the source, by what the provider's functions read of it. Never changes anything.

What is asked, and what whoever deploys needs for it:

getBuckets               whether it is this account's, and where   s3:ListAllMyBuckets; without, only `ops adopt` finds out
getBucket                whether it can be read                    s3:ListBucket
getBucketNotification    whether EventBridge gets its events       s3:GetBucketNotification; without, a warning
cloudcontrol.getResource versioning, encryption and tags            cloudformation:GetResource, and what it reads by itself
                                                                   (https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/security.html);
                                                                   without, a warning

A provider's function that fails raises a bare `Exception` with the provider's text. Of that, the HTTP status is matched, and what
terraform-provider-aws makes of a 404; the rest changes with its versions
(https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/s3/bucket_data_source.go).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.access.account import tags_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.part import Part

_MISSING: Final = re.compile(r"StatusCode: 404|couldn't find resource|NoSuchBucket")
_ELSEWHERE: Final = re.compile(r"StatusCode: 301|MovedPermanently|PermanentRedirect|actual location")
_DENIED: Final = re.compile(r"StatusCode: 403|Forbidden|AccessDenied")
_DENIED_TO: Final = {
    True: "is another account's. Deploy the stack in the account that owns it",
    False: "you may not look at: that takes s3:ListBucket on it, and it has to be a bucket of this account",
}
"""By whether another account owns it for sure."""
_KMS: Final = ("aws:kms", "aws:kms:dsse")
_AWS_S_OWN: Final = "alias/aws/s3"
"""Whoever may read an object in the account may use this key for it
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html)."""
_ALIAS: Final = "alias/"


class NotUsable(pulumi.RunError):
    """The bucket cannot be the source; a `RunError`, so that Pulumi shows the sentence without a traceback."""

    def __init__(self, bucket: str, sentence: str, said: str = "") -> None:
        behind = f"\n  The provider said: {' '.join(said.split())}" if said else ""
        super().__init__(f"source.bucket is {bucket!r}, which {sentence}.{behind}")


@dataclass(frozen=True)
class _Answer:
    """What a function of the provider returned, or the text of its error."""

    value: Any = None
    error: str = ""


def look_at(bucket: str, kms_key: str, parent: Part) -> str:
    """Return the bucket's ARN, and warn of what does not stop the program.

    Args:
        bucket: Its name.
        kms_key: ARN of the key that the worker may decrypt with; empty for none.
        parent: What the provider and the warnings are of.

    Raises:
        NotUsable: It is missing, another account's or in another region, must not be read, or has a key that the worker has not.
    """
    opts = pulumi.InvokeOptions(parent=parent)
    found = _asked(lambda: aws.s3.get_bucket(bucket=bucket, opts=opts))
    listed = _asked(lambda: aws.s3.get_buckets(prefix=bucket, opts=opts))
    arn = _reachable(bucket, found, listed)
    if listed.error:
        _warn(
            parent,
            f"Whose {bucket} is was not seen, which takes s3:ListAllMyBuckets; ops adopt refuses a foreign one",
            listed,
        )
    _look_at_events(bucket, _asked(lambda: aws.s3.get_bucket_notification(bucket=bucket, opts=opts)), parent)
    _look_at_settings(
        bucket,
        kms_key,
        _asked(lambda: aws.cloudcontrol.get_resource(type_name="AWS::S3::Bucket", identifier=bucket, opts=opts)),
        parent,
    )
    return arn


def _reachable(bucket: str, found: _Answer, listed: _Answer) -> str:
    """Return the ARN of a bucket that is in this account and region and that can be read."""
    regions = {each.name: each.bucket_region for each in (listed.value.buckets if listed.value else ())}
    # Where the account lists it, no error has to be understood: S3 has several for another region.
    if regions.get(bucket) and regions[bucket] != listed.value.region:
        raise NotUsable(bucket, _elsewhere(f"{regions[bucket]}, and this stack in {listed.value.region}"), found.error)
    is_of_others = not listed.error and bucket not in regions
    if found.error:
        raise NotUsable(bucket, _why_not(found.error, is_of_others=is_of_others), found.error)
    if found.value.bucket_region != found.value.region:
        raise NotUsable(bucket, _elsewhere(f"{found.value.bucket_region}, and this stack in {found.value.region}"))
    if is_of_others:
        raise NotUsable(
            bucket,
            "is another account's: its events go to EventBridge there. Deploy the stack in the account that owns it",
        )
    return str(found.value.arn)


def _why_not(error: str, *, is_of_others: bool) -> str:
    if _MISSING.search(error):
        return "does not exist. Correct the name, or remove the key: the program then makes a bucket"
    if _ELSEWHERE.search(error):
        return _elsewhere("another region than this stack")
    if _DENIED.search(error):
        return _DENIED_TO[is_of_others]
    return "could not be looked at"


def _elsewhere(region: str) -> str:
    return f"is in {region}: S3 sends events within a region. Set aws:region to the bucket's"


def _look_at_events(bucket: str, answer: _Answer, parent: Part) -> None:
    if answer.error:
        _warn(parent, f"Whether {bucket} sends events to EventBridge was not seen", answer)
    elif not answer.value.eventbridge:
        command = f"{parent.ops} adopt {bucket}"
        _warn(parent, f"{bucket} does not send its events to EventBridge yet. Once this is deployed, run {command}")


def _look_at_settings(bucket: str, kms_key: str, answer: _Answer, parent: Part) -> None:
    if answer.error:
        what = f"Whether {bucket} keeps versions, and how it encrypts, was not seen"
        _warn(parent, f"{what}: if by a key of your own, set sourceKmsKey", answer)
        return
    settings = json.loads(answer.value.properties)
    tags = {each["Key"]: each["Value"] for each in settings.get("Tags", ())}
    if tags_of(pulumi.get_stack()).items() <= tags.items():
        raise NotUsable(
            bucket,
            "this stack has made, by its tags, and would delete now. To keep it, take it out of the stack by"
            " pulumi state delete, and remove its tag managed-by",
        )
    if settings.get("VersioningConfiguration", {}).get("Status") != "Enabled":
        _warn(parent, f"{bucket} keeps no versions: an original that is overwritten or deleted is gone")
    key = _key_in(settings)
    if key and not kms_key:
        raise NotUsable(
            bucket, f"encrypts by the key {key}. Set sourceKmsKey to its ARN, so that the worker may decrypt"
        )
    if key and not _may_be_one(key, kms_key):
        raise NotUsable(
            bucket, f"encrypts by the key {key}, and sourceKmsKey is {kms_key}: the worker could not decrypt"
        )


def _key_in(settings: dict[str, Any]) -> str:
    """Return the customer's key that a bucket encrypts with by default, by id, ARN or alias; nothing for AWS's.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-serversideencryptionbydefault.html
    """
    for rule in settings.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", ()):
        default = rule.get("ServerSideEncryptionByDefault", {})
        key = str(default.get("KMSMasterKeyID", ""))
        if default.get("SSEAlgorithm") in _KMS and not key.endswith(_AWS_S_OWN):
            return key
    return ""


def _may_be_one(key: str, kms_key: str) -> bool:
    """Whether a bucket's key may be the one of an ARN: an alias does not say."""
    return _ALIAS in key or key.rpartition("/")[2] == kms_key.rpartition("/")[2]


def _asked(ask: Callable[[], Any]) -> _Answer:
    try:
        return _Answer(ask())
    except Exception as exc:  # noqa: BLE001 - Pulumi has no narrower one for a function that fails.
        return _Answer(error=str(exc) or type(exc).__name__)


def _warn(parent: Part, sentence: str, answer: _Answer | None = None) -> None:
    behind = f"\n  The provider said: {' '.join(answer.error.split())}" if answer else ""
    pulumi.warn(f"{sentence}.{behind}", parent)
