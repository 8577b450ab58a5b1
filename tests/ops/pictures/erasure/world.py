"""A stack in memory with pictures in any state, and what of it is about one key, told by other means than the erasure's own."""

from __future__ import annotations

import io
import json
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from ops.commands.cli import main
from ops.stack.deployment import Deployment
from tests.ops.support.workbench import Ended
from tests.worker.conftest import REGION
from worker.contracts.events import event_body
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

UNREAD: Final = ("dead-letters", "search-undelivered")
READ: Final = ("queue", "backfill", "search")
QUEUES: Final = (*UNREAD, *READ)
LOG_GROUP: Final = "images-dev-worker-1a2b3c4"
_NUMBERS: Final = count()

Thing = tuple[str, str, str]
"""Bucket, key, version."""


class World:
    """Two buckets and five queues of their own, and what `python -m ops` is told of them."""

    def __init__(
        self, directory: Path, source_versions: str | None = "Enabled", output_versions: str | None = None
    ) -> None:
        number = next(_NUMBERS)
        self.directory = directory
        self.s3, self.sqs = boto3.client("s3"), boto3.client("sqs")
        self.source, self.output = f"source-{number}", f"output-{number}"
        for bucket, versions in ((self.source, source_versions), (self.output, output_versions)):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            if versions:
                self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.urls = {name: self.sqs.create_queue(QueueName=f"{name}-{number}")["QueueUrl"] for name in QUEUES}
        self.outputs: dict[str, Any] = {
            "source_bucket": self.source,
            "output_bucket": self.output,
            "queue_url": self.urls["queue"],
            "backfill_queue_url": self.urls["backfill"],
            "dead_letter_queue_url": self.urls["dead-letters"],
            "worker_function": "worker",
            "alarm_topic_arn": "arn",
            "subscriber_queue_urls": {"search": self.urls["search"]},
            "undelivered_queue_urls": {"search": self.urls["search-undelivered"]},
            "region": REGION,
        }

    def put(self, bucket: str, key: str, body: bytes = b"x") -> None:
        """Put an object."""
        self.s3.put_object(Bucket=bucket, Key=key, Body=body)

    def send(self, queue: str, body: str, **attributes: str) -> None:
        """Send a message."""
        typed: Any = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=body, MessageAttributes=typed)

    def event(self, *keys: str) -> str:
        """Return S3's event about keys of the source bucket."""
        return event_body(self.source, *keys)

    def completion(self, key: str) -> str:
        """Return a completion message."""
        return json.dumps({"version": 1, "type": "image.ready", "source": {"bucket": self.source, "key": key}})

    def envelope(self, key: str) -> str:
        """Return what SNS sends to a web server, and keeps where that does not take it."""
        return json.dumps({"Type": "Notification", "TopicArn": "arn", "Message": self.completion(key)})

    def things(self) -> set[Thing]:
        """Return every version, delete marker and unfinished upload."""
        found = set()
        for bucket in (self.source, self.output):
            for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
                found |= {
                    (bucket, each["Key"], each["VersionId"])
                    for each in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
                }
            uploads = self.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
            found |= {(bucket, each["Key"], each["UploadId"]) for each in uploads}
        return found

    def things_of(self, key: str) -> set[Thing]:
        """Return those of one source key: its own, and outputs, whose key is a segment, the key and an extension without a dot."""

        def is_output(name: str) -> bool:
            segment, _, rest = name.partition("/")
            stem, _, extension = rest.rpartition(".")
            extensions = {"json"} if segment == "manifest" else {"webp", "avif", "jpeg", "png"}
            return stem == key and extension in extensions

        return {each for each in self.things() if (each[1] == key if each[0] == self.source else is_output(each[1]))}

    def bodies(self, queue: str) -> list[str]:
        """Return the bodies of all messages of a queue, hidden or not."""
        return [message.body for message in self._messages(queue)]

    def ids(self, queue: str, body: str) -> set[str]:
        """Return the ids of the messages with this body."""
        return {message.id for message in self._messages(queue) if message.body == body}

    def show_hidden(self) -> None:
        """Let the time pass after which SQS shows what a killed command has hidden."""
        for name in QUEUES:
            for message in self._messages(name):
                message.visible_at = 0
            self._queue(name).pending_messages.clear()

    def run(self, *arguments: str) -> Ended:
        """Run a command as `python -m ops` would."""
        path = self.directory / "outputs.json"
        path.write_text(json.dumps(self.outputs))
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(["--outputs", str(path), *arguments])
        return Ended(status, out.getvalue(), err.getvalue())

    def erase(self, key: str, *more: str) -> Ended:
        """Erase one key without waiting."""
        return self.run("erase", f"--confirm={key}", "--patience=0", "--json", *more, "--", key)

    def _queue(self, name: str) -> Any:
        return sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[self.urls[name].rpartition("/")[2]]

    def _messages(self, name: str) -> list[Any]:
        return list(self._queue(name)._messages)


def deployment() -> Deployment:
    """Return a worker of the default recipes."""
    return Deployment(one_recipe(DEFAULT_RENDITIONS), 512, 30, datetime(2026, 1, 1, tzinfo=UTC), LOG_GROUP)


def mentions_of(bodies: Iterable[str], key: str) -> Counter[str]:
    """Return the bodies that have the key as a whole, as JSON or as an event encodes it."""
    forms = (json.dumps(key), json.dumps(quote_plus(key)), json.dumps(json.dumps(key))[1:-1])
    return Counter(body for body in bodies if any(form in body for form in forms))
