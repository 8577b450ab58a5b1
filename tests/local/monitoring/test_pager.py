"""Causes are planted on the whole stack, and each alarm's message names the one that set it off; then the pager itself is broken."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import partial

import jsonschema
import pytest

from local.demo.picture import SAMPLES
from local.emulator.amended.fanout import MAIL
from local.engine import running
from tests.local.completion.endpoint import serving
from tests.local.processes.waiting import eventually
from tests.pager.test_words import PUBLISHED, assert_harmless

pytestmark = [pytest.mark.stack, pytest.mark.soak]

MINUTE = 0.5
FLOOD = 40
NASTY = "cats/<!channel> https:/" + "/evil.example `x`.jpg"


def low(type_, name, inputs):
    """Lower the threshold of the alarm on waiting to a second."""
    return {**inputs, "threshold": 1} if type_.endswith(":MetricAlarm") and name == "images-message-age" else inputs


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Return the program with an operator's address, where a minute of CloudWatch's takes half a second."""
    config = {"alarms": {"email": "on-call@example.org", "rejects": 5}}
    directory = tmp_path_factory.mktemp("pager")
    with running(directory=directory, config=config, transform=low, minute=MINUTE) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _empty(stack):
    """Let no test take an earlier one's message for its own, and let all alarms be off."""
    yield
    purge(stack)
    eventually(lambda: set(states(stack).values()) == {"OK"})
    (stack.directory / MAIL).unlink(missing_ok=True)


def purge(stack):
    """Empty the queues of uploads and of dead letters."""
    for queue in ("queue_url", "dead_letter_queue_url"):
        stack.client("sqs").purge_queue(QueueUrl=stack[queue])


def states(stack):
    """Return the state of every alarm by its name without prefix and suffix."""
    described = stack.client("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    both = described["MetricAlarms"] + described["CompositeAlarms"]
    return {alarm["AlarmName"].removeprefix("images-").rpartition("-")[0]: alarm["StateValue"] for alarm in both}


def mails(stack):
    """Return the mails so far: subject and text."""
    file = stack.directory / MAIL
    lines = file.read_text().splitlines() if file.exists() else []
    return [(mail["subject"], mail["body"]) for mail in map(json.loads, lines)]


def mail(stack, *parts):
    """Return the first mail that has all parts in its subject or its text, None if there is none yet."""
    return next((each for each in mails(stack) if all(part in "\n".join(each) for part in parts)), None)


def told(stack, *parts):
    """Wait for a mail with all the parts, and return its subject and text."""
    return eventually(partial(mail, stack, *parts))


def pager(stack):
    """Return the pager's physical name."""
    functions = stack.client("lambda").list_functions()["Functions"]
    return next(each["FunctionName"] for each in functions if "-pager-" in each["FunctionName"])


def ring(stack, key):
    """Set an alarm off by hand, another one in each test, for one that goes on and off is told no more; the next evaluation calms it."""
    described = stack.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"images-{key}-")["MetricAlarms"]
    stack.client("cloudwatch").set_alarm_state(
        AlarmName=described[0]["AlarmName"], StateValue="ALARM", StateReason="planted"
    )


@contextmanager
def without(stack, function, policy):
    """Take one policy of a function's role away, and give it back."""
    iam = stack.client("iam")
    role = stack.client("lambda").get_function_configuration(FunctionName=function)["Role"].rpartition("/")[2]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    name = next(name for name in names if name.startswith(policy))
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def test_truncated_pictures_are_named_in_every_form(stack, tmp_path):
    """A flood of them is a few messages: reason, first key, command; over when the letters are gone. Machines get the published form."""
    with serving(tmp_path) as endpoint:
        sns = stack.client("sns")
        sns.subscribe(TopicArn=stack["operator_topic_arn"], Protocol="https", Endpoint=endpoint.url)
        eventually(lambda: endpoint.is_confirmed)
        for number in range(FLOOD):
            key = NASTY if number == 0 else f"flood/{number}.jpg"
            stack.client("s3").upload_file(str(SAMPLES / "truncated.jpg"), stack["source_bucket"], key)
        # On a busy computer, where a minute takes two seconds, message-age may be told of first.
        subject, text = told(stack, "ALARM", "truncated", "python -m ops --stack local dlq list")
        eventually(lambda: waiting(stack, "dead_letter_queue_url") == FLOOD)
        purge(stack)
        told(stack, "OK images", "over after", "pictures are still rejected: ", "truncated", "--stack local rejects")
        assert len(subject) < 100
        assert "docs/operations.md#truncated" in text
        assert_harmless(text)
        about = [each for each in mails(stack) if "dead-letters" in each[0] or "rejects" in each[0]]
        assert len(about) <= 3
        eventually(lambda: len(endpoint.notifications) == len(mails(stack)))
        for envelope in endpoint.notifications:
            jsonschema.validate(json.loads(envelope["Message"]), PUBLISHED)


def waiting(stack, queue):
    """Return how many messages a queue holds."""
    name = "ApproximateNumberOfMessages"
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=stack[queue], AttributeNames=[name])
    return int(answer["Attributes"][name])


def test_a_bucket_policy_that_denies_is_named(stack):
    """Pictures wait since the worker may not write; the message has the reason that it logs with each attempt."""
    s3, bucket = stack.client("s3"), stack["output_bucket"]
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    closed = json.loads(policy)
    resource = f"arn:aws:s3:::{bucket}/*"
    closed["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": resource})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(closed))
    try:
        s3.upload_file(str(SAMPLES / "rocket.jpg"), stack["source_bucket"], "cats/denied.jpg")
        _subject, text = told(stack, "ALARM", "message-age", "access-denied")
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert "tried again: access-denied" in text
    assert "cats/denied.jpg" in text
    assert "Pictures do not get through: act now." in text


def test_a_worker_that_does_not_start_is_named(stack):
    """With the error of its import."""
    function, client = stack["worker_function"], stack.client("lambda")
    good = client.get_function_configuration(FunctionName=function)["Handler"]
    client.update_function_configuration(FunctionName=function, Handler="worker.missing.handle")
    try:
        client.invoke(FunctionName=function, Payload=b'{"Records": []}')
        subject, text = told(stack, "ALARM", "worker-errors")
    finally:
        client.update_function_configuration(FunctionName=function, Handler=good)
    assert "Runtime.ImportModuleError" in subject
    assert "No module named 'worker.missing'" in text
    assert "docs/operations.md#worker-errors" in text


def test_a_pager_that_fails_leaves_the_plain_alarm(stack):
    """It does not even start: Lambda sends the alarm as it was."""
    client, name = stack.client("lambda"), pager(stack)
    good = client.get_function_configuration(FunctionName=name)["Handler"]
    client.update_function_configuration(FunctionName=name, Handler="pager.missing.handle")
    try:
        ring(stack, "backfill-age")
        _subject, text = told(stack, "requestPayload", "backfill-age")
    finally:
        client.update_function_configuration(FunctionName=name, Handler=good)
    (record,) = json.loads(text)["requestPayload"]["Records"]
    plain = json.loads(record["Sns"]["Message"])
    assert plain["NewStateValue"] in {"ALARM", "OK"}
    assert "Begin with: python -m ops --stack local status" in plain["AlarmDescription"]


def test_a_pager_that_is_throttled_leaves_the_plain_alarm(stack):
    """No run at once is left for it."""
    client, name = stack.client("lambda"), pager(stack)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    try:
        ring(stack, "backfill-backlog")
        told(stack, "requestPayload", "backfill-backlog", "Begin with: python -m ops --stack local status")
    finally:
        client.delete_function_concurrency(FunctionName=name)


def test_a_pager_that_may_not_look_says_so(stack):
    """And tells the rest."""
    with without(stack, pager(stack), "pager-looks"):
        ring(stack, "backlog")
        told(stack, "ALARM images backlog", "Could not be read: alarms: AccessDenied", "Next:")


def test_a_pager_whose_role_may_not_publish_tells_all_the_same(stack):
    """The topic's policy lets it."""
    with without(stack, pager(stack), "pager-tells-operators"):
        ring(stack, "worker-throttles")
        told(stack, "ALARM images worker-throttles", "Next:")


def test_a_pager_that_may_not_publish_at_all_sets_off_an_alarm_of_its_own(stack):
    """Neither it nor Lambda in its place: CloudWatch tells people without it."""
    sns, topic = stack.client("sns"), stack["operator_topic_arn"]
    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    closed = json.loads(policy)
    closed["Statement"] = [each for each in closed["Statement"] if "-pager-" not in json.dumps(each["Principal"])]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(closed))
    try:
        with without(stack, pager(stack), "pager-tells-operators"):
            ring(stack, "worker-memory")
            told(stack, "pager-failed", "reached nobody", "docs/operations.md#pager-failed")
    finally:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def test_a_pager_that_cannot_be_called_sets_off_an_alarm_of_its_own(stack):
    """Its policy no longer lets the topic invoke it."""
    client, name = stack.client("lambda"), pager(stack)
    (statement,) = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    client.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    try:
        ring(stack, "worker-duration")
        told(stack, "pager-failed", "reached nobody")
    finally:
        client.add_permission(
            FunctionName=name,
            StatementId=statement["Sid"],
            Action="lambda:InvokeFunction",
            Principal="sns.amazonaws.com",
            SourceArn=stack["alarm_topic_arn"],
        )
