"""Buckets and what belongs to a bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from local.loopback import on_loopback
from local.provision.kinds import ID, Kind, Made, Nested, Order, Table, removal, tag_list

if TYPE_CHECKING:
    from local.cloud import Cloud


def _make_bucket(cloud: Cloud, order: Order) -> Made:
    name = order.request["Bucket"]
    s3 = cloud.client("s3")
    elsewhere = (
        {"CreateBucketConfiguration": {"LocationConstraint": cloud.region}} if cloud.region != "us-east-1" else {}
    )
    s3.create_bucket(Bucket=name, **elsewhere)
    if order.request.get("Tags"):
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(order.request["Tags"])})
    domain = f"{name}.s3.{cloud.region}.amazonaws.com"
    return Made(name, {"arn": f"arn:aws:s3:::{name}", "bucketRegionalDomainName": domain})


def _remove_bucket(cloud: Cloud, order: Order, id_: str) -> None:
    """Delete what is in it first, where the program allows that; S3 deletes no bucket that is not empty."""
    client = cloud.client("s3")
    pages = client.get_paginator("list_object_versions").paginate(Bucket=id_) if order.request.get(_FORCE) else []
    for page in pages:
        for version in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
            client.delete_object(Bucket=id_, Key=version["Key"], VersionId=version["VersionId"])
    client.delete_bucket(Bucket=id_)


def _block_public_access(cloud: Cloud, order: Order) -> Made:
    bucket, settings = _parted(order)
    cloud.client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=settings)
    return Made(bucket)


def _set_ownership(cloud: Cloud, order: Order) -> Made:
    bucket, settings = _parted(order)
    cloud.client("s3").put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [settings["Rule"]]})
    return Made(bucket)


def _set_encryption(cloud: Cloud, order: Order) -> Made:
    bucket, settings = _parted(order)
    cloud.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=settings)
    return Made(bucket)


def _set_versioning(cloud: Cloud, order: Order) -> Made:
    bucket, settings = _parted(order)
    cloud.client("s3").put_bucket_versioning(Bucket=bucket, **settings)
    return Made(bucket)


def _set_lifecycle(cloud: Cloud, order: Order) -> Made:
    bucket, settings = _parted(order)
    settings["Rules"] = [{"Filter": {"Prefix": ""}, **_with_tag_list(rule)} for rule in settings["Rules"]]
    cloud.client("s3").put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=settings)
    return Made(bucket)


def _with_tag_list(rule: dict[str, Any]) -> dict[str, Any]:
    """Pulumi has the tags of a filter as an object, S3 as a list."""
    both = rule.get("Filter", {}).get("And", {})
    if "Tags" not in both:
        return rule
    return {**rule, "Filter": {"And": {**both, "Tags": tag_list(both["Tags"])}}}


def _set_policy(cloud: Cloud, order: Order) -> Made:
    cloud.client("s3").put_bucket_policy(**order.request)
    return Made(order.request["Bucket"])


def _set_cors(cloud: Cloud, order: Order) -> Made:
    bucket, settings = _parted(order)
    for rule in settings["CORSRules"]:
        rule["AllowedOrigins"] = [on_loopback(origin, cloud) for origin in rule["AllowedOrigins"]]
    cloud.client("s3").put_bucket_cors(Bucket=bucket, CORSConfiguration=settings)
    return Made(bucket)


def _put_object(cloud: Cloud, order: Order) -> Made:
    cloud.client("s3").put_object(**order.request)
    return Made(order.request["Key"])


def _notify(cloud: Cloud, order: Order) -> Made:
    bucket, settings = _parted(order)
    configuration: dict[str, Any] = {"QueueConfigurations": [_with_filter(q) for q in settings.get("Queues", [])]}
    if settings.get("EventBridge"):
        configuration["EventBridgeConfiguration"] = {}
    cloud.client("s3").put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    return Made(bucket)


def _with_filter(queue: dict[str, Any]) -> dict[str, Any]:
    """Pulumi's two filter properties are a list of named rules at S3's."""
    rules = [{"Name": name, "Value": queue.pop(name)} for name in ("prefix", "suffix") if name in queue]
    return {**queue, "Filter": {"Key": {"FilterRules": rules}}} if rules else queue


def _parted(order: Order) -> tuple[str, dict[str, Any]]:
    settings = dict(order.request)
    return settings.pop("Bucket"), settings


_FILTER: Final[Table] = {
    "prefix": "Prefix",
    "and": Nested("And", {"tags": "Tags", "objectSizeGreaterThan": "ObjectSizeGreaterThan"}),
}
_LIFECYCLE_RULE: Final[Table] = {
    "id": "ID",
    "status": "Status",
    "filter": Nested("Filter", _FILTER),
    "abortIncompleteMultipartUpload": Nested(
        "AbortIncompleteMultipartUpload", {"daysAfterInitiation": "DaysAfterInitiation"}
    ),
    "expiration": Nested("Expiration", {"days": "Days", "expiredObjectDeleteMarker": "ExpiredObjectDeleteMarker"}),
    "transitions": Nested("Transitions", {"days": "Days", "storageClass": "StorageClass"}),
    "noncurrentVersionExpiration": Nested("NoncurrentVersionExpiration", {"noncurrentDays": "NoncurrentDays"}),
}

_FORCE: Final = "ForceDestroy"
"""No member of S3's: the provider's own, and this one's, for when the bucket is destroyed."""

BUCKET: Final = Kind(
    {"bucket": "Bucket", "forceDestroy": _FORCE, "tags": "Tags"},
    _make_bucket,
    named_by="bucket",
    remove=_remove_bucket,
)
PUBLIC_ACCESS_BLOCK: Final = Kind(
    {
        "bucket": "Bucket",
        "blockPublicAcls": "BlockPublicAcls",
        "blockPublicPolicy": "BlockPublicPolicy",
        "ignorePublicAcls": "IgnorePublicAcls",
        "restrictPublicBuckets": "RestrictPublicBuckets",
    },
    _block_public_access,
)
OWNERSHIP_CONTROLS: Final = Kind(
    {"bucket": "Bucket", "rule": Nested("Rule", {"objectOwnership": "ObjectOwnership"})}, _set_ownership
)
ENCRYPTION: Final = Kind(
    {
        "bucket": "Bucket",
        "rules": Nested(
            "Rules",
            {
                "applyServerSideEncryptionByDefault": Nested(
                    "ApplyServerSideEncryptionByDefault",
                    {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"},
                ),
                "bucketKeyEnabled": "BucketKeyEnabled",
            },
        ),
    },
    _set_encryption,
)
VERSIONING: Final = Kind(
    {"bucket": "Bucket", "versioningConfiguration": Nested("VersioningConfiguration", {"status": "Status"})},
    _set_versioning,
)
LIFECYCLE: Final = Kind({"bucket": "Bucket", "rules": Nested("Rules", _LIFECYCLE_RULE)}, _set_lifecycle)
POLICY: Final = Kind({"bucket": "Bucket", "policy": "Policy"}, _set_policy)
CORS: Final = Kind(
    {
        "bucket": "Bucket",
        "corsRules": Nested(
            "CORSRules",
            {
                "allowedMethods": "AllowedMethods",
                "allowedOrigins": "AllowedOrigins",
                "maxAgeSeconds": "MaxAgeSeconds",
            },
        ),
    },
    _set_cors,
)
OBJECT: Final = Kind(
    {
        "bucket": "Bucket",
        "key": "Key",
        "content": "Body",
        "contentType": "ContentType",
        "cacheControl": "CacheControl",
    },
    _put_object,
    remove=removal("s3", "delete_object", Bucket="Bucket", Key=ID),
)
NOTIFICATION: Final = Kind(
    {
        "bucket": "Bucket",
        "eventbridge": "EventBridge",
        "queues": Nested(
            "Queues",
            {
                "queueArn": "QueueArn",
                "events": "Events",
                "filterPrefix": "prefix",
                "filterSuffix": "suffix",
            },
        ),
    },
    _notify,
)
