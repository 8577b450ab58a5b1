"""Receives every message of a queue, loses none, and hides none longer than needed.

A message can only be seen by receiving it, which hides it. So every message is received once and stays hidden while the
rest is received (else the same ones would come again). What was not deleted is given back with visibility 0 at the end,
whatever ends the sweep: an error, Ctrl-C, a consumer that has seen enough.

Parallel short polls bring the messages; when one brings nothing new, a long poll, which asks all of SQS's servers,
has to agree. (Only short polls get an error when SQS hides no more messages:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html.) A sweep is over when
the queue's own count of visible messages is zero then, or stays above zero for three such rounds: that count lags by up
to a minute, and SQS may deliver a message twice.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from ops.queues.batches import BATCH, batches
from ops.queues.letter import Letter
from ops.queues.queue import InFlightLimit, Queue
from ops.queues.requests import Requests
from ops.terminal.errors import OpsError
from ops.terminal.interrupts import deferred
from ops.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, KeysView, Sequence

    from ops.queues.batches import Failure

THREADS: Final = 8
"""Receives under way at once."""
_SHORT_POLL: Final = 0
_LONG_POLL: Final = 1
"""Seconds that a receive waits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html"""
_MAX_ROUNDS: Final = 3
_MIN_HIDE_SECONDS: Final = 60
_MIN_MESSAGES_A_SECOND: Final = 100
"""Messages a second; no sweep is expected to be slower."""
_MAX_HIDE_SECONDS: Final = 12 * 60 * 60
"""Seconds: SQS's own limit on hiding."""
_MARGIN_SECONDS: Final = 15
"""Seconds that a message is still hidden when it is handed out without being received again."""
_RELEASE_NOTICE: Final = (
    "Giving the messages back, a moment; another Ctrl-C leaves them hidden until SQS shows them again."
)


@dataclass(frozen=True, slots=True)
class Held:
    """A message hidden by us: its handle, until when (monotonic seconds), and its letter as JSON if letters are kept.

    JSON, because it takes 1.3 KB of memory where the letter itself takes 4: 160 MB for 120,000 of them.
    """

    receipt: str
    until: float
    kept: bytes | None


class Sweep:
    """Messages of one queue, received and not given back yet. A context manager; its end gives all back.

    Attributes:
        is_complete: False when SQS refused to hide more messages, so that not all have been seen.
        hidden_by_others: After `letters`: messages that another command hides, or one that was killed; they were not seen.
        missing: After `take`: the ids that the queue did not have.
    """

    def __init__(
        self,
        queue: Queue,
        *,
        keep: bool = False,
        threads: int = THREADS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare to receive from `queue`; `keep` the letters themselves, so that `take` need not receive them again."""
        self.is_complete = True
        self.hidden_by_others = 0
        self.missing: frozenset[str] = frozenset()
        self._queue = queue
        self._threads = threads
        self._clock = clock
        self._held: dict[str, Held] = {}
        self._under_way: set[Future[list[Letter]]] = set()
        self._keep = keep
        self._receives = Requests(threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with deferred(_RELEASE_NOTICE):
            # What a receive still brings must be given back, too: SQS answers it, whether or not anybody waits.
            self._receives.close()
            self._release_or_say()

    def _release_or_say(self) -> None:
        """Give back what is held; what SQS does not take back becomes visible by itself, and that is said."""
        now = self._clock()
        waits = [held.until - now for held in self._held.values() if held.until > now]
        try:
            self.release(list(self._held))
        except OpsError as exc:
            say(f"{len(waits)} messages stay hidden for up to {max(waits, default=0):.0f} s: {exc}")

    def letters(self) -> Iterator[Letter]:
        """Yield every message that can be received, once each.

        Raises:
            Refusal: AWS did not do it.
        """
        depth = self._queue.depth()
        hide = min(_MAX_HIDE_SECONDS, _MIN_HIDE_SECONDS + depth.total // _MIN_MESSAGES_A_SECOND)
        threads = min(self._threads, -(-depth.visible // BATCH))
        seen: set[str] = set()
        for _ in range(_MAX_ROUNDS):
            yield from self._round(seen, hide, threads)
            depth = self._queue.depth()
            self.hidden_by_others = max(0, depth.hidden - len(self._held))
            if not self.is_complete or depth.visible == 0:
                return

    def take(self, ids: Collection[str], *, patience: float = 0) -> Iterator[Letter]:
        """Yield the messages with these ids, those still hidden by us first, the others as they are received.

        Args:
            ids: Message ids.
            patience: Seconds to wait for ids that are not there while others than us hide messages, such as a run
                that was killed.

        Raises:
            Refusal: AWS did not do it.
        """
        deadline = self._clock() + patience
        wanted = set(ids)
        for id_ in ids:
            letter = self._kept(id_)
            if letter is not None:
                wanted.discard(id_)
                yield letter
        while wanted:
            yield from self._swept(wanted)
            if self._clock() >= deadline or self._queue.depth().hidden <= len(self._held):
                break
        self.missing = frozenset(wanted)

    def delete(self, ids: Sequence[str]) -> dict[int, Failure]:
        """Delete up to ten messages that are held; return those that SQS did not delete, by their place in `ids`.

        Raises:
            Refusal: AWS deleted none, or did not answer.
        """
        failed = self._queue.delete([self._held[id_].receipt for id_ in ids])
        for place, id_ in enumerate(ids):
            if place not in failed:
                del self._held[id_]
        return failed

    def release(self, ids: Iterable[str]) -> None:
        """Give messages back now.

        Raises:
            Refusal: AWS did not do it.
        """
        receipts = [held.receipt for id_ in ids if (held := self._held.pop(id_, None)) and held.until > self._clock()]
        with ThreadPoolExecutor(self._threads, "release") as pool:
            list(pool.map(self._queue.release, batches((receipt, 0) for receipt in receipts)))

    @property
    def ids(self) -> KeysView[str]:
        """What is held; a view, which changes as messages come and go."""
        return self._held.keys()

    def _kept(self, id_: str) -> Letter | None:
        held = self._held.get(id_)
        if held is None or held.kept is None or held.until < self._clock() + _MARGIN_SECONDS:
            return None
        return replace(Letter.from_json(json.loads(held.kept)), receipt=held.receipt)

    def _swept(self, wanted: set[str]) -> Iterator[Letter]:
        for letter in self.letters():
            if letter.id in wanted:
                wanted.discard(letter.id)
                yield letter
                if not wanted:
                    return

    def _round(self, seen: set[str], hide: int, threads: int) -> Iterator[Letter]:
        """Yield what is new until a long poll brings nothing new."""
        while self.is_complete:
            yield from self._short_polls(seen, hide, threads)
            # In a thread of its own: Ctrl-C must not break off a request that hides messages all the same.
            new = _unseen(self._submit(hide, _LONG_POLL).result(), seen) if self.is_complete else []
            if not new:
                return
            yield from new

    def _short_polls(self, seen: set[str], hide: int, threads: int) -> Iterator[Letter]:
        """Yield what is new, by `threads` receives at once, until one brings nothing new."""
        is_quiet = threads == 0
        while not is_quiet or self._under_way:
            while not is_quiet and len(self._under_way) < threads:
                self._under_way.add(self._submit(hide, _SHORT_POLL))
            done, self._under_way = wait(self._under_way, return_when=FIRST_COMPLETED)
            for future in done:
                new = _unseen(future.result(), seen)
                is_quiet = is_quiet or not new
                yield from new

    def _submit(self, hide: int, poll: int) -> Future[list[Letter]]:
        return self._receives.submit(partial(self._receive, hide, poll), otherwise=[])

    def _receive(self, hide: int, poll: int) -> list[Letter]:
        until = self._clock() + hide
        try:
            letters = self._queue.receive(hide=hide, wait=poll)
        except InFlightLimit:
            self.is_complete = False
            return []
        for letter in letters:
            kept = json.dumps(letter.to_json()).encode() if self._keep else None
            self._held[letter.id] = Held(letter.receipt, until, kept)
        return letters


def _unseen(letters: list[Letter], seen: set[str]) -> list[Letter]:
    new = [letter for letter in letters if letter.id not in seen]
    seen.update(letter.id for letter in new)
    return new
