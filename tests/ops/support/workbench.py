"""The workbench: a stack to plant letters and pictures on, and to run commands at as an operator would."""

from __future__ import annotations

import io
import os
import re
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.commands.cli import main
from tests.local.processes.waiting import eventually
from tests.worker.images.pictures.small import jpeg
from worker.contracts.events import event_body

if TYPE_CHECKING:
    from local.stack import LocalStack

TRANSCRIPTS = Path(__file__).parent / "transcripts"
_EVERY = 0.1
"""Seconds between two requests to the stack."""
_VOLATILE = (
    (r"\S*bin/python -m ops", "python -m ops"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\b[0-9a-f]{32}\b", "<etag>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)", "<time>"),
    (r"-\d+T\d+\.(jsonl|xml)", r"-<time>.\1"),
    (r"(?m)^[0-9a-f]{8}(  \S+ +\S+) +\d+[sm]\b", r"<id8>   \1  <a>"),
    (r"(images-(?:source|output))-[0-9a-f]+", r"\1"),
    (r"(images-[a-z-]+)-[0-9a-f]{7}\b", r"\1"),
    (r"--outputs \S+/outputs\.json", "--stack local"),
    (r"([Tt]he stack) \S+/outputs\.json", r"\1 local"),
    (r'(sequencer|configurationId)(\\?": \\?")[^"\\]+', r"\1\2<any>"),
    (r'"milliseconds": \d+', '"milliseconds": <n>'),
    (r"\b\d+ ms\b", "<n> ms"),
    (r"\d+ seconds at worker", "<n> seconds at worker"),
    (r"(?<!\$)\b[01]\.\d{4}\b", "<likeness>"),
)


class Keyboard(io.StringIO):
    """A terminal with typed input."""

    def isatty(self) -> bool:
        return True


@dataclass
class Ended:
    """What a command left: its exit status, standard output and standard error."""

    status: int
    out: str
    err: str


class Bench:
    """One stack.

    Attributes:
        stack: As the engine runs it.
    """

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self._transcript: list[str] = []

    def run(self, *arguments: str) -> Ended:
        """Run a command as `python -m ops` would, and note it in the transcript."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(["--outputs", str(self.stack.directory / "outputs.json"), *arguments])
        ended = Ended(status, out.getvalue(), err.getvalue())
        typed = " ".join(f"'{word}'" if re.search(r"[ *&]", word) else word for word in arguments)
        said = "".join(f"2> {line}\n" for line in ended.err.splitlines())
        self._transcript.append(f"$ python -m ops --stack local {typed}\n{ended.out}{said}[{status}]\n")
        return ended

    def check_transcript(self, name: str) -> None:
        """Assert that what was run since the last check reads as it is pinned; REWRITE=1 pins it anew."""
        text = "\n".join(self._transcript)
        self._transcript.clear()
        for pattern, stand_in in _VOLATILE:
            text = re.sub(pattern, stand_in, text)
        # Several receives are under way at once, and workers too: the order of many letters is nobody's promise.
        text = re.sub(r"(?m)(^<id8> .*\n)+", lambda rows: "".join(sorted(rows[0].splitlines(keepends=True))), text)
        path = TRANSCRIPTS / f"{name}.txt"
        if os.environ.get("REWRITE"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        assert text == path.read_text()

    def client(self, service: str) -> Any:
        """Return a client of the stack's with root credentials."""
        return self.stack.client(service)

    def upload(self, key: str, data: bytes | None = None, **more: Any) -> None:
        """Put a picture, or `data`, into the source bucket."""
        body = jpeg() if data is None else data
        self.client("s3").put_object(Bucket=self.stack["source_bucket"], Key=key, Body=body, **more)

    def delete(self, key: str) -> None:
        """Delete a source."""
        self.client("s3").delete_object(Bucket=self.stack["source_bucket"], Key=key)

    def plant(self, key: str, reason: str | None, *, body: str | None = None, **others: str) -> None:
        """Put a dead letter about `key` where the worker, or SQS, would."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        texts = {"reason": reason, "detail": f"It was {reason}.", "failed-at": now, "attempts": "5"} if reason else {}
        attributes = {
            name: {"DataType": "Number" if text.isdigit() else "String", "StringValue": text}
            for name, text in {**texts, **others}.items()
        }
        self.client("sqs").send_message(
            QueueUrl=self.stack["dead_letter_queue_url"],
            MessageBody=body or event_body(self.stack["source_bucket"], key),
            MessageAttributes=attributes,
        )

    def is_handled(self, key: str) -> bool:
        """Whether the worker has written the manifest of `key`."""
        return f"manifest/{key}.json" in self.keys("output_bucket")

    def wait_for(self, *keys: str) -> None:
        """Wait until the worker has handled these."""
        wanted = {f"manifest/{key}.json" for key in keys}
        assert eventually(lambda: wanted <= self.keys("output_bucket"), 60, every=_EVERY)

    def wait_for_letters(self, count: int) -> None:
        """Wait until there are as many dead letters, all of them visible."""
        assert eventually(lambda: self.depth("dead_letter_queue_url") == (count, 0), 60, every=_EVERY)

    def keys(self, bucket: str) -> set[str]:
        """Return the keys of one of the stack's buckets."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.stack[bucket])
        return {entry["Key"] for page in pages for entry in page.get("Contents", [])}

    def depth(self, queue: str) -> tuple[int, int]:
        """Return how many messages of a queue are visible and hidden."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.client("sqs").get_queue_attributes(QueueUrl=self.stack[queue], AttributeNames=names)
        return int(answer["Attributes"][names[0]]), int(answer["Attributes"][names[1]])

    def empty(self) -> None:
        """Remove every picture, output and message, after the worker has done with them."""
        self._empty_bucket("source_bucket")
        with suppress(AssertionError):  # What is being retried would take minutes.
            eventually(lambda: self.depth("queue_url") == (0, 0), 3, every=_EVERY)
        self.client("sqs").purge_queue(QueueUrl=self.stack["queue_url"])
        self._empty_bucket("output_bucket")
        self.client("sqs").purge_queue(QueueUrl=self.stack["dead_letter_queue_url"])

    def _empty_bucket(self, bucket: str) -> None:
        if keys := self.keys(bucket):
            objects: Any = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
            answer = self.client("s3").delete_objects(Bucket=self.stack[bucket], Delete=objects)
            assert not answer.get("Errors"), answer
