"""A bucket's notification arrives in the emulator, and the policy of the queue without which S3 refuses it."""

from __future__ import annotations

import json

from tests.local.provision.properties import attributes, make


def allow_bucket(shop, queue, bucket):
    """Let `bucket` send to `queue`; return the policy."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "s3.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue["arn"],
                "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
            }
        ],
    }
    make(shop, "aws:sqs/queuePolicy:QueuePolicy", "q", queueUrl=queue["id"], policy=json.dumps(document))
    return document


def test_a_bucket_notifies_its_queue(shop, cloud, bucket, queue):
    """BucketNotification: events, prefix, suffix and EventBridge, and QueuePolicy, without which S3 refuses."""
    allow_bucket(shop, queue, bucket)

    make(
        shop,
        "aws:s3/bucketNotification:BucketNotification",
        "n",
        bucket=bucket,
        eventbridge=True,
        queues=[
            {
                "queueArn": queue["arn"],
                "events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                "filterPrefix": "in/",
                "filterSuffix": ".jpg",
            }
        ],
    )

    whole = cloud.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    assert whole["EventBridgeConfiguration"] == {}
    (found,) = whole["QueueConfigurations"]
    assert found["QueueArn"] == queue["arn"]
    assert found["Events"] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    rules = {rule["Name"].lower(): rule["Value"] for rule in found["Filter"]["Key"]["FilterRules"]}
    assert rules == {"prefix": "in/", "suffix": ".jpg"}


def test_a_queue_policy_is_set(shop, cloud, bucket, queue):
    """QueuePolicy: the document."""
    document = allow_bucket(shop, queue, bucket)

    assert json.loads(attributes(cloud, queue)["Policy"]) == document


def test_without_a_flag_eventbridge_is_told_nothing(shop, cloud, bucket):
    """And a notification without queues has none."""
    shop.make("aws:s3/bucketNotification:BucketNotification", "n", bucket=bucket, eventbridge=True)
    found = cloud.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    assert ("EventBridgeConfiguration" in found, "QueueConfigurations" in found) == (True, False)
    shop.make("aws:s3/bucketNotification:BucketNotification", "n", bucket=bucket, eventbridge=False)
    found = cloud.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    assert ("EventBridgeConfiguration" in found, "QueueConfigurations" in found) == (False, False)
