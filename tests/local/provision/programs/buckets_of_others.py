"""Buckets that the program has not made: of this account, of another one, in another region."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from local.cloud import Cloud

STRANGER = "111111111111"
"""Another account; the emulator takes its number for an access key of its root."""
_SETTINGS = (
    "bucket_cors",
    "bucket_encryption",
    "bucket_lifecycle_configuration",
    "bucket_notification_configuration",
    "bucket_ownership_controls",
    "bucket_policy",
    "bucket_tagging",
    "bucket_versioning",
    "public_access_block",
)


def make_bucket(cloud: Cloud, name: str, *, region: Any = "", account: str = "test", readable: bool = False) -> str:
    """Make a bucket and return its name; with `readable`, everybody may list it and read what is in it."""
    region = region or cloud.region
    config = Config(s3={"addressing_style": "path"}, proxies={})
    with closing(
        boto3.client("s3", region, endpoint_url=cloud.endpoint_url, aws_access_key_id=account,
                     aws_secret_access_key="test", config=config)
    ) as s3:  # fmt: skip
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
        if readable:
            arn = f"arn:aws:s3:::{name}"
            allow = {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": ["s3:ListBucket", "s3:GetObject"],
                     "Resource": [arn, f"{arn}/*"]}  # fmt: skip
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    return name


def everything_about(s3: Any, bucket: str) -> dict[str, Any]:
    """Return all settings of a bucket, and all versions of all objects in it."""
    return {**{each: _setting(s3, each, bucket) for each in _SETTINGS}, "versions": _versions(s3, bucket)}


def _setting(s3: Any, name: str, bucket: str) -> Any:
    try:
        answer = getattr(s3, f"get_{name}")(Bucket=bucket)
    except ClientError as exc:
        return exc.response["Error"]["Code"]
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def _versions(s3: Any, bucket: str) -> list[tuple[str, str, str]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    return [(each["Key"], each["VersionId"], each["ETag"]) for page in pages for each in page.get("Versions", [])]
