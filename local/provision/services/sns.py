"""Topics, their policies and subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.provision.kinds import ID, Kind, Made, Order, removal, tag_list, texts

if TYPE_CHECKING:
    from local.cloud import Cloud


def _make_topic(cloud: Cloud, order: Order) -> Made:
    attributes = dict(order.request)
    name, tags = attributes.pop("Name"), tag_list(attributes.pop("Tags", {}))
    answer = cloud.client("sns").create_topic(Name=name, Attributes=texts(attributes), Tags=tags)
    return Made(answer["TopicArn"], {"arn": answer["TopicArn"]})


def _set_policy(cloud: Cloud, order: Order) -> Made:
    arn = order.request["TopicArn"]
    cloud.client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=order.request["Policy"]
    )
    return Made(arn)


def _subscribe(cloud: Cloud, order: Order) -> Made:
    attributes = dict(order.request)
    target = {name: attributes.pop(name) for name in ("TopicArn", "Protocol", "Endpoint")}
    answer = cloud.client("sns").subscribe(**target, Attributes=texts(attributes), ReturnSubscriptionArn=True)
    return Made(answer["SubscriptionArn"], {"arn": answer["SubscriptionArn"]})


TOPIC: Final = Kind(
    {
        "name": "Name",
        "kmsMasterKeyId": "KmsMasterKeyId",
        "tags": "Tags",
    },
    _make_topic,
    named_by="name",
    remove=removal("sns", "delete_topic", TopicArn=ID),
)
POLICY: Final = Kind({"arn": "TopicArn", "policy": "Policy"}, _set_policy)
SUBSCRIPTION: Final = Kind(
    {
        "topic": "TopicArn",
        "protocol": "Protocol",
        "endpoint": "Endpoint",
        "rawMessageDelivery": "RawMessageDelivery",
        "filterPolicy": "FilterPolicy",
        "filterPolicyScope": "FilterPolicyScope",
        "redrivePolicy": "RedrivePolicy",
    },
    _subscribe,
    remove=removal("sns", "unsubscribe", SubscriptionArn=ID),
)
