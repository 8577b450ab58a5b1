"""Every property of a queue arrives in the emulator, read back through SQS's own API."""

from __future__ import annotations

import json

from tests.local.provision.orders import QUEUE
from tests.local.provision.properties import TAGS, attributes, contains, make

KEY = "arn:aws:kms:eu-central-1:000000000000:key/01234567-89ab-cdef-0123-456789abcdef"
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
        messageRetentionSeconds=345_600.0,
        redrivePolicy=redrive,
        kmsDataKeyReusePeriodSeconds=3600.0,
        kmsMasterKeyId=KEY,
        sqsManagedSseEnabled=False,
        visibilityTimeoutSeconds=540.0,
    )

    found = attributes(cloud, made)
    assert made["id"] == made["url"] == f"{cloud.endpoint_url}/000000000000/pictures"
    assert found["QueueArn"] == made["arn"]
    assert cloud.client("sqs").list_queue_tags(QueueUrl=made["id"])["Tags"] == TAGS
    contains(
        found,
        {
            "MessageRetentionPeriod": "345600",
            "KmsDataKeyReusePeriodSeconds": "3600",
            "KmsMasterKeyId": KEY,
            "SqsManagedSseEnabled": "false",
            "VisibilityTimeout": "540",
        },
    )
    assert json.loads(found["RedrivePolicy"]) == json.loads(redrive)


def test_a_redrive_allow_policy_is_set(shop, cloud, queue):
    """RedriveAllowPolicy: the document."""
    make(
        shop,
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "r",
        queueUrl=queue["id"],
        redriveAllowPolicy=REDRIVE_ALLOW,
    )

    assert json.loads(attributes(cloud, queue)["RedriveAllowPolicy"]) == json.loads(REDRIVE_ALLOW)
