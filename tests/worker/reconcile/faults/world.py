"""A world with any number of workers: pictures change, messages are delivered, workers go on request by request."""

from __future__ import annotations

import io
import itertools
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.worker.fakes import StoppedClock
from tests.worker.reconcile.faults.promises import BUCKET, EPOCH, KEYS, PICTURES, RECIPES, Promises, parts_of
from tests.worker.reconcile.faults.tape import Fate, Paused, Tape
from tests.worker.reconcile.faults.taped import (
    NoQueue,
    TapedLetters,
    TapedOriginals,
    TapedOutputs,
    TapedRejects,
    TapedSources,
    TapedTopic,
    in_any_order,
    render,
)
from worker.contracts.events import event_body, keys_of
from worker.contracts.keys import listing, manifest_key, rendition_key
from worker.contracts.recipes.by_prefix import Recipe
from worker.queue.batch import Batch
from worker.queue.message import Message
from worker.queue.retry_delay import RetryDelay
from worker.reconcile.reconciler import Reconciler

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.reconcile.outputs import Outputs
    from worker.reconcile.reconciler import Publish


_NO_DELAY = RetryDelay(retention=1.0, now=lambda: 0.0, random=lambda: 0.0)


@dataclass(eq=False)
class Delivery:
    """A message in the queue, and whether it can be received now."""

    body: str
    receive_count: int = 0
    visible: bool = True


@dataclass(eq=False)
class Worker:
    """One invocation with a batch of messages."""

    deliveries: tuple[Delivery, ...]
    messages: tuple[Message, ...]
    recipe: Recipe
    number: int = 0
    tape: Tape = field(default_factory=Tape)


@dataclass
class World(Promises):
    """A deployment. A mutation takes the place of its `reconciler`, of the worker's `view` of the outputs or of its `publishing`."""

    pictures: tuple[bytes, ...] = PICTURES
    max_receive_count: int = 1000
    audited: bool = True
    recipes: tuple[int, ...] = tuple(range(len(RECIPES)))
    reconciler: type[Reconciler] = Reconciler
    view: Callable[[Outputs], Outputs] = lambda outputs: outputs
    publishing: Callable[[Publish], Publish] = lambda publish: publish
    queue: list[Delivery] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    # What happens to sources and messages.

    def upload(self, key: str, picture: bytes) -> None:
        """Store a picture; S3 announces it."""
        content, focus = parts_of(picture)
        self.sources.objects[key] = content
        self.sources.foci.pop(key, None)
        if focus is not None:
            self.sources.foci[key] = focus
        self._changed(key, picture)

    def copy_in_place(self, key: str, focus: bytes) -> None:
        """Change what a picture has as its focus, and nothing of its bytes; S3 announces it like any other copy."""
        if (there := self.picture(key)) is not None:
            content, _ = parts_of(there)
            self.upload(key, content + b"@" + focus if focus else content)

    def remove(self, key: str) -> None:
        """Delete a picture; S3 announces it."""
        self.sources.objects.pop(key, None)
        self._changed(key, None)

    def _changed(self, key: str, picture: bytes | None) -> None:
        self.versions[key].append((next(self.time), picture))
        self.sources.numbers[key] = len(self.versions[key])
        self.note_complete(key)
        self.queue.append(Delivery(event_body(BUCKET, key)))

    def redrive(self) -> None:
        """Send every dead letter back, to the end of the queue."""
        self.queue += [Delivery(message.body) for message, _ in self.letters.letters]
        self.queue += [Delivery(body) for body in self.unexplained]
        self.letters.letters.clear()
        self.unexplained.clear()

    def deploy(self, recipe: int) -> None:
        """Change the recipe, whatever is under way, and have every key reconciled; without an audit, only when all is done."""
        if not self.audited:
            self.settle()
            self.redrive()
            self.settle()
        if recipe != self.recipe:
            self.recipe = recipe
            self.generation += 1
        self.queue += [Delivery(event_body(BUCKET, key)) for key in KEYS]

    def audit(self) -> None:
        """Send a hint for each output that the recipe does not have."""
        for key in KEYS:
            made = [rendition_key(spec, key) for spec in RECIPES[self.recipe]]
            known = {*made, manifest_key(key)} if made else set()
            extra = [
                each
                for each in self.outputs.objects
                if each.split("/", 1)[1].rsplit(".", 1)[0] == key and each not in known
            ]
            if extra:
                renditions = listing([each for each in extra if each != manifest_key(key)], key)
                self.queue.append(Delivery(event_body(BUCKET, key, leftovers=renditions)))

    # What workers do.

    def receive(self, *deliveries: Delivery) -> Worker | None:
        """Give messages to a new worker; SQS moves one away that was received too often."""
        received = [delivery for delivery in deliveries if self._is_received(delivery)]
        if not received:
            return None
        messages = [Message(f"m{number}", each.body, each.receive_count) for number, each in enumerate(received)]
        recipe = Recipe(RECIPES[self.recipe], self.generation)
        worker = Worker(tuple(received), tuple(messages), recipe, next(self.numbers))
        self.workers.append(worker)
        return worker

    def _is_received(self, delivery: Delivery) -> bool:
        if delivery.receive_count >= self.max_receive_count:
            self.queue.remove(delivery)
            self.unexplained.append(delivery.body)
            return False
        delivery.receive_count += 1
        delivery.visible = False
        return True

    def advance(self, worker: Worker, requests: int, fate: Fate = "answered") -> bool:
        """Let a worker make this number of requests more; return whether it has finished."""
        worker.tape.rewind(requests, fate)
        try:
            with redirect_stdout(io.StringIO()):
                report = self._batch(worker)(worker.messages, "request", StoppedClock())
        except Paused:
            return False
        finally:
            assert not self.broken, self.broken[0]
        self.workers.remove(worker)
        failed = {failure["itemIdentifier"] for failure in report["batchItemFailures"]}
        for message, delivery in zip(worker.messages, worker.deliveries, strict=True):
            if message.message_id in failed:
                self._come_back(delivery)
            elif delivery in self.queue:
                self.queue.remove(delivery)
        return True

    def crash(self, worker: Worker) -> None:
        """End a worker where it is; its messages come back."""
        self.workers.remove(worker)
        for delivery in worker.deliveries:
            self._come_back(delivery)

    def _come_back(self, delivery: Delivery) -> None:
        """Make the message visible again, unless another worker had it, too, and has deleted it: then no delivery is left."""
        delivery.visible = True
        if delivery not in self.queue:
            self.abandoned |= {*keys_of(delivery.body, BUCKET)}

    def settle(self) -> None:
        """Let every message be handled and every worker finish, the slow ones when no other is left."""
        self._drain()
        for worker in list(self.workers):
            assert self.advance(worker, 1000)
        self._drain()
        if self.audited:
            self.audit()
            self._drain()

    def _drain(self) -> None:
        while visible := [delivery for delivery in self.queue if delivery.visible]:
            worker = self.receive(visible[0])
            assert worker is None or self.advance(worker, 1000)

    def _batch(self, worker: Worker) -> Batch:
        tape = worker.tape
        reconcile = self.reconciler(
            bucket=BUCKET,
            sources=TapedSources(tape, self),
            outputs=self.view(TapedOutputs(tape, self, worker.recipe.generation)),
            rejects=TapedRejects(tape, self),
            publish=self.publishing(TapedTopic(tape, self).publish),
            recipe=worker.recipe,
            render=lambda source, wanted, _: render(source, wanted, worker.recipe.specs),
            now=lambda: tape.note(self._now),
            originals=TapedOriginals(tape, self) if self.archives else None,
            run_all=in_any_order(Random(worker.number)),
        )
        return Batch(BUCKET, reconcile, TapedLetters(tape, self), NoQueue(), _NO_DELAY, self.max_receive_count)

    def _now(self) -> datetime:
        return EPOCH + timedelta(seconds=next(self.time))

    def check(self) -> None:
        """Fail if a message is left, or anything is lost, stale or left over."""
        assert not self.queue
        assert not self.workers
        super().check()
