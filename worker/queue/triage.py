"""Which messages of a batch go first, and which are suspects. Pure.

A message that was received before may be about a picture that ended the process that rendered it, and so may every other
message about the same key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.contracts.errors import Reject
from worker.contracts.events import keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.queue.message import Message


@dataclass(frozen=True)
class Hint:
    """A message and the keys that it names, or why it names none.

    Attributes:
        last: Whether SQS will not deliver the message again.
    """

    message: Message
    last: bool
    keys: tuple[str, ...] = ()
    malformed: Reject | None = None


@dataclass(frozen=True)
class Triage:
    """The messages of a batch.

    Attributes:
        last: On their last attempt.
        fresh: Never received before, and of keys that no suspect names.
        suspects: All others.
    """

    last: tuple[Hint, ...]
    fresh: tuple[Hint, ...]
    suspects: tuple[Hint, ...]

    @classmethod
    def of(cls, messages: Sequence[Message], bucket: str, max_receive_count: int) -> Triage:
        """Sort `messages` that name keys of `bucket`; the order within each kind stays."""
        hints = [_read(message, bucket, last=message.receive_count >= max_receive_count) for message in messages]
        suspicious = {key for hint in hints if hint.message.received_before for key in hint.keys}
        return cls(
            last=tuple(hint for hint in hints if hint.last),
            fresh=tuple(hint for hint in hints if not hint.last and suspicious.isdisjoint(hint.keys)),
            suspects=tuple(hint for hint in hints if not hint.last and not suspicious.isdisjoint(hint.keys)),
        )


def _read(message: Message, bucket: str, *, last: bool) -> Hint:
    try:
        return Hint(message, last, keys_of(message.body, bucket))
    except Reject as exc:
        return Hint(message, last, malformed=exc)
