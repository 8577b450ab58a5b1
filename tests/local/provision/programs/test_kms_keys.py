"""The whole program with four keys of one's own, whose policies are those of SECURITY.md and nothing more."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from local import ROOT
from local.cloud import Cloud
from local.emulator.process import running_emulator
from local.engine import OUTPUTS, deploy, stack_config
from local.errors import ProvisionError
from local.monitoring.inbox import Inbox
from local.provision.provisioner import Provisioner
from local.stack import LocalStack
from tests.infra.delivery.test_served import Edge
from tests.local.processes.waiting import eventually
from tests.ops.commands.test_permissions import ROLE, TABLE
from tests.ops.commands.test_permissions import Operator as PlainOperator
from tests.ops.conftest import POLLS
from tests.ops.support.workbench import Bench
from tests.worker.images.pictures.small import jpeg

pytestmark = [pytest.mark.stack, pytest.mark.soak]

REGION = "eu-central-1"
SAID = {
    statement["Sid"]: statement
    for statement in json.loads(re.findall(r"```json\n(.*?)```", (ROOT / "SECURITY.md").read_text(), re.DOTALL)[-1])
}
NEEDS = {"source": (), "output": ("OutputKey",), "queue": ("QueueKey",), "topic": ("TopicKey",)}
"""By the configuration's key, without its end: the statements of SECURITY.md."""

TAKES = {
    "sqs:ReceiveMessage": ["kms:Decrypt"],
    "sqs:SendMessage": ["kms:GenerateDataKey", "kms:Decrypt"],
    "s3:GetObject": ["kms:Decrypt"],
    "s3:PutObject": ["kms:GenerateDataKey"],
}
"""What the runbook says, under its table of permissions."""
COMMANDS = {
    "dlq export": ("dlq", "export", "kept.jsonl"),
    "dlq import": ("dlq", "import", "letters.jsonl", "--yes"),
    "redrive": ("redrive", "--yes", "--patience", "60"),
    "upload --wait": ("upload", "b.jpg", "--wait", "--patience", "60"),
}


def policy(*sids, distribution=""):
    """Return a key's policy: that of a new key, and statements of SECURITY.md."""
    account = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{Cloud.account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [account, *(SAID[sid] for sid in sids)]})
    return text.replace("ACCOUNT", Cloud.account_id).replace("DISTRIBUTION", distribution or "none")


def make_keys(cloud, needs):
    """Return the configuration of four new keys."""
    return {
        f"{name}KmsKey": cloud.client("kms").create_key(Policy=policy(*sids))["KeyMetadata"]["Arn"]
        for name, sids in needs.items()
    }


@contextmanager
def emulated(directory):
    """Run an emulator, and return it with its cloud."""
    with running_emulator(directory, region=REGION) as emulator:
        cloud = Cloud(emulator.endpoint_url, REGION)
        yield emulator, cloud
        cloud.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """Return the program, deployed with four keys, a subscriber, an audit and delivery."""
    directory = tmp_path_factory.mktemp("keys")
    with ExitStack() as exits:
        emulator, cloud = exits.enter_context(emulated(directory))
        more = {"subscribers": {"listener": {"protocol": "sqs"}}, "audit": "weekly", "delivery": {"enabled": True}}
        config = {**make_keys(cloud, NEEDS), **more}
        outputs = deploy(Provisioner(cloud), stack_config(config))
        (directory / OUTPUTS).write_text(json.dumps(outputs))
        inbox = Inbox.open(cloud, outputs["alarm_topic_arn"], directory)
        bench = Bench(LocalStack(outputs, directory, emulator, cloud, inbox))
        bench.upload("a.jpg")
        bench.wait_for("a.jpg")
        yield bench


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Run commands in a directory of their own."""
    monkeypatch.chdir(tmp_path)


def test_a_picture_becomes_ready_and_its_subscriber_is_told(bench):
    """S3 sends to the encrypted queue, the worker reads, writes and publishes, and SNS sends to the subscriber's encrypted queue."""
    url = bench.stack.outputs["subscriber_queue_urls"]["listener"]
    told = bench.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    assert json.loads(told[0]["Body"])["source"]["key"] == "a.jpg"
    head = bench.client("s3").head_object(Bucket=bench.stack["output_bucket"], Key="web/a.jpg.webp")
    assert head["ServerSideEncryption"] == "aws:kms"


def test_what_is_rejected_becomes_a_dead_letter_and_is_redriven(bench, here):
    """The worker may send to the encrypted dead letters; the picture is replaced, and the redrive makes it ready."""
    bench.upload("bad.jpg", b"no picture")
    bench.wait_for_letters(1)
    bench.client("sqs").purge_queue(QueueUrl=bench.stack["queue_url"])
    bench.upload("bad.jpg", jpeg())
    ended = bench.run("redrive", "--yes", "--patience", "60")
    assert ended.status == 0, ended.err
    bench.wait_for("bad.jpg")
    assert eventually(lambda: bench.depth("dead_letter_queue_url") == (0, 0), 60)


class Operator(PlainOperator):
    """Somebody with a role, at a stack with keys."""

    def may(self, command, without=None):
        """Let the role do what the command's row says, and on the keys what that takes, but for one action."""
        super().may(command)
        actions = {action for row in TABLE[command].values() for action in row}
        on_keys = {each for action in actions for each in TAKES.get(action, ())} - {without}
        keys = [key["KeyArn"] for key in self.bench.client("kms").list_keys()["Keys"]]
        iam = self.bench.client("iam")
        document = iam.get_role_policy(RoleName=ROLE, PolicyName="operates")["PolicyDocument"]
        document["Statement"] += [{"Effect": "Allow", "Action": sorted(on_keys), "Resource": keys}] if on_keys else []
        iam.put_role_policy(RoleName=ROLE, PolicyName="operates", PolicyDocument=json.dumps(document))
        return actions


@pytest.fixture(scope="module")
def operator(bench):
    """Return the operator of the stack with keys."""
    operator = Operator(bench)
    yield operator
    operator.close()


@pytest.fixture
def run(bench, operator, here, monkeypatch):
    """Return what runs a command as the operator, with a dead letter and a picture there."""
    Path("b.jpg").write_bytes(jpeg())
    bench.plant("a.jpg", "throttled")
    assert bench.run("dlq", "export", "letters.jsonl").status == 0
    monkeypatch.setattr("ops.session.Clients", operator.clients.of)
    for name, seconds in POLLS.items():
        monkeypatch.setattr(name, seconds)

    def run_it(command):
        Path("kept.jsonl").unlink(missing_ok=True)
        return bench.run(*COMMANDS[command])

    yield run_it
    bench.client("sqs").purge_queue(QueueUrl=bench.stack["dead_letter_queue_url"])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_needs_on_keys_what_the_runbook_says(operator, run, command):
    """With that it does its work; without any part of it, it says what is not allowed."""
    needed = {each for action in operator.may(command) for each in TAKES.get(action, ())}
    for missing in sorted(needed):
        operator.may(command, without=missing)
        ended = run(command)
        assert "not allowed" in ended.err + ended.out, (missing, ended)
    operator.may(command)
    ended = run(command)
    assert "not allowed" not in ended.err, ended
    assert ended.status in {0, 1}, ended


def test_smoke_is_content(bench, here):
    """The operator's whole check passes on encrypted buckets and queues."""
    ended = bench.run("smoke", "--patience", "60")
    assert ended.status == 0, ended.out + ended.err


def test_an_alarm_notifies(bench):
    """CloudWatch publishes to the encrypted topic."""
    cloudwatch = bench.client("cloudwatch")
    name = next(
        alarm["AlarmName"]
        for alarm in cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        if "dead-letters" in alarm["AlarmName"]
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    bench.stack.inbox.collect()
    assert name in [note["AlarmName"] for note in bench.stack.inbox.notifications()]


def test_cloudfront_serves_once_the_key_lets_the_distribution(bench):
    """The statement names the distribution, which is known after the first deployment."""
    edge = Edge(bench.stack)
    assert edge.ask("/web/a.jpg.webp")[0] == 403
    key = bench.client("s3").head_object(Bucket=bench.stack["output_bucket"], Key="web/a.jpg.webp")["SSEKMSKeyId"]
    allowed = policy("OutputKey", distribution=bench.stack["delivery_distribution"])
    bench.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=allowed)
    assert edge.ask("/thumbnail/a.jpg.webp")[0] == 200


def test_a_worker_that_may_not_use_the_source_s_key_says_so_and_goes_on_once_it_may(bench):
    """The message is retried, with the action that is missing in the log."""
    iam = bench.client("iam")
    function = bench.client("lambda").get_function_configuration(FunctionName=bench.stack["worker_function"])
    role = function["Role"].rpartition("/")[2]
    name = next(n for n in iam.list_role_policies(RoleName=role)["PolicyNames"] if "worker-reads-source" in n)
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    less = [statement for statement in document["Statement"] if "kms:Decrypt" not in statement["Action"]]
    assert len(less) < len(document["Statement"])
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**document, "Statement": less}))
    try:
        bench.upload("locked.jpg")
        assert eventually(lambda: any("kms:Decrypt" in json.dumps(line) for line in bench.stack.worker_log_lines()), 60)
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    bench.wait_for("locked.jpg")


def test_a_queue_s_key_that_does_not_let_s3_stops_the_deployment(tmp_path):
    """S3 checks that it can send before it takes the notification."""
    with emulated(tmp_path) as (_, cloud):
        config = make_keys(cloud, {**NEEDS, "queue": ()})
        with pytest.raises(ProvisionError, match="Unable to validate"):
            deploy(Provisioner(cloud), stack_config(config))
