"""Subscribers of every kind on the embedded AWS, their filters, and a topic that fails for a while."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from functools import partial

import pytest
from botocore.exceptions import ClientError

from local import ROOT
from local.cloud import ACCOUNT_ID
from local.emulator.amended.fanout import MAIL
from local.engine import running
from ops.commands.cli import main
from tests.local.completion.endpoint import serving
from tests.local.completion.flaky_topic import WAYS, flaky_topic
from tests.local.processes.programs import started
from tests.local.processes.waiting import eventually
from tests.local.provision.orders import FUNCTION
from tests.worker.contracts.test_completion_schema import validate
from tests.worker.images.pictures.small import jpeg

pytestmark = pytest.mark.stack

FLOOD, EVERY = 500, 10
"""Pictures, and of how many requests one fails."""
READY, REJECTED = "image.ready", "image.rejected"
PICTURES = {
    "cats/tom.jpg": jpeg(),
    "cats/bad.jpg": b"no picture",
    "dogs/rex.jpg": jpeg(),
    "dogs/young/rex.jpg": jpeg(),
    "dogsled/rex.jpg": jpeg(),
    "rex.jpg": jpeg(),
}
NO_FLOOD = [{"exists": False}, {"anything-but": {"prefix": "flood/"}}]
"""For subscribers that would only make the flood slower."""
CATS = {"type": [READY], "prefix": [{"prefix": "cats/"}]}
EVERYTHING = {
    (READY, "cats/tom.jpg"),
    (REJECTED, "cats/bad.jpg"),
    (READY, "dogs/rex.jpg"),
    (READY, "dogs/young/rex.jpg"),
    (READY, "dogsled/rex.jpg"),
    (READY, "rex.jpg"),
}
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
)
READER = "reader"
"""A role with no policy of its own: the queue's lets it read."""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """Return a web server that listens."""
    with serving(tmp_path_factory.mktemp("endpoint")) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """Return a web server that handles nothing."""
    with serving(tmp_path_factory.mktemp("broken"), is_broken=True) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def topic():
    """Return the proxy between the worker and SNS; it passes everything on until a test changes that."""
    with flaky_topic() as topic:
        yield topic


@pytest.fixture(scope="module")
def stack(tmp_path_factory, endpoint, broken, topic):
    """Return the program with subscribers, when every picture has been handled."""
    subscribers = {
        "cats": {"protocol": "sqs", "filter": CATS},
        "all": {"protocol": "sqs"},
        "below": {
            "protocol": "sqs",
            "filter": {"prefix": "dogs/"},
            "readers": [f"arn:aws:iam::{ACCOUNT_ID}:role/{READER}"],
        },
        "beside": {"protocol": "sqs", "filter": {"prefix": ["dogs/"]}},
        "web": {"protocol": "sqs", "filter": {"renditions": ["web"], "prefix": NO_FLOOD}},
        "site": {
            "protocol": "https",
            "endpoint": endpoint.url,
            "filter": {"type": [REJECTED], "prefix": NO_FLOOD},
        },
        "editor": {
            "protocol": "email",
            "endpoint": "editor@example.org",
            "filter": {"prefix": [{"exists": False}]},
        },
        "reader": {"protocol": "sqs", "filter": CATS},
        "broken": {"protocol": "https", "endpoint": broken.url, "filter": {"prefix": NO_FLOOD}},
    }
    config = {"subscribers": subscribers, "archive": {"afterDays": 30}, "queue": {"maxReceiveCount": 50}}

    def through_topic(type_, name, inputs):
        if type_ != FUNCTION:
            return inputs
        variables = {**inputs["environment"]["variables"], "AWS_ENDPOINT_URL_SNS": topic.url}
        return {**inputs, "environment": {"variables": variables}}

    directory = tmp_path_factory.mktemp("completion")
    with running(directory=directory, config=config, transform=through_topic) as stack:
        topic.target = stack.emulator.port
        assert eventually(lambda: endpoint.is_confirmed and broken.is_confirmed)
        for key, data in PICTURES.items():
            stack.client("s3").put_object(Bucket=stack["source_bucket"], Key=key, Body=data)
        yield stack


class Reader:
    """Reads a queue to its end, again and again; remembers every body."""

    def __init__(self, stack, url):
        self.sqs, self.url, self.bodies = stack.client("sqs"), url, []

    def read(self):
        """Return type and key of all that has come so far."""
        while found := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            self.bodies += [message["Body"] for message in found]
            read = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(found)]
            self.sqs.delete_message_batch(QueueUrl=self.url, Entries=read)
        return {about(body) for body in self.bodies}


def about(body):
    """Return type and key of a message."""
    manifest = json.loads(body)
    return manifest["type"], manifest["source"]["key"]


@pytest.fixture(scope="module")
def everything(stack):
    """Return the reader of the queue without a filter, when it has a message of everything that was uploaded."""
    reader = Reader(stack, stack.outputs["subscriber_queue_urls"]["all"])
    assert eventually(lambda: reader.read() >= EVERYTHING, 60)
    return reader


def test_a_queue_without_a_filter_receives_every_message_and_no_other(everything):
    """Ready and rejected, each as the manifest that the schema describes."""
    assert everything.read() == EVERYTHING
    for body in everything.bodies:
        validate(json.loads(body))


def test_a_message_is_the_manifest_in_the_output_bucket(stack, everything):
    """Byte for byte."""
    (told,) = {body for body in everything.bodies if about(body) == (READY, "dogs/rex.jpg")}
    key = "manifest/dogs/rex.jpg.json"
    eventually(lambda: stack.client("s3").list_objects_v2(Bucket=stack["output_bucket"], Prefix=key)["KeyCount"])
    stored = stack.client("s3").get_object(Bucket=stack["output_bucket"], Key=key)["Body"].read().decode()
    assert stored == told


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cats", {(READY, "cats/tom.jpg")}),
        ("web", {each for each in EVERYTHING if each[0] == READY}),
        ("beside", {(READY, "dogs/rex.jpg")}),
    ],
)
def test_a_queue_receives_exactly_the_messages_that_its_filter_selects(stack, everything, name, expected):
    """By type and folder, or by the renditions that a picture has."""
    reader = Reader(stack, stack.outputs["subscriber_queue_urls"][name])
    assert eventually(lambda: reader.read() >= expected)
    assert reader.read() == expected


def test_a_role_that_the_queue_names_reads_a_folder_and_all_below_it(stack, everything):
    """By the queue's policy alone; of the neighbour's queue it may read nothing."""
    role = stack.client("iam").create_role(RoleName=READER, AssumeRolePolicyDocument=TRUST)["Role"]
    theirs = stack.cloud.as_role(role["Arn"])
    reader = Reader(theirs, stack.outputs["subscriber_queue_urls"]["below"])
    expected = {(READY, "dogs/rex.jpg"), (READY, "dogs/young/rex.jpg")}
    assert eventually(lambda: reader.read() >= expected)
    assert reader.read() == expected
    with pytest.raises(ClientError, match="AccessDenied"):
        Reader(theirs, stack.outputs["subscriber_queue_urls"]["beside"]).read()
    theirs.close()


def test_a_web_server_receives_exactly_the_messages_that_its_filter_selects(everything, endpoint):
    """In SNS's envelope, with the attributes, after it has confirmed."""
    assert eventually(lambda: endpoint.notifications)
    assert {about(each["Message"]) for each in endpoint.notifications} == {(REJECTED, "cats/bad.jpg")}
    (attributes,) = [each["MessageAttributes"] for each in endpoint.notifications][:1]
    assert attributes["prefix"]["Value"] == "cats/"


def test_an_e_mail_address_receives_exactly_the_messages_that_its_filter_selects(stack, everything):
    """Those in no folder, which have no prefix."""
    mails = [json.loads(line) for line in (stack.directory / MAIL).read_text().splitlines()]
    # The operator's are about alarms.
    bodies = [mail["body"] for mail in mails if mail["to"] != "operator@example.org"]
    assert {about(body) for body in bodies} == {(READY, "rex.jpg")}


def test_what_cannot_be_delivered_is_kept_and_raises_the_alarm(stack, everything):
    """The server answers with an error: every message is in the subscriber's own dead-letter queue, and its alarm goes off."""
    names = stack.client("sqs").list_queues(QueueNamePrefix="images-broken-undelivered")["QueueUrls"]
    (url,) = names

    def rings():
        alarms = stack.client("cloudwatch").describe_alarms(AlarmNamePrefix="images-undelivered-broken")["MetricAlarms"]
        return [alarm["StateValue"] for alarm in alarms] == ["ALARM"]

    assert eventually(rings)
    kept = stack.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert {about(json.loads(message["Body"])["Message"]) for message in kept} == EVERYTHING


def blocks(page, language):
    """Return what is written in a language in a page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def documented_reader(stack):
    """Return the credentials of a role with the policy of the page, for the queue of `reader`."""
    (policy,) = blocks("docs/completion.md", "json")
    document = policy.replace("QUEUE-ARN", stack.outputs["subscriber_queue_arns"]["reader"])
    iam, name = stack.client("iam"), "documented"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]
    document = document.replace("OUTPUT-BUCKET", stack["output_bucket"])
    iam.put_role_policy(RoleName=name, PolicyName="reads", PolicyDocument=document)
    keys = stack.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="reader")["Credentials"]
    theirs = stack.cloud.as_role(role["Arn"])
    assert theirs.client("s3").get_object(Bucket=stack["output_bucket"], Key="web/cats/tom.jpg.webp")
    theirs.close()
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def test_the_documented_subscriber_works(stack, everything):
    """With the policy in the documentation, the program there receives a message and prints the renditions; the README shows no other."""
    (program,) = blocks("docs/completion.md", "python")
    assert len(program.splitlines()) <= 10
    assert set(blocks("README.md", "python")) <= {program}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "http", "HTTP"))},
        "QUEUE_URL": stack.outputs["subscriber_queue_urls"]["reader"],
        "AWS_ENDPOINT_URL": stack["endpoint_url"],
        "AWS_DEFAULT_REGION": stack["region"],
        **documented_reader(stack),
    }
    command = [sys.executable, "-u", "-c", program]
    with started(command, env=environment, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        line = reader.stdout.readline()
    assert line == "cats/tom.jpg thumbnail/cats/tom.jpg.webp web/cats/tom.jpg.webp\n"


def tags(stack, key):
    """Return the tags of an original."""
    answer = stack.client("s3").get_object_tagging(Bucket=stack["source_bucket"], Key=key)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def test_the_rule_covers_what_is_tagged_and_only_what_is_ready_is_tagged(stack, everything):
    """The worker's own role may tag; a rejected original is not tagged; and tagging sends no event."""
    rules = stack.client("s3").get_bucket_lifecycle_configuration(Bucket=stack["source_bucket"])["Rules"]
    (rule,) = [rule for rule in rules if rule["ID"] == "archive-ready-originals"]
    assert rule["Filter"]["And"]["Tags"] == [{"Key": "pipeline", "Value": "ready"}]
    assert rule["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER_IR"}]
    ready = [key for key in PICTURES if key != "cats/bad.jpg"]
    assert eventually(lambda: all(tags(stack, key) == {"pipeline": "ready"} for key in ready))
    assert tags(stack, "cats/bad.jpg") == {}
    assert eventually(lambda: is_quiet(stack))
    handled = [line["keys"] for line in stack.worker_log_lines() if line["event"].startswith("message.")]
    assert sorted(keys[0] for keys in handled if keys) == sorted(PICTURES)


def test_what_was_ready_before_gets_its_tag_by_a_backfill(stack, everything):
    """As it is where archiving is turned on later: nothing is rendered or told again, and the tag is there."""
    key = "dogs/rex.jpg"
    assert eventually(lambda: tags(stack, key))
    stack.client("s3").delete_object_tagging(Bucket=stack["source_bucket"], Key=key)
    made = stack.client("s3").head_object(Bucket=stack["output_bucket"], Key=f"web/{key}.webp")["LastModified"]
    told = len(everything.bodies)
    with redirect_stdout(io.StringIO()):
        outputs = str(stack.directory / "outputs.json")
        assert main(["--outputs", outputs, "backfill", "--prefix", "dogs/rex", "--yes"]) == 0
    assert eventually(lambda: tags(stack, key) == {"pipeline": "ready"})
    after = stack.client("s3").head_object(Bucket=stack["output_bucket"], Key=f"web/{key}.webp")["LastModified"]
    assert after == made
    everything.read()
    assert len(everything.bodies) == told


def is_quiet(stack):
    """Whether no message is in the queue."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = stack.client("sqs").get_queue_attributes(QueueUrl=stack["queue_url"], AttributeNames=names)
    return all(answer["Attributes"][name] == "0" for name in names)


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_a_failing_topic_loses_no_message_and_invents_none(stack, everything, topic):
    """With requests going wrong in every way, each outcome is published at least once, and nothing else is."""
    seed = random.SystemRandom().randrange(2**32)
    sys.stderr.write(f"seed {seed}\n")
    topic.ways, topic.most = random.Random(seed).sample(WAYS, len(WAYS)), FLOOD // 15
    topic.every, topic.number = EVERY, 0
    sound = jpeg()
    bodies = {f"flood/{n}.jpg": b"no picture %d" % n if n % 10 == 0 else sound for n in range(FLOOD)}
    expected = {(REJECTED if body != sound else READY, key) for key, body in bodies.items()}
    before = len(everything.bodies)
    with ThreadPoolExecutor(4) as pool:
        put = partial(stack.client("s3").put_object, Bucket=stack["source_bucket"])
        list(pool.map(lambda each: put(Key=each[0], Body=each[1]), bodies.items()))
    eventually(lambda: is_quiet(stack), 350, every=0.5)
    eventually(lambda: {*map(about, everything.bodies)} | everything.read() >= expected)
    topic.every = 0
    told = everything.bodies[before:]
    assert {about(body) for body in told} == expected
    for body in told:
        manifest = json.loads(body)
        etag = hashlib.md5(bodies[manifest["source"]["key"]], usedforsecurity=False).hexdigest()
        assert manifest["source"]["etag"] == etag
    sys.stderr.write(f"{len(told)} messages of {FLOOD} pictures; requests: {dict(topic.counts)}\n")
    assert all(topic.counts[way] for way in WAYS)
