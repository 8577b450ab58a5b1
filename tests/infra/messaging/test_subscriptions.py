"""Subscribers of completion messages: each gets what its filter selects, and a lost message raises an alarm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.messaging.queues import DAY
from tests.infra.recording import ACCOUNT, record, statements

SUBSCRIBERS: dict[str, dict[str, Any]] = {
    "search": {"protocol": "sqs", "filter": {"type": ["image.ready"], "prefix": [{"prefix": "cats/"}]}},
    "ledger": {"protocol": "sqs", "endpoint": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:ledger"},
    "site": {"protocol": "https", "endpoint": "https://example.org/hook"},
    "editor": {"protocol": "email", "endpoint": "editor@example.org", "filter": {"type": ["image.rejected"]}},
}
NAMES = list(SUBSCRIBERS)


@pytest.fixture(scope="module")
def subscribed():
    """Return the program with a subscriber of each kind."""
    return record(subscribers=SUBSCRIBERS)


@pytest.fixture(scope="module")
def silent():
    """Return the program without a completion topic."""
    return record(completionMessages=False)


def subscription(program, name):
    """Return the inputs of a subscriber's subscription."""
    return program.one("sns/topicSubscription:TopicSubscription", f"completion-tells-{name}").inputs


def test_each_subscriber_is_subscribed_as_it_is_configured(subscribed):
    """Protocol, endpoint and filter; a queue gets the manifest alone, others SNS's envelope around it."""
    found = {name: subscription(subscribed, name) for name in NAMES}
    assert {name: inputs["protocol"] for name, inputs in found.items()} == {
        "search": "sqs", "ledger": "sqs", "site": "https", "editor": "email"
    }  # fmt: skip
    assert [inputs["endpoint"] for inputs in found.values()] == [
        "arn:images-dev-search",
        SUBSCRIBERS["ledger"]["endpoint"],
        "https://example.org/hook",
        "editor@example.org",
    ]
    assert json.loads(found["search"]["filterPolicy"]) == SUBSCRIBERS["search"]["filter"]
    assert "filterPolicy" not in found["site"]
    assert {name for name, inputs in found.items() if inputs.get("rawMessageDelivery")} == {"search", "ledger"}


def queues_of(alarm):
    """Return the names of the queues that an alarm watches."""
    metrics = [query["metric"] for query in alarm.get("metricQueries", []) if "metric" in query] or [alarm]
    return {metric["dimensions"]["QueueName"] for metric in metrics if "QueueName" in metric["dimensions"]}


@pytest.mark.parametrize("name", NAMES)
def test_each_has_a_dead_letter_queue_of_its_own(subscribed, name):
    """What SNS cannot deliver is kept as long as SQS allows, and the first one raises the alarm."""
    queue = subscribed.one("sqs/queue:Queue", f"{name}-undelivered")
    assert json.loads(subscription(subscribed, name)["redrivePolicy"]) == {"deadLetterTargetArn": f"arn:{queue.name}"}
    assert queue.inputs["messageRetentionSeconds"] == 14 * DAY
    alarm = subscribed.one("cloudwatch/metricAlarm:MetricAlarm", f"undelivered-{name}").inputs
    assert (queues_of(alarm), alarm["threshold"]) == ({queue.name}, 1)


def test_a_queue_of_the_stack_s_own_has_its_reader_watched(subscribed):
    """What its reader fails at goes to the same dead letters; an unread queue raises an alarm long before SQS drops a message."""
    queue = subscribed.one("sqs/queue:Queue", "search").inputs
    redrive = {"deadLetterTargetArn": "arn:images-dev-search-undelivered", "maxReceiveCount": 5}
    assert json.loads(queue["redrivePolicy"]) == redrive
    alarm = subscribed.one("cloudwatch/metricAlarm:MetricAlarm", "unread-search").inputs
    assert alarm["metricName"] == "ApproximateAgeOfOldestMessage"
    assert alarm["threshold"] < queue["messageRetentionSeconds"]
    assert subscribed.exports["subscriber_queue_urls"] == {"search": "https://images-dev-search"}
    assert subscribed.exports["subscriber_queue_arns"] == {"search": "arn:images-dev-search"}
    assert subscribed.exports["undelivered_queue_urls"]["search"] == "https://images-dev-search-undelivered"


def test_every_queue_of_a_subscriber_is_watched_encrypted_and_sent_to_by_the_topic_alone(subscribed):
    """Of this account, on behalf of this topic, over TLS; by SQS's own key, which SNS needs no permission for."""
    every = subscribed.all("cloudwatch/metricAlarm:MetricAlarm")
    watched = {queue for alarm in every for queue in queues_of(alarm.inputs)}
    own = {f"images-dev-{name}-undelivered" for name in NAMES} | {"images-dev-search"}
    assert own <= watched
    for queue in own:
        assert (
            subscribed.one("sqs/queue:Queue", queue.removeprefix("images-dev-")).inputs["sqsManagedSseEnabled"] is True
        )
        policy = subscribed.one(
            "sqs/queuePolicy:QueuePolicy", f"{queue.removeprefix('images-dev-')}-accepts-completion"
        )
        allow, deny = statements(policy.inputs["policy"])
        assert (allow["Principal"], allow["Action"]) == ({"Service": "sns.amazonaws.com"}, ["sqs:SendMessage"])
        assert allow["Resource"] == [f"arn:{queue}"]
        assert allow["Condition"] == {
            "ArnEquals": {"aws:SourceArn": "arn:images-dev-completion"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        }
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_text_for_a_prefix_is_a_folder_and_all_below_it():
    """As people write it; a list is what SNS makes of it."""
    folder = {"protocol": "sqs", "filter": {"type": ["image.ready"], "prefix": "photos/cats/"}}
    program = record(subscribers={"search": folder, "listed": {"protocol": "sqs", "filter": {"prefix": ["cats/"]}}})
    assert json.loads(subscription(program, "search")["filterPolicy"]) == {
        "type": ["image.ready"],
        "prefix": [{"prefix": "photos/cats/"}],
    }
    assert json.loads(subscription(program, "listed")["filterPolicy"]) == {"prefix": ["cats/"]}


def test_readers_may_receive_and_delete_from_the_queue_alone():
    """Another account or a role, by the queue's own policy, which the program writes as a whole; nobody reads the dead letters."""
    readers = ["210987654321", "arn:aws:iam::210987654321:role/search"]
    program = record(subscribers={"search": {"protocol": "sqs", "readers": readers}})
    policy = program.one("sqs/queuePolicy:QueuePolicy", "search-accepts-completion").inputs["policy"]
    _, reads, deny = statements(policy)
    assert reads == {
        "Effect": "Allow",
        "Principal": {"AWS": readers},
        "Action": [
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
        ],
        "Resource": ["arn:images-dev-search"],
    }
    assert deny["Effect"] == "Deny"
    others = program.one("sqs/queuePolicy:QueuePolicy", "search-undelivered-accepts-completion").inputs["policy"]
    assert len(statements(others)) == 2


def test_no_subscription_is_made_before_its_queues_accept(subscribed):
    """SNS would drop what it may not put into the dead-letter queue."""
    for name in NAMES:
        made = subscribed.one("sns/topicSubscription:TopicSubscription", f"completion-tells-{name}")
        assert f"{name}-undelivered-accepts-completion" in made.after
    search = subscribed.one("sns/topicSubscription:TopicSubscription", "completion-tells-search")
    assert "search-accepts-completion" in search.after


def test_the_topic_is_for_this_account(program):
    """Publishing and subscribing is for principals of this account, whatever their own policies say."""
    policy = program.one("sns/topicPolicy:TopicPolicy", "completion-is-for-this-account")
    allow, _ = statements(policy.inputs["policy"])
    assert allow["Principal"] == {"AWS": ACCOUNT}
    assert (allow["Action"], allow["Resource"]) == (["sns:Publish", "sns:Subscribe"], ["arn:images-dev-completion"])


def test_without_notify_there_is_no_topic_and_no_permission(silent, program):
    """Everything else is as it was, and the worker has no topic."""
    gone = set(program.snapshot()) - set(silent.snapshot())
    assert gone == {
        "aws:sns/topic:Topic images-dev-completion",
        "aws:sns/topicPolicy:TopicPolicy completion-is-for-this-account",
        "aws:iam/rolePolicy:RolePolicy worker-publishes-completion",
    }
    assert silent.exports["completion_topic_arn"] == ""
    variables = silent.one("lambda/function:Function", "worker").inputs["environment"]["variables"]
    assert "COMPLETION_TOPIC_ARN" not in variables
