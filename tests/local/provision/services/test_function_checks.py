"""Functions: what AWS would refuse is refused, in AWS's words; what cannot run is found out at once."""

from __future__ import annotations

import json

import pulumi
import pytest

from local.errors import FunctionBroken, ProvisionError, Refused
from tests.local.processes.waiting import eventually
from tests.local.provision.orders import ANSWERS_NOTHING, ASYNCHRONOUS, FUNCTION, MAPPING, QUEUE, ROLE_POLICY, TOPIC

POLLING = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
TRACING = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
LOGGING = ["logs:CreateLogStream", "logs:PutLogEvents"]

REPORTS_TO_QUEUE = """
import boto3, os
def handler(event, context):
    for record in event["Records"]:
        boto3.client("sqs").send_message(QueueUrl=os.environ["REPORTS"], MessageBody=record["body"])
    return {"batchItemFailures": []}
"""


@pytest.fixture
def queue(shop):
    """Return the outputs of a queue."""
    return shop.make(QUEUE, "queue", visibilityTimeoutSeconds=60)


def connect(shop, queue, function):
    """Map `queue` to `function`."""
    return shop.make(MAPPING, "mapping", eventSourceArn=queue["arn"], functionName=function["arn"])


@pytest.mark.parametrize("missing", POLLING)
def test_a_mapping_whose_role_may_not_poll_is_refused(shop, queue, tmp_path, missing):
    """AWS checks the role before it creates a mapping, and names what is missing."""
    role = shop.role(actions={queue["arn"]: [action for action in POLLING if action != missing]})
    function = shop.function(tmp_path, ANSWERS_NOTHING, role=role)

    with pytest.raises(Refused) as caught:
        connect(shop, queue, function)

    operation = missing.removeprefix("sqs:")
    assert f"The provided execution role does not have permissions to call {operation} on SQS" in str(caught.value)
    assert f"{missing} on {queue['arn']}" in str(caught.value)


def test_a_mapping_whose_role_may_poll_another_queue_is_refused(shop, queue, tmp_path):
    """The check is on the queue, not on the action alone."""
    role = shop.role(actions={f"{queue['arn']}-other": POLLING})
    function = shop.function(tmp_path, ANSWERS_NOTHING, role=role)

    with pytest.raises(Refused, match="ReceiveMessage on SQS"):
        connect(shop, queue, function)


def test_a_mapping_whose_role_may_not_decrypt_is_refused(shop, cloud, tmp_path):
    """Of a queue with a key of one's own: Lambda polls with the function's role, and would get nothing."""
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    queue = shop.make(QUEUE, "encrypted", visibilityTimeoutSeconds=60, kmsMasterKeyId=key)
    function = shop.function(tmp_path, ANSWERS_NOTHING, role=shop.role(actions={queue["arn"]: POLLING}))

    with pytest.raises(Refused, match=f"kms:Decrypt on {key}"):
        connect(shop, queue, function)


def test_a_destination_that_the_role_may_not_publish_to_is_refused(shop, tmp_path):
    """Else what fails would be lost."""
    function, topic = shop.function(tmp_path, ANSWERS_NOTHING, role=shop.role(actions={})), shop.make(TOPIC, "topic")

    with pytest.raises(Refused, match="permissions to call Publish on SNS"):
        shop.make(
            ASYNCHRONOUS,
            "plain-instead",
            functionName=function["id"],
            destinationConfig={"onFailure": {"destination": topic["arn"]}},
        )


def test_a_mapping_with_a_visibility_timeout_below_the_functions_is_refused(shop, queue, tmp_path):
    """A message would come back while it is still worked on."""
    role = shop.role(actions={queue["arn"]: POLLING})
    function = shop.function(tmp_path, ANSWERS_NOTHING, role=role, timeout=61)

    with pytest.raises(Refused, match="Queue visibility timeout: 60 seconds is less than Function timeout: 61 seconds"):
        connect(shop, queue, function)


@pytest.mark.parametrize(
    ("allowed", "missing"),
    [
        (["logs:PutLogEvents", *TRACING], "call CreateLogStream on LOGS"),
        (["logs:CreateLogStream", *TRACING], "call PutLogEvents on LOGS"),
        ([*LOGGING, "xray:PutTelemetryRecords"], "call PutTraceSegments on XRAY"),
        ([*LOGGING, "xray:PutTraceSegments"], "call PutTelemetryRecords on XRAY"),
    ],
)
def test_a_function_whose_role_may_not_log_or_trace_is_refused(shop, tmp_path, allowed, missing):
    """What Lambda does in the role's name is checked, which the emulator does not do."""
    role = shop.role(actions={"*": allowed})
    shop.function(tmp_path, ANSWERS_NOTHING, role=role, tracingConfig={"mode": "Active"})

    with pytest.raises(Refused, match=missing):
        shop.provisioner.check_functions()


def test_the_role_must_be_allowed_to_write_this_log_group(shop, cloud, tmp_path):
    """A grant on another log group is none."""
    elsewhere = cloud.arn("logs", "log-group:/other:*")
    role = shop.role(actions={elsewhere: LOGGING})
    shop.function(tmp_path, ANSWERS_NOTHING, role=role, loggingConfig={"logFormat": "JSON", "logGroup": "/mine"})

    with pytest.raises(Refused, match="log-group:/mine"):
        shop.provisioner.check_functions()


def test_a_policy_that_comes_after_the_function_counts(shop, cloud, tmp_path):
    """Functions are checked when everything is there: the program may attach the policy last."""
    role = shop.role(actions={})
    shop.function(tmp_path, ANSWERS_NOTHING, role=role, loggingConfig={"logFormat": "JSON", "logGroup": "/mine"})
    statement = {"Effect": "Allow", "Action": LOGGING, "Resource": cloud.arn("logs", "log-group:/mine:*")}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    shop.make(ROLE_POLICY, "late", role=role["id"], policy=policy)

    shop.provisioner.check_functions()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import no_such_module\n", "No module named 'no_such_module'"),
        ("def handler(:\n", "invalid syntax"),
        ("x = 1\n", "has no attribute 'handler'"),
        ("raise SystemExit(3)\n", "exited immediately"),
        ("def handler(event, context):\n    raise LookupError('no bucket')\n", "no bucket"),
    ],
    ids=["import", "syntax", "no handler", "exits", "raises"],
)
def test_a_function_that_cannot_answer_nothing_is_broken(shop, tmp_path, code, error):
    """A package that does not import is found at once, with the error's text, instead of timing out later."""
    shop.function(tmp_path, code, role=shop.role(actions={"*": LOGGING}))

    with pytest.raises(FunctionBroken, match=error):
        shop.provisioner.check_functions()


def test_code_that_is_no_zip_file_is_an_error(shop, tmp_path):
    """A directory is not zipped here: the program makes its own bundle."""
    code = pulumi.FileArchive(str(tmp_path))

    with pytest.raises(ProvisionError, match="its code is not the FileArchive of a zip file"):
        shop.make(FUNCTION, "function", code=code, handler="main.handler", runtime="python3.13", role="role")


def test_a_function_whose_import_hangs_is_broken(shop, tmp_path, monkeypatch):
    """The engine does not wait forever for it."""
    monkeypatch.setattr("local.provision.services.function_checks.ANSWER_SECONDS", 0.5)
    shop.function(tmp_path, "import threading\nthreading.Event().wait()\n", role=shop.role(actions={"*": LOGGING}))

    with pytest.raises(FunctionBroken, match="does its import hang"):
        shop.provisioner.check_functions()


def test_a_queue_drives_its_function_in_the_roles_name(shop, cloud, queue, tmp_path):
    """A message arrives in the function, and the function may do what its role allows."""
    reports = shop.make(QUEUE, "reports")
    role = shop.role(actions={queue["arn"]: POLLING, reports["arn"]: ["sqs:SendMessage"], "*": LOGGING})
    environment = {"variables": {"REPORTS": reports["id"]}}
    function = shop.function(tmp_path, REPORTS_TO_QUEUE, role=role, environment=environment, timeout=30)
    connect(shop, queue, function)

    cloud.client("sqs").send_message(QueueUrl=queue["id"], MessageBody="hello")

    def received():
        return cloud.client("sqs").receive_message(QueueUrl=reports["id"], WaitTimeSeconds=1).get("Messages")

    assert eventually(received)[0]["Body"] == "hello"


def test_a_function_may_not_do_what_its_role_does_not_allow(shop, cloud, tmp_path):
    """The emulator enforces the role's policies on every call that the function makes."""
    reports = shop.make(QUEUE, "reports")
    environment = {"variables": {"REPORTS": reports["id"]}}
    role = shop.role(actions={})
    function = shop.function(tmp_path, REPORTS_TO_QUEUE, role=role, environment=environment, timeout=30)

    answer = cloud.client("lambda").invoke(FunctionName=function["id"], Payload=b'{"Records": [{"body": "hello"}]}')

    assert "is not authorized to perform: sqs:SendMessage" in json.load(answer["Payload"])["errorMessage"]
