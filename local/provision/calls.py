"""Every provider function that the engine answers. One that fails has the text that terraform-provider-aws would have for it."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.cloud import Cloud

    Arguments = Mapping[str, Any]


class CallFailed(Exception):
    """A function found no answer; the text is the provider's."""


def _caller_identity(cloud: Cloud, _arguments: Arguments) -> dict[str, Any]:
    identity = cloud.client("sts").get_caller_identity()
    return {
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "userId": identity["UserId"],
        "id": identity["Account"],
    }


def _region(cloud: Cloud, _arguments: Arguments) -> dict[str, Any]:
    return {"region": cloud.region, "name": cloud.region, "id": cloud.region}


def _bucket(cloud: Cloud, arguments: Arguments) -> dict[str, Any]:
    """Look at a bucket in one region, as the provider does; boto3 would follow it into another."""
    bucket = arguments["bucket"]
    reading = f"reading S3 Bucket ({bucket})"
    try:
        region = cloud.client("s3").head_bucket(Bucket=bucket)["BucketRegion"]
    except ClientError as exc:
        if _status(exc) == HTTPStatus.NOT_FOUND:
            raise CallFailed(f"{reading}: couldn't find resource") from exc
        raise CallFailed(f"{reading}: {_said('HeadBucket', _status(exc))}") from exc
    if region != cloud.region:
        raise CallFailed(f"{reading}: {_said('HeadBucket', HTTPStatus.MOVED_PERMANENTLY)}")
    domain = f"{bucket}.s3.{region}.amazonaws.com"
    return {
        "arn": f"arn:aws:s3:::{bucket}",
        "bucket": bucket,
        "bucketDomainName": f"{bucket}.s3.amazonaws.com",
        "bucketRegion": region,
        "bucketRegionalDomainName": domain,
        "hostedZoneId": "",
        "id": bucket,
        "region": cloud.region,
        "websiteDomain": "",
        "websiteEndpoint": "",
    }


def _buckets(cloud: Cloud, arguments: Arguments) -> dict[str, Any]:
    pages = cloud.client("s3").get_paginator("list_buckets").paginate(Prefix=arguments["prefix"])
    buckets = [
        {
            "bucketArn": f"arn:aws:s3:::{each['Name']}",
            "bucketRegion": each["BucketRegion"],
            "creationDate": each["CreationDate"].isoformat(),
            "name": each["Name"],
        }
        for page in pages
        for each in page.get("Buckets", [])
    ]
    return {"buckets": buckets, "prefix": arguments["prefix"], "region": cloud.region}


def _notification(cloud: Cloud, arguments: Arguments) -> dict[str, Any]:
    """Answer with the one part that the program reads; others are no lists of nothing, and would be missed."""
    found = cloud.client("s3").get_bucket_notification_configuration(Bucket=arguments["bucket"])
    return {
        "bucket": arguments["bucket"],
        "eventbridge": "EventBridgeConfiguration" in found,
        "region": cloud.region,
    }


def _resource(cloud: Cloud, arguments: Arguments) -> dict[str, Any]:
    """Answer for a bucket, in CloudFormation's words.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
    """
    if arguments["typeName"] != "AWS::S3::Bucket":
        raise CallFailed(f"{arguments['typeName']} is not read by the local engine; add it to local/provision/calls.py")
    s3, bucket = cloud.client("s3"), arguments["identifier"]
    status = s3.get_bucket_versioning(Bucket=bucket).get("Status")
    properties = {
        "BucketName": bucket,
        "BucketEncryption": {"ServerSideEncryptionConfiguration": _encryption(s3, bucket)},
        "Tags": _tags(s3, bucket),
        **({"VersioningConfiguration": {"Status": status}} if status else {}),
    }
    return {
        "id": bucket,
        "identifier": bucket,
        "properties": json.dumps(properties),
        "region": cloud.region,
        "typeName": arguments["typeName"],
    }


def _encryption(s3: Any, bucket: str) -> list[dict[str, Any]]:
    found = _or_nothing(lambda: s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"])
    return [
        {"ServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"]}
        for rule in found
        if "ApplyServerSideEncryptionByDefault" in rule
    ]


def _tags(s3: Any, bucket: str) -> list[dict[str, str]]:
    return _or_nothing(lambda: s3.get_bucket_tagging(Bucket=bucket)["TagSet"])


def _or_nothing(read: Callable[[], list[Any]]) -> list[Any]:
    """S3 answers 404 for a setting that nobody has made."""
    try:
        return read()
    except ClientError as exc:
        if _status(exc) == HTTPStatus.NOT_FOUND:
            return []
        raise


def _status(error: ClientError) -> HTTPStatus:
    return HTTPStatus(error.response["ResponseMetadata"]["HTTPStatusCode"])


def _said(operation: str, status: HTTPStatus) -> str:
    """Return an error as aws-sdk-go-v2 puts it."""
    code = status.phrase.replace(" ", "")
    return (
        f"operation error S3: {operation}, https response error StatusCode: {status.value}, RequestID: 0, HostID: 0,"
        f" api error {code}: {status.phrase}"
    )


def _key(cloud: Cloud, arguments: Arguments) -> dict[str, Any]:
    try:
        found = cloud.client("kms").describe_key(KeyId=arguments["keyId"])["KeyMetadata"]
    except ClientError as exc:
        raise CallFailed(str(exc)) from exc
    told = ("Arn", "Enabled", "KeyId", "KeyManager", "KeySpec", "KeyState", "KeyUsage")
    return {"id": found["KeyId"], **{name[0].lower() + name[1:]: found[name] for name in told}}


CALLS: Final[Mapping[str, Callable[[Cloud, Arguments], dict[str, Any]]]] = {
    "aws:cloudcontrol/getResource:getResource": _resource,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getRegion:getRegion": _region,
    "aws:kms/getKey:getKey": _key,
    "aws:s3/getBucket:getBucket": _bucket,
    "aws:s3/getBucketNotification:getBucketNotification": _notification,
    "aws:s3/getBuckets:getBuckets": _buckets,
}
"""By token: what answers with the function's outputs, given its arguments."""


def answer(cloud: Cloud, token: str, arguments: Arguments) -> dict[str, Any]:
    """Answer a function of `CALLS`.

    Raises:
        CallFailed: It has no answer.
    """
    try:
        return CALLS[token](cloud, arguments)
    except ClientError as exc:
        raise CallFailed(_said(exc.operation_name, _status(exc))) from exc
