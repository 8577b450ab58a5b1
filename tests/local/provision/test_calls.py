"""The provider's functions: what they say of a bucket on the embedded AWS, and how they fail."""

from __future__ import annotations

import json

import pulumi
import pytest

from local.engine import deploy, stack_config
from local.errors import NotApplied, ProgramError
from local.provision.provisioner import Provisioner
from tests.local.provision.programs.buckets_of_others import make_bucket

KEY = "arn:aws:kms:eu-central-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OWN = [{"Key": "project", "Value": "image-pipeline"}, {"Key": "stack", "Value": "local"}, {"Key": "managed-by", "Value": "pulumi"}]  # fmt: skip


def call(cloud, token, **arguments):
    """Ask as the program does."""
    return Provisioner(cloud).call(pulumi.runtime.MockCallArgs(token, arguments, ""))


def properties(cloud, bucket):
    """Return what CloudFormation would say of a bucket."""
    answer = call(cloud, "aws:cloudcontrol/getResource:getResource", typeName="AWS::S3::Bucket", identifier=bucket)
    return json.loads(answer["properties"])


def refusal(cloud, bucket):
    """Return the sentence that stops a program with this source."""
    with pytest.raises(ProgramError) as caught:
        deploy(Provisioner(cloud), stack_config({"source": {"bucket": bucket}}))
    return str(caught.value)


def test_a_function_that_nobody_answers_is_an_error(cloud):
    """It would have to be made up."""
    with pytest.raises(NotApplied, match="aws:s3/getObject:getObject"):
        call(cloud, "aws:s3/getObject:getObject")


def test_a_failure_has_the_provider_s_words(cloud):
    """The program matches on some of them."""
    nothing, ((_, missing),) = call(cloud, "aws:s3/getBucket:getBucket", bucket="not-there")
    assert (nothing, missing) == ({}, "reading S3 Bucket (not-there): couldn't find resource")
    _, ((_, unread),) = call(cloud, "aws:s3/getBucketNotification:getBucketNotification", bucket="not-there")
    assert unread.startswith(
        "operation error S3: GetBucketNotificationConfiguration, https response error StatusCode: 404"
    )
    _, ((_, other),) = call(
        cloud, "aws:cloudcontrol/getResource:getResource", typeName="AWS::SQS::Queue", identifier="q"
    )
    assert "AWS::SQS::Queue is not read by the local engine" in other


def test_settings_are_those_of_the_bucket(cloud):
    """None, and then versions, a key and tags."""
    s3, bucket = cloud.client("s3"), make_bucket(cloud, "with-settings")
    assert "VersioningConfiguration" not in properties(cloud, bucket)
    assert properties(cloud, bucket)["Tags"] == []
    assert not call(cloud, "aws:s3/getBucketNotification:getBucketNotification", bucket=bucket)["eventbridge"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    assert properties(cloud, bucket)["VersioningConfiguration"] == {"Status": "Suspended"}
    assert call(cloud, "aws:s3/getBucketNotification:getBucketNotification", bucket=bucket)["eventbridge"]


def test_a_bucket_that_encrypts_by_a_key_stops_the_preview(cloud):
    """Of the customer's own, where the worker has none."""
    bucket = make_bucket(cloud, "encrypted-pictures")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
    cloud.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert f"encrypts by the key {KEY}. Set sourceKmsKey" in refusal(cloud, bucket)


def test_a_bucket_of_the_stack_s_own_stops_the_preview(cloud):
    """The update would delete it, and adopt it as well."""
    bucket = make_bucket(cloud, "own-pictures")
    cloud.client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": OWN})
    assert "which this stack has made, by its tags, and would delete now" in refusal(cloud, bucket)
