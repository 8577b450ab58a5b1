"""Long queues of the emulator are fast, and lose and hide nothing by it."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from local.emulator.amended.queues import gauges, take_out


@pytest.fixture
def queue(cloud):
    """Make a queue of 25 messages on the session's emulator; return its client and URL."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="long")["QueueUrl"]
    for first in (0, 10, 20):
        entries = [{"Id": str(number), "MessageBody": str(number)} for number in range(first, min(first + 10, 25))]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    yield sqs, url
    sqs.delete_queue(QueueUrl=url)


def received(sqs, url, count=10):
    """Receive up to `count` messages; return their handles by body."""
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=count)
    return {message["Body"]: message["ReceiptHandle"] for message in answer.get("Messages", [])}


def test_only_what_was_received_and_named_is_deleted(queue):
    """A batch answers for each entry: a handle that is none fails alone, and everything else stays where it is."""
    sqs, url = queue
    handles = received(sqs, url)
    named = {"a": handles["3"], "b": "no handle", "c": handles["7"]}
    entries = [{"Id": id_, "ReceiptHandle": handle} for id_, handle in named.items()]
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    assert [each["Id"] for each in answer["Successful"]] == ["a", "c"]
    assert [(each["Id"], each["Code"]) for each in answer["Failed"]] == [("b", "ReceiptHandleIsInvalid")]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handles["0"])
    rest = {**received(sqs, url), **received(sqs, url)}
    assert sorted(map(int, rest)) == list(range(10, 25))
    for body in handles.keys() - {"0", "3", "7"}:
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handles[body], VisibilityTimeout=0)
    assert sorted(received(sqs, url)) == sorted(handles.keys() - {"0", "3", "7"})


@pytest.mark.parametrize("handle", ["no handle", ""])
def test_a_handle_that_is_none_is_refused(queue, handle):
    """As the emulator itself does it."""
    sqs, url = queue
    with pytest.raises(ClientError, match=r"ReceiptHandleIsInvalid|MissingParameter"):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    assert len(received(sqs, url)) == 10


def test_a_batch_that_aws_would_not_take_deletes_nothing(queue):
    """Two entries under one id are refused before any is handled."""
    sqs, url = queue
    handles = received(sqs, url, 2)
    with pytest.raises(ClientError, match="BatchEntryIdsNotDistinct"):
        sqs.delete_message_batch(
            QueueUrl=url, Entries=[{"Id": "same", "ReceiptHandle": handle} for handle in handles.values()]
        )
    for handle in handles.values():
        sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)


def test_a_sweep_of_the_messages_is_not_disturbed():
    """The event source mapping does so in a thread of its own: its list stays as it was."""
    messages = [{"receipt_handle": handle} for handle in (None, "a", "b", None, "c")]
    queue = {"messages": messages}
    assert take_out(queue, ["c", "a", None, ""]) == {"a", "c"}
    assert [message["receipt_handle"] for message in queue["messages"]] == [None, "b", None]
    assert len(messages) == 5


def message(*, visible=True, receives=0, sent=100):
    """Return a message as the emulator keeps it."""
    return {"visible_at": 0 if visible else 1000, "receive_count": receives, "sent_at": sent}


def test_an_empty_queue_has_zeros():
    """No gap in the data: alarms on a queue that was emptied must go back to OK."""
    assert set(gauges([], 100.0).values()) == {0}


def test_messages_are_visible_in_flight_or_delayed():
    """A message that waits for its delay is neither visible nor in flight."""
    messages = [message(), message(receives=3), message(visible=False, receives=1), message(visible=False)]

    counted = gauges(messages, 100.0)

    assert counted["ApproximateNumberOfMessagesVisible"] == 2
    assert counted["ApproximateNumberOfMessagesNotVisible"] == 1


def test_the_age_is_that_of_the_oldest_message():
    """In flight or not, as with SQS."""
    messages = [message(sent=90), message(sent=70, visible=False, receives=1)]

    assert gauges(messages, 100.0)["ApproximateAgeOfOldestMessage"] == 30


def client_of(cloud, credentials):
    """Return SQS's client of somebody's credentials."""
    return boto3.client(
        "sqs",
        endpoint_url=cloud.endpoint_url,
        region_name=cloud.region,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


def test_a_message_names_who_sent_it(cloud, queue):
    """The user by its id, a role by its own and the session's name, the root user by the account: as SQS does."""
    sqs, url = queue
    sqs.purge_queue(QueueUrl=url)
    iam, sts = cloud.client("iam"), cloud.client("sts")
    account = sts.get_caller_identity()["Account"]
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    user = iam.create_user(UserName="sender")["User"]
    iam.put_user_policy(UserName="sender", PolicyName="sends", PolicyDocument=policy)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="sends", AssumeRolePolicyDocument=document)["Role"]
    iam.put_role_policy(RoleName="sends", PolicyName="sends", PolicyDocument=policy)
    senders = {
        account: sqs,
        user["UserId"]: client_of(cloud, iam.create_access_key(UserName="sender")["AccessKey"]),
        f"{role['RoleId']}:at-night": client_of(
            cloud, sts.assume_role(RoleArn=role["Arn"], RoleSessionName="at-night")["Credentials"]
        ),
    }
    for sender, client in senders.items():
        client.send_message(QueueUrl=url, MessageBody=sender)
        client.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": sender}])
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["SenderId"])
    said = sorted((message["Body"], message["Attributes"]["SenderId"]) for message in answer["Messages"])
    assert said == sorted((sender, sender) for sender in senders for _ in range(2))
