"""Messages about keys, in every queue of the stack: looked for, and taken out.

Nobody tries again what is in a dead-letter queue: looking there harms nothing. In a queue that is read, each look counts
as an attempt, so it is left to its reader for a while; what is left then is looked through once, and given back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from ops.pictures.erasure.mentions import has_text_of, keys_named, without
from ops.queues.batches import retry_failed
from ops.queues.queue import Queue
from ops.queues.sweep import Sweep
from ops.terminal.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from ops.queues.letter import Letter
    from ops.session import Session

_POLL_SECONDS: Final = 2.0
_MORE: Final = 100
"""Messages that may have come since they were counted: a queue that is never quiet is not looked through for ever."""


@dataclass(frozen=True)
class Place:
    """A queue; `is_read`: by a worker or a subscriber. Of the worker's own, `is_worked_off` says so."""

    queue: Queue
    is_read: bool = False
    is_worked_off: bool = False

    @property
    def label(self) -> str:
        """What sentences call it."""
        return self.queue.label


@dataclass
class Seen:
    """What was seen of one queue.

    Attributes:
        ids: Of messages about each key that are there, or that were taken out.
        unclear: Ids of messages that no reader understands, and that have the text of each key in them.
        failed: Why a message stayed, by id.
        unseen: Messages that were not looked at: in other hands, delayed, or too many.
    """

    ids: dict[str, set[str]] = field(default_factory=dict)
    unclear: dict[str, set[str]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    unseen: int = 0


def places(session: Session) -> list[Place]:
    """Return every queue that may have a message about a picture, those that nobody reads first."""
    stack = session.stack
    undelivered = (stack.undelivered_queue_urls or {}).items()
    return [
        Place(session.dead_letters),
        *(Place(Queue(session.clients, url, f"queue {name}-undelivered")) for name, url in undelivered),
        Place(session.queue, is_read=True, is_worked_off=True),
        *([Place(session.backfill_queue, is_read=True, is_worked_off=True)] if stack.backfill_queue_url else []),
        *(
            Place(Queue(session.clients, url, f"queue of {name}"), is_read=True)
            for name, url in stack.subscriber_queue_urls.items()
        ),
    ]


def look(
    place: Place, bucket: str, keys: Collection[str], patience: float = 0, pause: Callable[[float], None] = time.sleep
) -> Seen:
    """Return what a queue that nobody reads has about `keys`; look again for up to `patience` seconds where messages are hidden.

    For a minute SQS still counts as hidden what was given back or deleted.

    Raises:
        Refusal: AWS does not show it.
    """
    deadline = time.monotonic() + patience
    while True:
        seen = _swept(place, bucket, keys, lambda _sweep, _letter: None)
        left = deadline - time.monotonic()
        if not seen.unseen or left <= 0:
            return seen
        pause(min(_POLL_SECONDS, left))


def take_out(place: Place, bucket: str, keys: Collection[str]) -> Seen:
    """Delete the messages about `keys`; of one that names others, too, the rest is sent before it is deleted.

    Raises:
        Refusal: AWS does not show the queue.
    """

    def take(sweep: Sweep, letter: Letter) -> str | None:
        rest = (keys_named(letter.body, bucket) or frozenset()) - set(keys)
        if rest:
            failed = retry_failed(place.queue.send, [_rest_of(letter, keys)])
            if failed:
                return str(failed[0])
        failed = retry_failed(sweep.delete, [letter.id])
        return str(failed[0]) if failed else None

    return _swept(place, bucket, keys, take)


def wait_until_worked_off(those: Sequence[Place], patience: float, pause: Callable[[float], None] = time.sleep) -> None:
    """Return when the worker's own queues are empty and no subscriber has a message in hand, or after `patience` seconds.

    Raises:
        Refusal: AWS does not say how many messages there are.
    """
    deadline = time.monotonic() + patience
    while any(_is_in_hand(place) for place in those if place.is_read):
        left = deadline - time.monotonic()
        if left <= 0:
            return
        pause(min(_POLL_SECONDS, left))


def _is_in_hand(place: Place) -> bool:
    depth = place.queue.depth()
    return bool(depth.total if place.is_worked_off else depth.hidden)


def _swept(place: Place, bucket: str, keys: Collection[str], act: Callable[[Sweep, Letter], str | None]) -> Seen:
    seen = Seen()
    limit = place.queue.depth().total + _MORE if place.is_read else None
    with Sweep(place.queue) as sweep:
        chosen = []
        for letter in islice(sweep.letters(), limit):
            named = keys_named(letter.body, bucket)
            about = {key for key in keys if (has_text_of(letter.body, key) if named is None else key in named)}
            for key in about:
                (seen.unclear if named is None else seen.ids).setdefault(key, set()).add(letter.id)
            if about and named is not None:
                chosen.append(letter)
        seen.unseen = _unseen(place, sweep)
        for letter in chosen:
            try:
                why = act(sweep, letter)
            except Refusal as exc:
                why = str(exc)
            if why is not None:
                seen.failed[letter.id] = why
    return seen


def _unseen(place: Place, sweep: Sweep) -> int:
    depth = place.queue.depth()
    # In a queue that nobody reads, what is visible was received: the count of it lags.
    there = depth.total if place.is_read or not sweep.is_complete else depth.hidden + depth.delayed
    return max(0, there - len(sweep.ids))


def _rest_of(letter: Letter, keys: Collection[str]) -> dict[str, object]:
    """Return the entry of SendMessageBatch that is the letter without `keys`; what its attributes say of them goes, too."""
    entry = letter.import_entry()
    attributes = {
        name: value
        for name, value in letter.attributes.items()
        if not any(has_text_of(value.get("StringValue", ""), key) for key in keys)
    }
    entry.pop("MessageAttributes", None)
    return {
        **entry,
        "MessageBody": without(letter.body, keys),
        **({"MessageAttributes": attributes} if attributes else {}),
    }
