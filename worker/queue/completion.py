"""Publishes the completion message of a picture: the manifest as the body, and attributes to filter by.

docs/completion.md is the contract with subscribers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from worker.process.aws import translated

if TYPE_CHECKING:
    from worker.contracts.manifest import Manifest

_UNTRANSMITTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that SQS refuses, so that SNS could not deliver them to a queue. They are named one by one: a pattern of all that
SQS takes needs ten times as long to compile, at every cold start.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


@dataclass(frozen=True)
class CompletionTopic:
    """The SNS topic of completion messages. Needs sns:Publish.

    https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """

    client: Any
    topic_arn: str

    def publish(self, manifest: Manifest) -> None:
        """Publish one message. It is well below SNS's limit of 262,144 bytes: a recipe has few renditions, a key 1,024 bytes.

        Raises:
            Retry: SNS did not take it, or did not answer; it may have been published all the same.
        """
        with translated("sns:Publish to the completion topic"):
            self.client.publish(
                TopicArn=self.topic_arn,
                Message=_UNTRANSMITTABLE.sub(_escaped, manifest.to_json()),
                MessageAttributes=_attributes(manifest),
            )


def _attributes(manifest: Manifest) -> dict[str, dict[str, str]]:
    """Return type, folder and rendition names. SNS takes no empty value: an attribute that does not apply is left out."""
    names = [rendition.name for rendition in manifest.renditions]
    attributes = {
        "type": ("String", manifest.type),
        "prefix": ("String", _UNTRANSMITTABLE.sub("\ufffd", _folder(manifest.source.key))),
        "renditions": ("String.Array", json.dumps(names) if names else ""),
    }
    return {name: {"DataType": type_, "StringValue": value} for name, (type_, value) in attributes.items() if value}


def _folder(key: str) -> str:
    """Return the folder of a source key with its slash, such as `cats/` of `cats/tom.jpg`; empty where there is none."""
    return key[: key.rfind("/") + 1]


def _escaped(found: re.Match[str]) -> str:
    """Return a character as JSON escapes it."""
    return json.dumps(found[0])[1:-1]
