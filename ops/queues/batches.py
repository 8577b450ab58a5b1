"""A batch: what of many messages goes into one request, and how what failed of it is tried again.

A batch request answers for each message on its own, 200 with a `Failed` list: none of those answers is ignored.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ops.terminal.errors import Busy, Invalid
from worker.contracts.attributes import bytes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

BATCH: Final = 10
"""Messages in a batch request at most."""
BATCH_BYTES: Final = 256 * 1024
"""Of all messages in a batch: SQS's older limit, a quarter of today's, because not everything that speaks SQS grew."""
ATTEMPTS: Final = 3
"""At a batch, or at what is left of it, before it is given up."""
_PAUSE: Final = 0.5
"""Seconds before the second attempt; twice as long before the third."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Failure:
    """Why one message of a batch was not taken; `is_lasting`: asking again would be refused again."""

    code: str
    message: str
    is_lasting: bool

    def __str__(self) -> str:
        """Say it in AWS's words."""
        return f"{self.code}: {self.message}" if self.message else self.code


def failures_in(answer: Mapping[str, Any]) -> dict[int, Failure]:
    """Return what AWS answered of the messages that it did not take, by their place in the request."""
    return {
        int(failed["Id"]): Failure(failed.get("Code", ""), failed.get("Message", ""), bool(failed.get("SenderFault")))
        for failed in answer.get("Failed", [])
    }


def retry_failed(
    request: Callable[[list[Item]], dict[int, Failure]],
    items: Sequence[Item],
    pause: Callable[[float], None] = time.sleep,
) -> dict[int, Failure]:
    """Make a batch request, and again for what AWS may still take; return what was given up, by place in `items`.

    Args:
        request: Returns the failures, by place in what it is given.
        items: Ten at most.
        pause: Sleeps for seconds.

    Raises:
        Busy: AWS took nothing, three times.
        Refusal: What else `request` raises, at once.
    """
    left = dict(enumerate(items))
    given_up: dict[int, Failure] = {}
    for attempt in range(ATTEMPTS if left else 0):
        is_last = attempt == ATTEMPTS - 1
        if attempt:
            pause(_PAUSE * attempt)
        try:
            failed = request(list(left.values()))
        except Busy:
            if is_last:
                raise
            continue
        places = list(left)
        failures = {places[place]: failure for place, failure in failed.items()}
        given_up |= {place: failure for place, failure in failures.items() if is_last or failure.is_lasting}
        left = {place: left[place] for place in failures if place not in given_up}
        if not left:
            break
    return given_up


def batches(items: Iterable[tuple[Item, int]]) -> Iterator[list[Item]]:
    """Group items, each given with its size in bytes, into batches that SQS takes."""
    batch: list[Item] = []
    total = 0
    for item, size in items:
        if batch and (len(batch) == BATCH or total + size > BATCH_BYTES):
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += size
    if batch:
        yield batch


def divided(request: Callable[[list[Item]], dict[int, Failure]]) -> Callable[[list[Item]], dict[int, Failure]]:
    """Return a request that halves what AWS does not take as a whole, until the item is found that it does not take."""

    def ask(items: list[Item]) -> dict[int, Failure]:
        try:
            return request(items)
        except Invalid as exc:
            if len(items) == 1:
                return {0: Failure(type(exc).__name__, str(exc), is_lasting=True)}
        half = len(items) // 2
        first, second = ask(items[:half]), ask(items[half:])
        return {**first, **{half + place: failure for place, failure in second.items()}}

    return ask


def size_of(entry: Mapping[str, Any]) -> int:
    """Return the bytes that SQS counts of an entry of a batch request."""
    return bytes_of(entry["MessageBody"], entry.get("MessageAttributes", {}))
