"""A dead letter as a redrive plans it: what the journal keeps of it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ops.queues.letter import NO_REASON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.queues.letter import Letter


@dataclass(frozen=True, slots=True)
class Planned:
    """A letter to send back, with what its outcome will be known by.

    Attributes:
        id: Its MessageId in the dead-letter queue.
        fingerprint: Of its body.
        redrives: How often it was sent back before this time.
        keys: Source keys that it is about.
        sent_at: When it was first sent, in ISO 8601.
    """

    id: str
    reason: str
    fingerprint: str
    redrives: int
    keys: tuple[str, ...]
    sent_at: str

    @classmethod
    def of(cls, letter: Letter, bucket: str) -> Planned:
        """Note what is needed of `letter`."""
        reason, keys = letter.reason or NO_REASON, letter.keys(bucket)
        return cls(letter.id, reason, letter.fingerprint, letter.redrives, keys, letter.sent_at.isoformat())

    def to_json(self) -> dict[str, Any]:
        """Return the form that the journal keeps."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Planned:
        """Read the journal's form."""
        return cls(**{**document, "keys": tuple(document["keys"])})
