"""The loopback counts as TLS: policies that deny plain HTTP are enforced and let the worker in."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local.provision.orders import BUCKET, ROLE, ROLE_POLICY, trust


@pytest.fixture
def bucket(shop):
    """Return a bucket that denies plain HTTP, as the program's do."""
    bucket = shop.make(BUCKET, "bucket")["id"]
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    shop.make("aws:s3/bucketPolicy:BucketPolicy", "policy", bucket=bucket, policy=policy)
    return bucket


@pytest.fixture
def s3(shop, cloud, bucket):
    """Return a client in the name of a role that may put objects into `bucket`."""
    role = shop.make(
        ROLE,
        "uploader",
        assumeRolePolicy=trust("lambda.amazonaws.com").replace("Service", "AWS").replace("lambda.amazonaws.com", "*"),
    )
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    shop.make(ROLE_POLICY, "policy", role=role["id"], policy=policy)
    session = cloud.client("sts").assume_role(RoleArn=role["arn"], RoleSessionName="test")["Credentials"]
    client = boto3.client(
        "s3",
        endpoint_url=cloud.endpoint_url,
        region_name=cloud.region,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    yield client
    client.close()


def test_a_request_on_the_loopback_counts_as_tls(s3, bucket):
    """The deny statement does not hit clients of the emulator."""
    s3.put_object(Bucket=bucket, Key="a.jpg", Body=b"")


def test_a_request_that_says_http_is_denied(s3, bucket):
    """The statement is enforced nevertheless."""
    s3.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("X-Forwarded-Proto", "http"))

    with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
        s3.put_object(Bucket=bucket, Key="a.jpg", Body=b"")
