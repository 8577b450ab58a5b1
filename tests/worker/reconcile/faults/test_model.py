"""Any interleaving of changes, deliveries, pauses, failures and crashes ends with the outputs that the sources call for."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests.worker.reconcile.faults.promises import FOCI, KEYS, PICTURES, RECIPES
from tests.worker.reconcile.faults.world import World

NUMBERS = st.integers(0, 9)
FATES = st.sampled_from(["answered", "answered", "answered", "fails", "answer lost"])
REQUESTS = st.integers(1, 12)


class Pipeline(RuleBasedStateMachine):
    """The rules of the world. Pictures come back, so that conditions on ETags are not enough."""

    unique = False
    max_receive_count = 1000

    def __init__(self) -> None:
        super().__init__()
        self.world = self.make_world()
        self.uploads = 0

    def make_world(self) -> World:
        """Return a world that nothing has happened in."""
        return World(unique=self.unique, max_receive_count=self.max_receive_count)

    @rule(key=st.sampled_from(KEYS), number=NUMBERS)
    def upload(self, key, number):
        """Store a new picture, or one that was there before."""
        self.uploads += 1
        picture = PICTURES[number % len(PICTURES)]
        self.world.upload(key, b"%s %d" % (picture.partition(b"#")[0], self.uploads) if self.unique else picture)

    @rule(key=st.sampled_from(KEYS), number=NUMBERS)
    def copy_in_place(self, key, number):
        """Give a picture another focus, or take it away: its bytes and its ETag stay."""
        self.uploads += 1
        focus = b"0.5,0.%03d" % self.uploads if self.unique else FOCI[number % len(FOCI)]
        self.world.copy_in_place(key, focus)

    @rule(key=st.sampled_from(KEYS))
    def remove(self, key):
        """Delete a picture, whether there is one or not."""
        self.world.remove(key)

    @precondition(lambda self: any(delivery.visible for delivery in self.world.queue))
    @rule(number=NUMBERS, others=st.integers(0, 2), requests=REQUESTS)
    def receive(self, number, others, requests):
        """Deliver some of the messages in a batch: they may come in another order than they were sent."""
        visible = [delivery for delivery in self.world.queue if delivery.visible]
        first = number % len(visible)
        worker = self.world.receive(*visible[first : first + 1 + others])
        if worker:
            self.world.advance(worker, requests)

    @precondition(lambda self: self.world.workers)
    @rule(number=NUMBERS, requests=REQUESTS, fate=FATES)
    def advance(self, number, requests, fate):
        """Let a worker go on for some requests, the first of which may fail or lose its answer."""
        self.world.advance(self.world.workers[number % len(self.world.workers)], requests, fate)

    @precondition(lambda self: self.world.workers)
    @rule(number=NUMBERS)
    def crash(self, number):
        """End a worker between two requests."""
        self.world.crash(self.world.workers[number % len(self.world.workers)])

    @precondition(lambda self: self.world.workers)
    @rule(number=NUMBERS)
    def show_again(self, number):
        """Let a visibility timeout end while the worker is still at it: the message is delivered to another, too."""
        for delivery in self.world.workers[number % len(self.world.workers)].deliveries:
            delivery.visible = True

    @precondition(lambda self: self.world.queue)
    @rule(number=NUMBERS)
    def duplicate(self, number):
        """Have S3 announce something twice."""
        copied = self.world.queue[number % len(self.world.queue)]
        self.world.queue.append(type(copied)(copied.body))

    @rule()
    def redrive(self):
        """Send every dead letter back."""
        self.world.redrive()

    @rule(recipe=st.sampled_from(range(len(RECIPES))))
    def deploy(self, recipe):
        """Change what is made of every picture, whatever is under way."""
        self.world.deploy(recipe)

    def teardown(self):
        """At the end, every worker finishes, every message is handled, and nothing is lost, stale or left over."""
        self.world.settle()
        self.world.check()


class UniquePipeline(Pipeline):
    """The same, with pictures that never come back: then no write may ever go back in time."""

    unique = True


class ImpatientPipeline(Pipeline):
    """The same with two attempts a message: what is not done has a dead letter, and after a redrive it is done."""

    max_receive_count = 2

    def teardown(self):
        """Whatever was given up is done after a redrive."""
        self.world.settle()
        self.world.check()
        self.world.redrive()
        self.world.settle()
        self.world.check()


BOUNDS = settings(max_examples=30, stateful_step_count=30, deadline=None, derandomize=True)
"""The same examples every time; `make model` walks further."""

TestPipeline = Pipeline.TestCase
TestPipeline.settings = BOUNDS
TestUniquePipeline = UniquePipeline.TestCase
TestUniquePipeline.settings = BOUNDS
TestImpatientPipeline = ImpatientPipeline.TestCase
TestImpatientPipeline.settings = BOUNDS
