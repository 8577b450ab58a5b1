"""What there is to be seen: the outputs, each looked at once, and the dead letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from worker.contracts.events import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from local.stack import LocalStack

    Output = tuple[bytes, Mapping[str, str]]

UNEXPLAINED: Final = "none given"
"""The reason of a dead letter that SQS made."""
_HIDDEN: Final = 600
"""Seconds: every dead letter is seen once."""


@dataclass(frozen=True)
class Outputs:
    """The output bucket.

    Attributes:
        read: Returns content and metadata of an output that is there.
        unexplained: The keys of those that were not looked at.
    """

    read: Callable[[str], Output]
    unexplained: set[str]

    @classmethod
    def of(cls, stack: LocalStack) -> Outputs:
        """Return all of them."""

        def read(key: str) -> Output:
            answer = stack.client("s3").get_object(Bucket=stack["output_bucket"], Key=key)
            return answer["Body"].read(), answer["Metadata"]

        pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack["output_bucket"])
        return cls(read, {output["Key"] for page in pages for output in page.get("Contents", [])})

    def take(self, key: str) -> Output | None:
        """Return content and metadata of an output, None if there is none."""
        if key not in self.unexplained:
            return None
        self.unexplained.remove(key)
        return self.read(key)

    def has_none_of(self, key: str) -> bool:
        """Whether no output of this source key is unexplained."""
        return not any(output.partition("/")[2].rpartition(".")[0] == key for output in self.unexplained)


def dead_letters(stack: LocalStack) -> Iterator[tuple[Sequence[str], str]]:
    """Yield the keys and the reason of every dead letter, and hide them for a while."""
    sqs, url = stack.client("sqs"), stack["dead_letter_queue_url"]
    while messages := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=_HIDDEN, MessageAttributeNames=["reason"]
    ).get("Messages", []):
        for message in messages:
            keys = keys_of(message["Body"], stack["source_bucket"])
            yield keys, message.get("MessageAttributes", {}).get("reason", {}).get("StringValue", UNEXPLAINED)
