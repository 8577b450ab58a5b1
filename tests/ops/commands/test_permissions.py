"""The permissions table of the runbook: each command runs with exactly its row, and refuses with a sentence without any part of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import boto3
import pytest

from ops.adoption.notifications import Notifications
from ops.stack.aws import Clients
from ops.stack.outputs import Stack
from tests.ops.conftest import POLLS
from tests.ops.support.workbench import Bench
from tests.worker.images.pictures.small import jpeg
from worker.contracts.events import event_body
from worker.contracts.metrics import FUNCTION, NAMESPACE, RETRIED
from worker.contracts.names import AUDIT_STATE

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.stack

RUNBOOK: Final = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
ROLE: Final = "operator"
NOT_ENFORCED: Final = {
    "s3:ListBucket": "answers 404 for a missing key to every role",
}
"""What the emulator gives to everybody, and why its absence cannot be seen here."""
OF_BUCKETS: Final = {"s3:GetBucketNotification", "s3:PutBucketNotification"}
"""Actions on a bucket, and listings are; all others of S3 are on objects."""
NOT_ENFORCED_OF: Final = {
    ("erase", "source bucket", "s3:GetObject"): "takes a conditional delete without it",
}
"""Of one command."""
SAID: Final = {"sqs:ChangeMessageVisibility"}
"""Without these a command does its work, and says what is not done: here, that letters stay hidden."""
SAID_BY: Final = {("erase", "s3:DeleteObject")}
"""Of one command: that it is not hidden before it is removed."""

Row = dict[str, tuple[str, ...]]


def table() -> dict[str, Row]:
    """Return, by command, the actions on each thing."""
    chapter = RUNBOOK.partition("\n## Permissions\n")[2].partition("\n## ")[0]
    words = {word: actions.split(", ") for word, actions in re.findall(r"`([a-z]+)` is ((?:\w+, )*\w+)", chapter)}
    lines = [line for line in chapter.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    found: dict[str, Row] = {}
    for names, *cells in rows:
        row: Row = {}
        for title, cell in zip(head[1:], cells, strict=True):
            thing, _, service = title.partition(", ")
            actions = [action for word in filter(None, cell.split(", ")) for action in words.get(word, [word])]
            row[thing] = tuple(service.strip("`") + action for action in actions)
        found.update((name.strip("`"), row) for name in names.split(", "))
    return found


TABLE: Final = table()
ACTIONS: Final = [
    (command, thing, action) for command, row in TABLE.items() for thing, actions in row.items() for action in actions
]


class RoleClients(Clients):
    """Clients with the credentials of the operator's role, whose policy may change while they live."""

    def __init__(self, stack: Any, credentials: Mapping[str, str]) -> None:
        super().__init__(stack["region"], stack["endpoint_url"])
        self._session = boto3.session.Session(
            credentials["AccessKeyId"],
            credentials["SecretAccessKey"],
            credentials["SessionToken"],
            region_name=stack["region"],
        )

    def of(self, _region: str, _endpoint_url: str) -> Clients:
        """Return these."""
        return self

    def close(self) -> None:
        """Leave them open for the next command."""


class Operator:
    """Somebody with a role, at the stack."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        stack = bench.stack
        account = bench.client("sts").get_caller_identity()["Account"]
        arns = {
            name: bench.client("sqs").get_queue_attributes(QueueUrl=stack[f"{url}_url"], AttributeNames=["QueueArn"])[
                "Attributes"
            ]["QueueArn"]
            for name, url in (
                ("dead-letter queue", "dead_letter_queue"),
                ("queue", "queue"),
                ("backfill queue", "backfill_queue"),
            )
        }
        function = bench.client("lambda").get_function(FunctionName=stack["worker_function"])["Configuration"]
        log = f"arn:aws:logs:{stack['region']}:{account}:log-group:{function['LoggingConfig']['LogGroup']}*"
        self._things: dict[str, str] = {
            **arns,
            "source bucket": f"arn:aws:s3:::{stack['source_bucket']}",
            "output bucket": f"arn:aws:s3:::{stack['output_bucket']}",
        }
        self._others: dict[str, str] = {
            "lambda": function["FunctionArn"],
            "logs": log,
            "logs:DescribeLogGroups": "*",  # A listing.
            "cloudwatch": "*",
            "events": "*",
        }
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
        }
        role = bench.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        self.clients = RoleClients(
            stack, bench.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="op")["Credentials"]
        )

    def may(self, command: str, without: tuple[str, str] | None = None) -> None:
        """Let the role do what the command's row says, but for one action on one thing."""
        statements = [
            {"Effect": "Allow", "Action": action, "Resource": self._resource(thing, action)}
            for thing, actions in TABLE[command].items()
            for action in actions
            if (thing, action) != without
        ]
        statements.append(
            {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}
        )  # Or there may be none.
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.bench.client("iam").put_role_policy(RoleName=ROLE, PolicyName="operates", PolicyDocument=policy)

    def _resource(self, thing: str, action: str) -> str:
        if thing == "others":
            return self._others.get(action) or self._others[action.partition(":")[0]]
        is_of_objects = thing.endswith("bucket") and action not in OF_BUCKETS and not action.startswith("s3:List")
        return self._things[thing] + ("/*" if is_of_objects else "")

    def close(self) -> None:
        """Take the role away."""
        super(RoleClients, self.clients).close()
        self.bench.client("iam").delete_role_policy(RoleName=ROLE, PolicyName="operates")
        self.bench.client("iam").delete_role(RoleName=ROLE)


@pytest.fixture(scope="module")
def operator(engine):
    """Return the operator of the session's stack, on which one picture is ready and another archived."""
    operator = Operator(Bench(engine))
    operator.bench.empty()
    operator.bench.upload("a.jpg")
    operator.bench.upload("old.jpg", StorageClass="GLACIER")
    operator.bench.wait_for("a.jpg")
    yield operator
    operator.close()


@pytest.fixture
def idle(operator):
    """Let no worker take messages out of the queues."""
    functions = operator.bench.client("lambda")
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    yield
    for name in ("queue_url", "backfill_queue_url"):
        operator.bench.client("sqs").purge_queue(QueueUrl=operator.bench.stack[name])
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def leave_everything_of(bench: Bench, key: str) -> None:
    """Leave all that there can be of a picture: a version, an upload, an output, a message in each queue that names another, too."""
    source, output = bench.stack["source_bucket"], bench.stack["output_bucket"]
    bench.upload(key)
    bench.client("s3").create_multipart_upload(Bucket=source, Key=key)
    bench.client("s3").put_object(Bucket=output, Key=f"web/{key}.webp", Body=b"x")
    bench.client("s3").put_object(Bucket=output, Key=AUDIT_STATE, Body=b"{}")
    for name in ("queue_url", "backfill_queue_url", "dead_letter_queue_url"):
        for body in (event_body(source, key, "a.jpg"), event_body(source, "a.jpg")):
            bench.client("sqs").send_message(QueueUrl=bench.stack[name], MessageBody=body)


@pytest.fixture
def run(operator, command, tmp_path, monkeypatch, request):
    """Return what runs the test's command as the operator, with work there: a picture, a dead letter about it, an archived one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ops.session.Clients", operator.clients.of)
    for name, seconds in POLLS.items():
        monkeypatch.setattr(name, seconds)
    bench = operator.bench
    bench.client("sqs").purge_queue(QueueUrl=bench.stack["dead_letter_queue_url"])
    if command == "restore":
        # What is being restored is not asked for again.
        bench.upload("old.jpg", StorageClass="GLACIER")
    if command.startswith("adopt"):
        bench = _adopting(bench, tmp_path, is_undone=command.endswith("--undo"))
    if command == "backfill":
        # A key of its own, that nothing under way is about: the worker will have looked at any other at some moment.
        outdated = f"{uuid4()}.jpg"
        bench.upload(outdated)
        bench.wait_for(outdated)
        bench.client("s3").delete_object(Bucket=bench.stack["output_bucket"], Key=f"manifest/{outdated}.json")
    if command == "audit":
        # A key of its own: the hint of an earlier one may still be under way.
        bench.client("s3").put_object(
            Bucket=bench.stack["output_bucket"], Key=f"web/{uuid4()}.webp", Body=b"x", Metadata={"source-etag": '"x"'}
        )
    if command in {"status", "rejects"}:
        # The manifest is asked whether that is still so.
        bench.client("s3").put_object(Bucket=bench.stack["output_bucket"], Key="_rejected/truncated/b.jpg", Body=b"")
    left = f"{uuid4()}.jpg"
    _leave_what_the_log_explains(bench, command, left)
    erased = f"{uuid4()}.jpg"
    if command == "erase":
        request.getfixturevalue("idle")
        leave_everything_of(bench, erased)
    bench.plant("a.jpg", "throttled")
    bench.plant("old.jpg", "throttled")
    id_ = next(
        letter["MessageId"]
        for letter in bench.client("sqs").receive_message(
            QueueUrl=bench.stack["dead_letter_queue_url"], VisibilityTimeout=0, MaxNumberOfMessages=10
        )["Messages"]
        if "a.jpg" in letter["Body"]
    )
    Path("b.jpg").write_bytes(jpeg())
    Path("changed.yaml").write_text("config: {image-pipeline:renditions: {web: {quality: 30}}}\n")
    if command == "dlq import":
        operator.may("dlq export")
        bench.run("dlq", "export", "letters.jsonl")
    words = {
        "dlq show": ("dlq", "show", id_),
        "dlq try": ("dlq", "try", id_),
        "dlq report": ("dlq", "report", "--html", "report.html"),
        "dlq export": ("dlq", "export", "kept.jsonl"),
        "dlq purge": ("dlq", "purge", "--key", "a.jpg", "--export", "purged.jsonl", "--yes"),
        "dlq import": ("dlq", "import", "letters.jsonl", "--yes"),
        "redrive": ("redrive", "--key", "a.jpg", "--yes", "--patience", "20"),
        "where": ("where", left),
        "html": ("html", "a.jpg", "--origin", "https://pictures.example.org"),
        "adopt": ("adopt", bench.stack["source_bucket"], "--yes"),
        "adopt --undo": ("adopt", bench.stack["source_bucket"], "--undo", "--yes", "--silence-others"),
        "backfill": ("backfill", "--outdated", "--yes"),
        "recipe plan": ("recipe", "plan", "--sample", "1", "--config", "changed.yaml"),
        "audit": ("audit", "--settled-after", "0"),
        "erase": ("erase", erased, "--confirm", erased, "--patience", "0"),
        "restore": ("restore", "old.jpg", "--yes"),
        "upload": ("upload", "b.jpg"),
        "upload --wait": ("upload", "b.jpg", "--wait", "--patience", "20"),
        "smoke": ("smoke", "--patience", "20"),
    }
    return lambda: bench.run(*words.get(command, tuple(command.split())))


def _leave_what_the_log_explains(bench: Bench, command: str, key: str) -> None:
    """Have `status` and `where` ask the log: about attempts that failed, and a letter without a reason that no worker is at."""
    if command == "status":
        function = {"Name": FUNCTION, "Value": bench.stack["worker_function"]}
        retried = {"MetricName": RETRIED, "Dimensions": [function], "Value": 1}
        bench.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[retried])
    if command == "where":
        bench.client("s3").put_object(Bucket=bench.stack["output_bucket"], Key=f"web/{key}.webp", Body=b"x")
        bench.plant(key, None)


def _adopting(bench: Bench, directory: Path, *, is_undone: bool) -> Bench:
    """Return the bench at a stack to which the same bucket is one of others, with the flag or without."""
    clients = Clients(bench.stack["region"], bench.stack["endpoint_url"])
    outputs = {**bench.stack.outputs, "source_adopted": True}
    stack = Stack.from_outputs(outputs, "")
    notifications = Notifications(clients, stack.source_bucket, stack.account)
    there = notifications.read()
    notifications.write(there.with_flag() if is_undone else there.without_flag())
    clients.close()
    (directory / "outputs.json").write_text(json.dumps(outputs))
    return Bench(replace(bench.stack, directory=directory))


@pytest.mark.parametrize("command", TABLE)
def test_a_command_needs_no_more_than_its_row(operator, run, command):
    """With exactly these permissions it does its work."""
    operator.may(command)
    ended = run()
    assert "not allowed" not in ended.err
    assert ended.status in {0, 1}, ended.err


@pytest.mark.soak
@pytest.mark.parametrize(("command", "thing", "action"), ACTIONS)
def test_a_command_needs_each_part_of_its_row(operator, run, command, thing, action):
    """Without it the command ends with a sentence that says what is not allowed, and no letter is lost."""
    operator.may(command, without=(thing, action))
    ended = run()
    assert "this is a bug" not in ended.err
    if action in NOT_ENFORCED or (command, thing, action) in NOT_ENFORCED_OF:
        return
    assert "not allowed" in ended.err + ended.out, (ended.status, ended.err)
    assert ended.status != 0 or action in SAID or (command, action) in SAID_BY
