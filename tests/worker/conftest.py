from __future__ import annotations

from typing import Final

import boto3
import pytest
from moto import mock_aws

REGION: Final = "eu-west-1"


@pytest.fixture
def aws(monkeypatch):
    """Replace AWS by moto: no request leaves the process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def s3(aws):
    """An S3 client with a source and an output bucket."""
    client = boto3.client("s3")
    for bucket in ("pictures", "renditions"):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client
