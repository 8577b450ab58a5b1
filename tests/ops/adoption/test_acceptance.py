"""A bucket that a team has used for long moves in: its pictures, its Lambda and its topic stay what they were."""

from __future__ import annotations

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from local.cloud import Cloud
from local.emulator.process import running_emulator
from local.engine import deploy, stack_config
from local.monitoring.inbox import Inbox
from local.provision.provisioner import Provisioner
from local.stack import LocalStack
from ops.adoption.notifications import Notifications
from ops.stack.aws import Clients
from tests.local.processes.waiting import eventually
from tests.ops.conftest import POLLS
from tests.ops.support.workbench import Bench
from tests.worker.images.pictures.small import jpeg

pytestmark = [pytest.mark.stack, pytest.mark.soak]

BUCKET = "team-pictures"
REGION = "eu-central-1"
PICTURES = 500
_LAMBDA = b"""
def handler(event, _context):
    for record in event["Records"]:
        print("THEIRS", record["s3"]["object"]["key"])
"""


@dataclass
class Team:
    """What the team has: a bucket that tells a function of what is created, and a topic of what is removed."""

    cloud: Cloud
    queue_url: str

    @classmethod
    def settled(cls, cloud: Cloud) -> Team:
        """Make all of it, the pictures before anybody is told."""
        s3 = cloud.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        with ThreadPoolExecutor(8) as pool:
            list(
                pool.map(
                    lambda number: s3.put_object(Bucket=BUCKET, Key=key(number), Body=body(number)), range(PICTURES)
                )
            )
        function, topic, queue = _function(cloud), *_topic(cloud)
        s3.put_bucket_notification_configuration(
            Bucket=BUCKET,
            NotificationConfiguration={
                "LambdaFunctionConfigurations": [
                    {
                        "Id": "index",
                        "LambdaFunctionArn": function,
                        "Events": ["s3:ObjectCreated:*"],
                        "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".jpg"}]}},
                    }
                ],
                "TopicConfigurations": [{"Id": "removals", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}],
            },
        )
        team = cls(cloud, queue)
        team.told()  # S3's test event.
        return team

    def indexed(self) -> list[str]:
        """Return the keys that the function was told of."""
        pages = self.cloud.client("logs").get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/theirs")
        lines = [event["message"] for page in pages for event in page["events"]]
        return [line.split()[-1] for line in lines if line.startswith("THEIRS")]

    def told(self) -> list[str]:
        """Return the keys that the topic was told of since the last look."""
        answer = self.cloud.client("sqs").receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        bodies = [json.loads(message["Body"]) for message in answer.get("Messages", [])]
        for message in answer.get("Messages", []):
            self.cloud.client("sqs").delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return [record["s3"]["object"]["key"] for body in bodies for record in body.get("Records", [])]


def key(number: int) -> str:
    """Return the key of one of the pictures."""
    return f"{2020 + number % 5}/{number:03}.jpg"


def body(number: int) -> bytes:
    """Return its bytes, which are the same for nearly all."""
    return jpeg(40 + number, 30) if number < 5 else jpeg()


def _function(cloud: Cloud) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("theirs.py", _LAMBDA)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = cloud.client("iam").create_role(RoleName="theirs", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    made = cloud.client("lambda").create_function(
        FunctionName="theirs",
        Runtime="python3.13",
        Role=role,
        Handler="theirs.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    cloud.client("logs").create_log_group(logGroupName="/aws/lambda/theirs")  # Or there is none before its first run.
    cloud.client("lambda").add_permission(
        FunctionName="theirs",
        StatementId="s3",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{BUCKET}",
    )
    return str(made["FunctionArn"])


def _topic(cloud: Cloud) -> tuple[str, str]:
    """Return the ARN of the topic, and the URL of a queue that gets what it is told."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": ["sns:Publish", "sqs:SendMessage"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    topic = cloud.client("sns").create_topic(Name="theirs", Attributes={"Policy": policy})["TopicArn"]
    queue = cloud.client("sqs").create_queue(QueueName="theirs", Attributes={"Policy": policy})["QueueUrl"]
    cloud.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=cloud.arn("sqs", "theirs"),
        Attributes={"RawMessageDelivery": "true"},
    )
    return topic, queue


@dataclass
class Place:
    """The team's account, with a pipeline in it."""

    team: Team
    bench: Bench
    provisioner: Provisioner


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return an account with the bucket of a team, and the program deployed with it as its source."""
    monkeypatch.chdir(tmp_path)
    for name, seconds in POLLS.items():
        monkeypatch.setattr(name, seconds)
    with ExitStack() as exits:
        emulator = exits.enter_context(running_emulator(tmp_path / "stack", region=REGION))
        cloud = Cloud(emulator.endpoint_url, REGION)
        exits.callback(cloud.close)
        team = Team.settled(cloud)
        provisioner = Provisioner(cloud)
        outputs = deploy(provisioner, stack_config({"source": {"bucket": BUCKET}, "renditions": {"web": False}}))
        (tmp_path / "stack" / "outputs.json").write_text(json.dumps(outputs))
        inbox = Inbox.open(cloud, outputs["alarm_topic_arn"], tmp_path / "stack")
        yield Place(team, Bench(LocalStack(outputs, tmp_path / "stack", emulator, cloud, inbox)), provisioner)


def configuration(stack: Any) -> bytes:
    """Return the notification configuration as it is sent."""
    clients = Clients(REGION, stack["endpoint_url"])
    try:
        return Notifications(clients, BUCKET, "000000000000").read().raw
    finally:
        clients.close()


def is_current(bench: Bench, key: str) -> bool:
    """Whether the manifest is of what is in the bucket now."""
    if not bench.is_handled(key):
        return False
    read = bench.client("s3").get_object(Bucket=bench.stack["output_bucket"], Key=f"manifest/{key}.json")
    etag = bench.client("s3").head_object(Bucket=BUCKET, Key=key)["ETag"]
    return bool(json.loads(read["Body"].read())["source"]["etag"] == etag.strip('"'))


def test_a_bucket_in_use_is_adopted_used_and_given_back(place):
    """One flag comes and goes; the others hear of everything as before, and destroying the stack leaves it all."""
    team, bench = place.team, place.bench
    former = configuration(bench.stack)
    assert bench.run("status").status == 1
    adopted = bench.run("adopt", BUCKET, "--yes")
    assert adopted.status == 0, adopted.err
    flag = b"<EventBridgeConfiguration />"
    assert configuration(bench.stack).replace(flag, b"") == former
    assert flag in configuration(bench.stack)

    planned = json.loads(bench.run("backfill", "--dry-run", "--json").out)
    weight = sum(len(body(number)) for number in range(PICTURES))
    assert (planned["chosen"], planned["bytes"]) == (PICTURES, weight)
    filled = bench.run("backfill", "--json")
    assert (filled.status, json.loads(filled.out)["enqueued"]) == (0, PICTURES), filled.err
    manifests = {f"manifest/{key(number)}.json" for number in range(PICTURES)}
    assert eventually(lambda: manifests <= bench.keys("output_bucket"), 300, every=0.5)
    assert team.indexed() == []  # Nothing was written into the bucket.

    new = "2026/new.jpg"
    for colour in ("green", "blue"):
        bench.client("s3").put_object(Bucket=BUCKET, Key=new, Body=jpeg(colour=colour))
        assert eventually(lambda: is_current(bench, new), every=0.1)
    bench.client("s3").delete_object(Bucket=BUCKET, Key=new)
    assert eventually(lambda: not any(new in output for output in bench.keys("output_bucket")), every=0.1)
    assert eventually(lambda: team.indexed() == [new, new], every=0.1)
    assert eventually(team.told, every=0.1) == [new]
    assert bench.depth("dead_letter_queue_url") == (0, 0)
    assert "all of 500 pictures current" in bench.run("status").out
    smoke = bench.run("smoke", "--json")
    assert json.loads(smoke.out)["is_good"], smoke.out
    assert set(team.indexed()) > {new}  # The team sees these come and go, too.

    undone = bench.run("adopt", BUCKET, "--undo", "--yes")
    assert undone.status == 0, undone.err
    assert configuration(bench.stack) == former
    place.provisioner.destroy()
    assert bench.keys("source_bucket") == {key(number) for number in range(PICTURES)}
    assert configuration(bench.stack) == former
