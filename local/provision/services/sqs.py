"""Queues, and the attributes that Pulumi has resources of their own for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.provision.kinds import ID, Kind, Made, Order, removal, texts

if TYPE_CHECKING:
    from local.cloud import Cloud


def _make_queue(cloud: Cloud, order: Order) -> Made:
    attributes = dict(order.request)
    name, tags = attributes.pop("QueueName"), attributes.pop("Tags", {})
    answer = cloud.client("sqs").create_queue(QueueName=name, Attributes=texts(attributes), tags=tags)
    url = answer["QueueUrl"]
    return Made(url, {"arn": cloud.arn("sqs", name), "url": url})


def _set_attribute(cloud: Cloud, order: Order) -> Made:
    attributes = dict(order.request)
    url = attributes.pop("QueueUrl")
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=texts(attributes))
    return Made(url)


QUEUE: Final = Kind(
    {
        "name": "QueueName",
        "tags": "Tags",
        "messageRetentionSeconds": "MessageRetentionPeriod",
        "redrivePolicy": "RedrivePolicy",
        "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
        "kmsMasterKeyId": "KmsMasterKeyId",
        "sqsManagedSseEnabled": "SqsManagedSseEnabled",
        "visibilityTimeoutSeconds": "VisibilityTimeout",
    },
    _make_queue,
    named_by="name",
    remove=removal("sqs", "delete_queue", QueueUrl=ID),
)
POLICY: Final = Kind({"queueUrl": "QueueUrl", "policy": "Policy"}, _set_attribute)
REDRIVE_ALLOW_POLICY: Final = Kind({"queueUrl": "QueueUrl", "redriveAllowPolicy": "RedriveAllowPolicy"}, _set_attribute)
