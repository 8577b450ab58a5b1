"""The one change of an adoption: what it is, whom it touches, and how it is made and checked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.terminal.errors import Misuse, Refusal, Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from ops.adoption.document import Document
    from ops.adoption.notifications import Notifications

_SETTLED_AFTER: Final = 30.0
"""Seconds after which S3 has to show what was written: a bucket's configuration is eventually consistent
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel)."""
_POLL_SECONDS: Final = 1.0
_COSTS: Final = (
    "  costs         about $1.00 per million events, of the whole bucket (https://aws.amazon.com/eventbridge/pricing/)"
)


@dataclass(frozen=True)
class Adoption:
    """What is about to be done to one bucket.

    Attributes:
        former: Its configuration as it was looked at.
        wanted: The same, with the flag or without it.
        silenced: Names of other rules that get no more events of the bucket.
    """

    bucket: str
    former: Document
    wanted: Document
    silenced: tuple[str, ...] = ()

    @property
    def is_needed(self) -> bool:
        """Whether anything is to be written."""
        return self.former.has_flag is not self.wanted.has_flag

    def lines(self) -> list[str]:
        """Return it for people."""
        others = self.former.lines()
        return [
            f"bucket          {self.bucket}",
            *(f"  stays         {line}" for line in others),
            *([] if others else ["  stays         nothing: nobody else is notified"]),
            f"  {self._change()}",
            *([_COSTS] if self.is_needed and self.wanted.has_flag else []),
            *(f"  silences      the EventBridge rule {name}" for name in self.silenced),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "bucket": self.bucket,
            "former": self.former.raw.decode(),
            "wanted": self.wanted.raw.decode(),
            "changes": self.is_needed,
            "silences": list(self.silenced),
        }

    def _change(self) -> str:
        if self.is_needed:
            return f"{'adds' if self.wanted.has_flag else 'removes':<14}<EventBridgeConfiguration/>"
        there = "sends its events to EventBridge already" if self.wanted.has_flag else "sends no events to EventBridge"
        return f"changes       nothing: it {there}"


def apply(adoption: Adoption, notifications: Notifications, kept: Path) -> None:
    """Write what is wanted, if nobody has changed the configuration since, and read it back; the former one goes into `kept`.

    S3 takes no condition with this request: between the last look and the write, a moment remains.

    Raises:
        Misuse: Somebody has changed it. Nothing was written.
        Refusal: AWS did not do it, or shows something else than what was written.
    """
    now = notifications.read()
    if not _is_same(now, adoption.former):
        raise Misuse(
            f"Somebody has changed the notification configuration of {adoption.bucket} since it was shown, so nothing was"
            " written: run the command again, and look at it as it is now."
        )
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("xb") as file:
        file.write(now.raw)
    try:
        notifications.write(adoption.wanted)
        _check(adoption, notifications)
    except Refusal as exc:
        raise type(exc)(
            f"{exc} The configuration from before is in {kept}; run the command again to see what is there."
        ) from exc


def _check(adoption: Adoption, notifications: Notifications) -> None:
    deadline = time.monotonic() + _SETTLED_AFTER
    while not _is_same(notifications.read(), adoption.wanted):
        if time.monotonic() >= deadline:
            raise Unknown(
                f"The notification configuration of {adoption.bucket} is not what was written: somebody else wrote it in"
                " the same moment."
            )
        time.sleep(_POLL_SECONDS)


def _is_same(one: Document, other: Document) -> bool:
    return (one.has_flag, one.others) == (other.has_flag, other.others)
