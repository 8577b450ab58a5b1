"""Every property of a topic and its subscriptions arrives in the emulator, read back through SNS's own API."""

from __future__ import annotations

import json

from tests.local.provision.orders import TOPIC
from tests.local.provision.properties import TAG_LIST, TAGS, contains, make


def test_a_topic_and_what_belongs_to_it_are_set(shop, cloud, queue):
    """Topic, TopicPolicy, TopicSubscription: every attribute."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    topic = make(
        shop,
        TOPIC,
        "t",
        name="done",
        kmsMasterKeyId="alias/aws/sns",
        tags=TAGS,
    )
    make(shop, "aws:sns/topicPolicy:TopicPolicy", "t", arn=topic["arn"], policy=policy)
    subscription = make(
        shop,
        "aws:sns/topicSubscription:TopicSubscription",
        "s",
        topic=topic["arn"],
        protocol="sqs",
        endpoint=queue["arn"],
        rawMessageDelivery=True,
        filterPolicy=json.dumps({"type": ["image.ready"]}),
        filterPolicyScope="MessageBody",
        redrivePolicy=json.dumps({"deadLetterTargetArn": queue["arn"]}),
    )

    sns = cloud.client("sns")
    found = sns.get_topic_attributes(TopicArn=topic["arn"])["Attributes"]
    assert topic["arn"] == topic["id"] == "arn:aws:sns:eu-central-1:000000000000:done"
    assert found["KmsMasterKeyId"] == "alias/aws/sns"
    assert json.loads(found["Policy"]) == json.loads(policy)
    assert sns.list_tags_for_resource(ResourceArn=topic["arn"])["Tags"] == TAG_LIST
    contains(
        sns.get_subscription_attributes(SubscriptionArn=subscription["arn"])["Attributes"],
        {
            "TopicArn": topic["arn"],
            "Protocol": "sqs",
            "Endpoint": queue["arn"],
            "RawMessageDelivery": "true",
            "FilterPolicy": json.dumps({"type": ["image.ready"]}),
            "FilterPolicyScope": "MessageBody",
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": queue["arn"]}),
        },
    )
