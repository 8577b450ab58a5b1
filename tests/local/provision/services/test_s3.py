"""Every property of a bucket and of what belongs to it arrives in the emulator, read back through S3's own API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.errors import ProvisionError
from local.provision.registry import KINDS
from tests.local.provision.orders import BUCKET
from tests.local.provision.properties import TAG_LIST, TAGS, contains, covers, make

KEY = "arn:aws:kms:eu-central-1:000000000000:key/01234567-89ab-cdef-0123-456789abcdef"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


def test_a_bucket_has_its_name_and_tags(shop, cloud):
    """Bucket: bucket, tags; `forceDestroy` is for its end, see below."""
    made = make(shop, BUCKET, "b", bucket="pictures-of-cats", forceDestroy=False, tags=TAGS)

    assert made["id"] == "pictures-of-cats"
    assert made["arn"] == "arn:aws:s3:::pictures-of-cats"
    assert cloud.client("s3").get_bucket_tagging(Bucket=made["id"])["TagSet"] == TAG_LIST


def test_a_bucket_with_pictures_stops_the_destroy(shop, cloud):
    """As on AWS: nothing is lost that the configuration does not give up; once it is empty, the destroy goes on."""
    keep = shop.make(BUCKET, "keep", forceDestroy=False)["id"]
    give_up = shop.make(BUCKET, "give-up", forceDestroy=True)["id"]
    cloud.client("s3").put_bucket_versioning(Bucket=give_up, VersioningConfiguration={"Status": "Enabled"})
    for bucket in (keep, give_up, give_up):
        cloud.client("s3").put_object(Bucket=bucket, Key="picture.jpg", Body=b"x")
    cloud.client("s3").delete_object(Bucket=give_up, Key="picture.jpg")
    with pytest.raises(ProvisionError, match=r"'keep': .*BucketNotEmpty"):
        shop.provisioner.destroy()
    left = {entry["Name"] for entry in cloud.client("s3").list_buckets()["Buckets"]}
    assert left & {keep, give_up} == {keep}
    cloud.client("s3").delete_object(Bucket=keep, Key="picture.jpg")
    shop.provisioner.destroy()
    assert keep not in {entry["Name"] for entry in cloud.client("s3").list_buckets()["Buckets"]}


def test_a_bucket_is_in_its_region(cloud, bucket):
    """The region comes from the stack's configuration."""
    assert cloud.client("s3").get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-central-1"


def test_public_access_is_blocked(shop, cloud, bucket):
    """BucketPublicAccessBlock: all four switches."""
    inputs = {
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }

    make(shop, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "b", bucket=bucket, **inputs)

    block = cloud.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    assert len(block) == 4


def test_ownership_is_enforced(shop, cloud, bucket):
    """BucketOwnershipControls: the rule."""
    make(
        shop,
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "b",
        bucket=bucket,
        rule={"objectOwnership": "BucketOwnerEnforced"},
    )

    rules = cloud.client("s3").get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_encryption_is_set(shop, cloud, bucket):
    """BucketServerSideEncryptionConfiguration: the algorithm, the key, and whether the bucket has one of its own."""
    default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    rule = {"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": True}

    make(
        shop,
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "b",
        bucket=bucket,
        rules=[rule],
    )

    configuration = cloud.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}
    contains(configuration["Rules"], [{"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}])


def test_versions_are_kept(shop, cloud, bucket):
    """BucketVersioning: the status."""
    make(
        shop,
        "aws:s3/bucketVersioning:BucketVersioning",
        "b",
        bucket=bucket,
        versioningConfiguration={"status": "Enabled"},
    )

    assert cloud.client("s3").get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_lifecycle_rules_are_set(shop, cloud, bucket):
    """BucketLifecycleConfiguration: every part of a rule."""
    everything: dict[str, Any] = {
        "id": "all",
        "status": "Enabled",
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7.0},
        "expiration": {"days": 400.0},
        "transitions": [{"days": 30.0, "storageClass": "GLACIER"}],
        "noncurrentVersionExpiration": {"noncurrentDays": 90.0},
    }
    several: dict[str, Any] = {
        **everything,
        "id": "several",
        "filter": {"and": {"tags": {"k": "v"}, "objectSizeGreaterThan": 1024.0}},
    }
    marker = {"expiredObjectDeleteMarker": True}
    by_prefix = {"id": "by-prefix", "status": "Disabled", "filter": {"prefix": "b/"}, "expiration": marker}
    rules = [everything, several, by_prefix]
    assert covers({"bucket": bucket, "rules": rules}, KINDS[LIFECYCLE].properties)

    shop.make(LIFECYCLE, "b", bucket=bucket, rules=rules)

    found = cloud.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    contains(
        found,
        [
            {
                "ID": "all",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                "Expiration": {"Days": 400},
                "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
                "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
            },
            {
                "ID": "several",
                "Filter": {"And": {"Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeGreaterThan": 1024}},
            },
            {
                "ID": "by-prefix",
                "Status": "Disabled",
                "Filter": {"Prefix": "b/"},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
        ],
    )


def test_a_bucket_policy_is_set(shop, cloud, bucket):
    """BucketPolicy: the document."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": f"arn:aws:s3:::{bucket}/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }

    make(shop, "aws:s3/bucketPolicy:BucketPolicy", "b", bucket=bucket, policy=json.dumps(document))

    assert json.loads(cloud.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]) == document


def test_cross_origin_rules_are_set(shop, cloud, bucket):
    """BucketCorsConfiguration: every part of a rule."""
    rule = {
        "allowedMethods": ["POST"],
        "allowedOrigins": ["http://127.0.0.1"],
        "maxAgeSeconds": 60.0,
    }

    make(shop, "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", "b", bucket=bucket, corsRules=[rule])

    (found,) = cloud.client("s3").get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert (found["AllowedMethods"], found["AllowedOrigins"]) == (["POST"], ["http://127.0.0.1"])
    assert found["MaxAgeSeconds"] == 60
