"""Who hears of what: subscribers of every kind on the embedded AWS, and a topic that is down for a while."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from local.emulator import ROOT
from local.engine import running
from tests.local.endpoint import serving
from tests.local.waiting import eventually
from tests.test_completion_schema import validate
from tests.worker.pictures import jpeg

pytestmark = pytest.mark.stack

READY, REJECTED = "image.ready", "image.rejected"
PICTURES = {"cats/tom.jpg": jpeg(), "cats/bad.jpg": b"no picture", "dogs/rex.jpg": jpeg(), "rex.jpg": jpeg()}
CATS = {"type": [READY], "prefix": [{"prefix": "cats/"}]}
EVERYTHING = {
    (READY, "cats/tom.jpg"),
    (REJECTED, "cats/bad.jpg"),
    (READY, "dogs/rex.jpg"),
    (READY, "rex.jpg"),
}


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
def stack(tmp_path_factory, endpoint, broken):
    """Return the program with subscribers, when every picture has been handled."""
    subscribers = [
        {"name": "cats", "protocol": "sqs", "filter": CATS},
        {"name": "all", "protocol": "sqs"},
        {"name": "web", "protocol": "sqs", "filter": {"renditions": ["web"]}},
        {"name": "site", "protocol": "https", "endpoint": endpoint.url, "filter": {"type": [REJECTED]}},
        {
            "name": "editor",
            "protocol": "email",
            "endpoint": "editor@example.org",
            "filter": {"prefix": [{"exists": False}]},
        },
        {"name": "reader", "protocol": "sqs", "filter": CATS},
        {"name": "broken", "protocol": "https", "endpoint": broken.url},
    ]
    config = {"subscribers": json.dumps(subscribers), "batchSize": "10"}
    with running(directory=tmp_path_factory.mktemp("completion"), config=config) as stack:
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
            for message in found:
                self.bodies.append(message["Body"])
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        return {about(body) for body in self.bodies}


def about(body):
    """Return type and key of a message."""
    manifest = json.loads(body)
    return manifest["type"], manifest["source"]["key"]


@pytest.fixture(scope="module")
def everything(stack):
    """Return the reader of the queue that hears everything, when it has heard of everything that was uploaded."""
    reader = Reader(stack, stack.outputs["subscriber_queue_urls"]["all"])
    assert eventually(lambda: reader.read() >= EVERYTHING, 60)
    return reader


def test_a_queue_without_a_filter_hears_of_everything_and_nothing_else(everything):
    """Ready and rejected, each as the manifest that the schema describes."""
    assert everything.read() == EVERYTHING
    for body in everything.bodies:
        validate(json.loads(body))


def test_a_message_is_the_manifest_in_the_output_bucket(stack, everything):
    """Byte for byte, for whoever would rather read it there."""
    (told,) = {body for body in everything.bodies if about(body) == (READY, "dogs/rex.jpg")}
    key = "manifest/dogs/rex.jpg.json"
    eventually(lambda: stack.client("s3").list_objects_v2(Bucket=stack["output_bucket"], Prefix=key)["KeyCount"])
    stored = stack.client("s3").get_object(Bucket=stack["output_bucket"], Key=key)["Body"].read().decode()
    assert stored == told


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cats", {(READY, "cats/tom.jpg")}),
        ("web", {(READY, "cats/tom.jpg"), (READY, "dogs/rex.jpg"), (READY, "rex.jpg")}),
    ],
)
def test_a_queue_hears_of_exactly_the_pictures_that_its_filter_names(stack, everything, name, expected):
    """By type and folder, or by the renditions that a picture has."""
    reader = Reader(stack, stack.outputs["subscriber_queue_urls"][name])
    assert eventually(lambda: reader.read() >= expected)
    assert reader.read() == expected


def test_a_web_server_hears_of_exactly_the_pictures_that_its_filter_names(everything, endpoint):
    """In SNS's envelope, with the attributes, after it has confirmed."""
    assert eventually(lambda: endpoint.notifications)
    assert {about(each["Message"]) for each in endpoint.notifications} == {(REJECTED, "cats/bad.jpg")}
    (attributes,) = [each["MessageAttributes"] for each in endpoint.notifications][:1]
    assert attributes["prefix"]["Value"] == "cats/"


def test_an_e_mail_address_hears_of_exactly_the_pictures_that_its_filter_names(stack, everything):
    """Those in no folder, which have no prefix."""
    assert {(mail["to"], about(mail["body"])) for mail in stack.mail()} == {("editor@example.org", (READY, "rex.jpg"))}


def test_what_cannot_be_delivered_is_kept_and_rings(stack, everything):
    """The server answers with an error: every message is in the subscriber's own dead-letter queue, and its alarm goes off."""
    names = stack.client("sqs").list_queues(QueueNamePrefix="images-broken-undelivered")["QueueUrls"]
    (url,) = names

    def rings():
        alarms = stack.client("cloudwatch").describe_alarms(AlarmNamePrefix="images-undelivered-broken")["MetricAlarms"]
        return [alarm["StateValue"] for alarm in alarms] == ["ALARM"]

    assert eventually(rings)
    kept = stack.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert {about(json.loads(message["Body"])["Message"]) for message in kept} == EVERYTHING


def python_blocks(page):
    """Return the Python in a page."""
    return re.findall(r"^```python\n(.*?)^```$", (ROOT / page).read_text(), re.MULTILINE | re.DOTALL)


def test_ten_lines_of_python_are_all_that_it_takes(stack, everything):
    """What the documentation shows hears of a picture and names its renditions; the README shows no other."""
    (program,) = python_blocks("docs/completion.md")
    assert len(program.splitlines()) <= 10
    assert set(python_blocks("README.md")) <= {program}
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "http", "HTTP"))},
        "QUEUE_URL": stack.outputs["subscriber_queue_urls"]["reader"],
        "AWS_ENDPOINT_URL": stack["endpoint_url"],
        "AWS_DEFAULT_REGION": stack["region"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    command = [sys.executable, "-u", "-c", program]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as reader:
        try:
            assert reader.stdout is not None
            line = reader.stdout.readline()
        finally:
            reader.kill()
    assert line == "cats/tom.jpg thumbnail/cats/tom.jpg.webp web/cats/tom.jpg.webp\n"
