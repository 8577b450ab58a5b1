"""Tells the completion topic what became of pictures: the manifest as the body, and attributes to filter by.

docs/completion.md is the contract with who listens. SNS answers a batch with 200 and a list of what it did not take:
https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from worker.aws import refused, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from worker.errors import PipelineError
    from worker.manifest import Manifest

    Entry = dict[str, Any]

BATCH: Final = 10
"""Messages that SNS takes in one request."""
BATCH_BYTES: Final = 262_144
"""Of all bodies and attributes in one request. A single message has fewer: a function's environment holds no recipe with
renditions enough for a third of that."""
PAUSES: Final = (0.1, 0.4)
"""Seconds before SNS is asked a second and a third time for what it did not take."""
_REQUEST: Final = "sns:Publish to the completion topic"
_UNTRANSMITTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What SQS refuses, and so cannot be delivered to a queue; named one by one, since all others would take ten times as long to
compile, at every cold start:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


@dataclass(frozen=True)
class CompletionTopic:
    """The SNS topic of completion messages. Needs sns:Publish, which is what batches take, too.

    https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html

    Attributes:
        pause: Waits for so many seconds.
    """

    client: Any
    topic_arn: str
    pause: Callable[[float], None] = time.sleep

    def publish(self, manifests: Sequence[Manifest]) -> dict[int, PipelineError]:
        """Publish `manifests` in as few requests as possible; return, by place, why SNS did not take some of them.

        Raises:
            Retry: The topic could not be had; some may have been published all the same.
        """
        untold = [_entry(place, manifest) for place, manifest in enumerate(manifests)]
        failed = self._send(untold)
        for seconds in PAUSES:
            if not failed:
                break
            self.pause(seconds)
            failed = self._send([entry for entry in untold if int(entry["Id"]) in failed])
        return failed

    def _send(self, entries: Iterable[Entry]) -> dict[int, PipelineError]:
        failed: dict[int, PipelineError] = {}
        for batch in packed(entries):
            with translated(_REQUEST):
                answer = self.client.publish_batch(TopicArn=self.topic_arn, PublishBatchRequestEntries=batch)
            failed |= {int(failure["Id"]): refused(_REQUEST, failure) for failure in answer.get("Failed", [])}
        return failed


def prefix_of(key: str) -> str:
    """Return the folder of a source key with its slash, such as `cats/` of `cats/tom.jpg`; empty where it is in none."""
    return key[: key.rfind("/") + 1]


def packed(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries in batches that SNS takes."""
    batch: list[Entry] = []
    total = 0
    for entry in entries:
        size = _size(entry)
        if batch and (len(batch) == BATCH or total + size > BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(entry)
        total += size
    if batch:
        yield batch


def _entry(place: int, manifest: Manifest) -> Entry:
    """Return the message. SNS takes no empty attribute: one that does not apply is left out."""
    names = [rendition.name for rendition in manifest.renditions]
    attributes = {
        "type": ("String", manifest.type),
        "prefix": ("String", _UNTRANSMITTABLE.sub("\ufffd", prefix_of(manifest.source.key))),
        "renditions": ("String.Array", json.dumps(names) if names else ""),
    }
    return {
        "Id": str(place),
        "Message": _UNTRANSMITTABLE.sub(_escaped, manifest.to_json()),
        "MessageAttributes": {
            name: {"DataType": type_, "StringValue": value} for name, (type_, value) in attributes.items() if value
        },
    }


def _escaped(found: re.Match[str]) -> str:
    """Return a character as JSON writes it where it may not stand for itself."""
    return json.dumps(found[0])[1:-1]


def _size(entry: Mapping[str, Any]) -> int:
    """Return the bytes that SNS counts of a message: its body, and names, types and values of its attributes."""
    parts = [
        entry["Message"],
        *(part for name, value in entry["MessageAttributes"].items() for part in (name, *value.values())),
    ]
    return sum(len(part.encode()) for part in parts)
