"""Every property of a queue arrives in the emulator, read back through SQS's own API."""

from __future__ import annotations

import json

from tests.local.orders import QUEUE
from tests.local.provision.properties import DENY, TAGS, attributes, contains, make

REDRIVE_ALLOW = json.dumps({"redrivePermission": "denyAll"})


def test_a_queue_has_every_attribute(shop, cloud, queue):
    """Queue: all attributes and tags; its id is its URL."""
    redrive = json.dumps({"deadLetterTargetArn": queue["arn"], "maxReceiveCount": 5})

    made = make(
        shop,
        QUEUE,
        "q",
        name="pictures",
        tags=TAGS,
        delaySeconds=1.0,
        maxMessageSize=2048.0,
        messageRetentionSeconds=345_600.0,
        policy=DENY,
        receiveWaitTimeSeconds=20.0,
        redriveAllowPolicy=REDRIVE_ALLOW,
        redrivePolicy=redrive,
        sqsManagedSseEnabled=True,
        visibilityTimeoutSeconds=540.0,
    )

    found = attributes(cloud, made)
    assert made["id"] == made["url"] == f"{cloud.endpoint_url}/000000000000/pictures"
    assert found["QueueArn"] == made["arn"]
    assert cloud.client("sqs").list_queue_tags(QueueUrl=made["id"])["Tags"] == TAGS
    contains(
        found,
        {
            "DelaySeconds": "1",
            "MaximumMessageSize": "2048",
            "MessageRetentionPeriod": "345600",
            "ReceiveMessageWaitTimeSeconds": "20",
            "SqsManagedSseEnabled": "true",
            "VisibilityTimeout": "540",
        },
    )
    assert json.loads(found["Policy"]) == json.loads(DENY)
    assert json.loads(found["RedrivePolicy"]) == json.loads(redrive)
    assert json.loads(found["RedriveAllowPolicy"]) == json.loads(REDRIVE_ALLOW)


def test_redrive_policies_are_set(shop, cloud, queue):
    """RedrivePolicy and RedriveAllowPolicy, each a resource of its own."""
    redrive = json.dumps({"deadLetterTargetArn": queue["arn"], "maxReceiveCount": 3})
    url = queue["id"]

    make(shop, "aws:sqs/redrivePolicy:RedrivePolicy", "r", queueUrl=url, redrivePolicy=redrive)
    make(shop, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "r", queueUrl=url, redriveAllowPolicy=REDRIVE_ALLOW)

    found = attributes(cloud, queue)
    assert json.loads(found["RedrivePolicy"]) == json.loads(redrive)
    assert json.loads(found["RedriveAllowPolicy"]) == json.loads(REDRIVE_ALLOW)
