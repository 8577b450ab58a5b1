"""Tells the completion topic what became of a picture: the manifest as the body, its type as an attribute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from worker.aws import translated

if TYPE_CHECKING:
    from worker.manifest import Manifest


@dataclass(frozen=True)
class CompletionTopic:
    """The SNS topic of completion messages. Needs sns:Publish."""

    client: Any
    topic_arn: str

    def publish(self, manifest: Manifest) -> None:
        """Publish `manifest`; at least once, because the manifest's own write may fail after it.

        Raises:
            Retry: The topic could not be had.
        """
        with translated("sns:Publish to the completion topic"):
            self.client.publish(
                TopicArn=self.topic_arn,
                Message=manifest.to_json(),
                MessageAttributes={"type": {"DataType": "String", "StringValue": manifest.type}},
            )
