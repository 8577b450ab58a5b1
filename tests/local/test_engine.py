"""The engine: the repository's own program on the embedded AWS."""

from __future__ import annotations

import io
import json

import boto3
import pytest
from PIL import Image

from local.engine import OUTPUTS, running
from local.errors import EmulatorError, NotApplied, ProgramError, Refused
from local.provision.services.function_checks import check_function
from tests.local.processes.leftovers import kill_server
from tests.local.processes.waiting import eventually
from tests.local.provision.orders import QUEUE
from tests.local.provision.policies import taken_from_worker, without

pytestmark = pytest.mark.stack

CONTRACT = {
    "source_bucket",
    "output_bucket",
    "queue_url",
    "dead_letter_queue_url",
    "worker_function",
    "completion_topic_arn",
    "alarm_topic_arn",
    "operator_topic_arn",
    "dashboard_url",
    "endpoint_url",
    "region",
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Return the program, deployed."""
    with running(directory=tmp_path_factory.mktemp("engine")) as stack:
        yield stack


def keys_in(stack, bucket):
    """Return the keys of a bucket of the stack's."""
    return {entry["Key"] for entry in stack.client("s3").list_objects_v2(Bucket=stack[bucket]).get("Contents", [])}


def test_the_outputs_are_those_of_the_design(stack):
    """The operator's commands and the demo rely on the names."""
    assert set(stack.outputs) >= CONTRACT
    assert stack["endpoint_url"] == f"http://127.0.0.1:{stack.emulator.port}"


def test_the_outputs_are_in_a_file_while_the_stack_runs(stack):
    """For other programs on this computer."""
    assert json.loads((stack.directory / OUTPUTS).read_text()) == stack.outputs


def test_a_picture_uploaded_with_plain_boto3_is_rendered(stack):
    """End to end: upload, event, queue, worker, rendition, manifest, log."""
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "teal").save(picture, "JPEG")
    plain = boto3.client(
        "s3",
        endpoint_url=stack["endpoint_url"],
        region_name=stack["region"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )

    plain.put_object(Bucket=stack["source_bucket"], Key="cats/tom & jörg+.jpg", Body=picture.getvalue())
    plain.close()

    assert eventually(lambda: "manifest/cats/tom & jörg+.jpg.json" in keys_in(stack, "output_bucket"), 30)
    assert "thumbnail/cats/tom & jörg+.jpg.webp" in keys_in(stack, "output_bucket")
    assert eventually(
        lambda: any("tom & jörg+.jpg" in json.dumps(line, ensure_ascii=False) for line in stack.worker_log_lines())
    )
    stack.assert_alive()


def test_a_program_without_an_action_that_lambda_needs_is_refused(tmp_path):
    """What Lambda does in the worker's name needs the program's grants; test_functions has every action."""
    action = "sqs:ChangeMessageVisibility"
    with pytest.raises(Refused, match=action), running(directory=tmp_path, transform=without(action)):
        pass


@pytest.mark.parametrize("action", ["logs:PutLogEvents", "xray:PutTraceSegments", "s3:ListBucket"])
def test_the_deployed_worker_needs_each_of_these_actions(stack, action):
    """What the engine checks last, on the role as the program made it; without the one action it is refused."""
    check_function(stack.cloud, "worker", stack["worker_function"])
    with taken_from_worker(stack, action), pytest.raises(Refused, match=action):
        check_function(stack.cloud, "worker", stack["worker_function"])


def test_a_property_that_is_not_applied_stops_the_program(tmp_path):
    """Strictness holds for the whole program, and everything is stopped again."""

    def fifo(type_, name, inputs):
        return {**inputs, "fifoQueue": True} if type_ == QUEUE else inputs

    with pytest.raises(NotApplied, match="fifoQueue"), running(directory=tmp_path, transform=fifo):
        pass

    assert {path.name for path in tmp_path.iterdir()} == {"emulator.log", "lock"}


def test_a_wrong_configuration_value_is_the_programs_own_message(tmp_path):
    """It names the key and the command that sets it, and needs no traceback."""
    with (
        pytest.raises(ProgramError, match=r"worker.batchSize is 0;.*\n.*pulumi config set --stack local --path"),
        running(directory=tmp_path, config={"worker": {"batchSize": 0}}),
    ):
        pass


def test_an_emulator_that_dies_during_the_deployment_is_the_error(tmp_path):
    """Not the refused connection that follows from it."""

    def deadly(type_, name, inputs):
        kill_server(tmp_path)
        return inputs

    with (
        pytest.raises(EmulatorError, match="the emulator ended with status 137"),
        running(directory=tmp_path, transform=deadly),
    ):
        pass
