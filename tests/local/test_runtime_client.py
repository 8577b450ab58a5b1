"""The function's zip, unpacked and run as Lambda runs it: by AWS's own runtime client, on a Runtime API of the test's.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import os
import platform
import queue
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from infra.worker.bundle import build_bundle
from infra.worker.function import HANDLER
from infra.worker.wheels import Target
from local.cloud import ACCESS_KEY, SECRET_KEY
from tests.worker.images.pictures.small import jpeg
from worker.contracts.events import event_body
from worker.contracts.function.settings import RECIPE, Settings
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local.cloud import Cloud

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AWS's client has wheels for Linux alone")
SOURCE, OUTPUT = "runtime-source", "runtime-output"
PATIENCE = 60
"""Seconds that a test waits for an answer at most."""


@dataclass
class RuntimeApi:
    """What Lambda's runtime client asks for invocations, and answers to."""

    invocations: queue.Queue[tuple[str, float, dict[str, Any]]] = field(default_factory=queue.Queue)
    answers: queue.Queue[tuple[str, Any]] = field(default_factory=queue.Queue)
    count: int = 0

    def invoke(self, *records: dict[str, Any], seconds: float = 60) -> Any:
        """Return the answer to an event of these records; the invocation ends in so many seconds.

        Raises:
            AssertionError: The function failed as a whole.
        """
        self.count += 1
        self.invocations.put((f"request-{self.count}", time.time() + seconds, {"Records": list(records)}))
        kind, answer = self.answers.get(timeout=PATIENCE)
        assert kind == "response", answer
        return answer

    def serve(self) -> ThreadingHTTPServer:
        """Return a server that runs in a thread."""
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                id_, deadline, event = api.invocations.get()
                self._send({"Lambda-Runtime-Aws-Request-Id": id_, "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:000000000000:function:worker",
                            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700"}, event)  # fmt: skip

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "null")
                api.answers.put((self.path.rpartition("/")[2], body))
                self._send({}, {"status": "OK"}, 202)

            def _send(self, headers, document, status=200):
                content = json.dumps(document).encode()
                # Without a Content-Type, which Lambda always sends, the client 4.2.2 ends with a segmentation fault.
                self.send_response(status)
                for name, value in {
                    **headers,
                    "Content-Type": "application/json",
                    "Content-Length": str(len(content)),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


@pytest.fixture(scope="module")
def unzipped(tmp_path_factory) -> Path:
    """Return the directory that Lambda would call /var/task."""
    target = Target("python3.13", platform.machine(), host=True)
    root: Path = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(build_bundle(target, texts={RECIPE: one_recipe(DEFAULT_RENDITIONS).to_json()})) as package:
        package.extractall(root)
    return root


@dataclass
class Deployed:
    """The function, and the queue of its dead letters."""

    api: RuntimeApi
    cloud: Cloud
    dead_letters: str

    def letters(self) -> list[str]:
        """Return the reasons of the dead letters, which are gone then."""
        sqs, reasons = self.cloud.client("sqs"), []
        while found := sqs.receive_message(
            QueueUrl=self.dead_letters, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            reasons += [letter["MessageAttributes"]["reason"]["StringValue"] for letter in found]
            for letter in found:
                sqs.delete_message(QueueUrl=self.dead_letters, ReceiptHandle=letter["ReceiptHandle"])
        return sorted(reasons)

    def outputs(self) -> set[str]:
        """Return the keys in the output bucket."""
        return {entry["Key"] for entry in self.cloud.client("s3").list_objects_v2(Bucket=OUTPUT).get("Contents", [])}


@pytest.fixture(scope="module")
def deployed(cloud, unzipped) -> Iterator[Deployed]:
    """Run the client, with nothing in its environment but what Lambda sets and what the program sets."""
    for bucket in (SOURCE, OUTPUT):
        cloud.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    urls = {
        name: cloud.client("sqs").create_queue(QueueName=f"runtime-{name}")["QueueUrl"]
        for name in ("queue", "backfill", "dead")
    }
    api = RuntimeApi()
    server = api.serve()
    program = {
        "SOURCE_BUCKET": SOURCE, "OUTPUT_BUCKET": OUTPUT, "QUEUE_URL": urls["queue"], "BACKFILL_QUEUE_URL": urls["backfill"],
        "QUEUE_RETENTION": "345600", "MAX_RECEIVE_COUNT": "5", "DEAD_LETTER_QUEUE_URL": urls["dead"], "CACHE_CONTROL": "no-cache",
        **Settings.PROCESS_VARIABLES,
    }  # fmt: skip
    assert set(program) == {*Settings.VARIABLES, *Settings.PROCESS_VARIABLES}
    of_lambda = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_address[1]}", "LAMBDA_TASK_ROOT": str(unzipped), "_HANDLER": HANDLER,
        "AWS_LAMBDA_FUNCTION_NAME": "worker", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": "worker", "AWS_LAMBDA_LOG_STREAM_NAME": "1", "AWS_REGION": cloud.region, "AWS_DEFAULT_REGION": cloud.region,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_ENDPOINT_URL": cloud.endpoint_url, "PATH": os.environ["PATH"],
    }  # fmt: skip
    command = [sys.executable, "-m", "awslambdaric", HANDLER]
    log = (unzipped.parent / "log").open("wb")
    with log, subprocess.Popen(command, cwd=unzipped, env={**program, **of_lambda}, stdout=log) as process:
        try:
            yield Deployed(api, cloud, urls["dead"])
        finally:
            process.kill()
            server.shutdown()
            server.server_close()


def record(id_: str, body: str, receives: int = 1) -> dict[str, Any]:
    """Return a record of an SQS event."""
    return {
        "messageId": id_,
        "receiptHandle": "none",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(receives), "SentTimestamp": "1767268800000"},
        "messageAttributes": {},
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:runtime-queue",
    }


def upload(deployed: Deployed, key: str, data: bytes | None = None) -> str:
    """Put a picture, or `data`; return S3's event about it."""
    deployed.cloud.client("s3").put_object(Bucket=SOURCE, Key=key, Body=jpeg() if data is None else data)
    return event_body(SOURCE, key)


def outputs_of(key: str) -> set[str]:
    """Return the keys of all outputs of a picture."""
    return {f"thumbnail/{key}.webp", f"web/{key}.webp", f"manifest/{key}.json"}


def test_a_cold_start_and_a_mixed_batch(deployed):
    """A good picture, one that is none, one that is gone, and a foreign message: each has its own ending."""
    good = upload(deployed, "good.jpg")
    none = upload(deployed, "none.jpg", b"no picture")
    report = deployed.api.invoke(
        record("good", good),
        record("none", none),
        record("gone", event_body(SOURCE, "gone.jpg")),
        record("foreign", "[" * 100_000),
    )
    assert report == {"batchItemFailures": []}
    assert deployed.letters() == ["malformed-event", "unsupported-format"]
    assert deployed.outputs() == outputs_of("good.jpg") | {
        "manifest/none.jpg.json",
        "_rejected/unsupported-format/none.jpg",
    }


def test_a_suspect_is_rendered_in_a_child_process_of_the_zip(deployed):
    """The child starts from what was unpacked: there is no other worker to import."""
    assert deployed.api.invoke(record("suspect", upload(deployed, "suspect.jpg"), receives=2)) == {
        "batchItemFailures": []
    }
    assert outputs_of("suspect.jpg") <= deployed.outputs()


def test_what_no_time_is_left_for_goes_back(deployed):
    """The deadline is Lambda's: nothing is begun that would not be finished, and nothing is lost."""
    body = upload(deployed, "late.jpg")
    assert deployed.api.invoke(record("late", body), seconds=0) == {"batchItemFailures": [{"itemIdentifier": "late"}]}
    assert deployed.api.invoke(record("late", body)) == {"batchItemFailures": []}
    assert outputs_of("late.jpg") <= deployed.outputs()
    assert deployed.letters() == []
