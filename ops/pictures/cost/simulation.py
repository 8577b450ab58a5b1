"""A discrete-event model of a burst in the queue: the mapping's pollers, Lambda's workers, S3's limits.

Every batch is an event until nothing changes any more: all workers that there may be run, and S3 keeps up, or does not. From
there on the rest is a quotient, so that a hundred million pictures take no longer than a million.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import Final

FIRST: Final = 5
STANDARD: Final = 300
"""Batches at first, and more a minute (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html)."""
STANDARD_MOST: Final = 1250
"""Same page."""
PROVISIONED: Final = 1000
"""More a minute with provisioned pollers, and 20,000 at most
(https://aws.amazon.com/blogs/aws/aws-lambda-enhances-sqs-processing-with-new-provisioned-mode-3x-faster-scaling-16x-higher-capacity)."""
PROVISIONED_MOST: Final = 20_000
READS: Final = 5500
WRITES: Final = 3500
"""Requests a second to one prefix of S3 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html)."""
_SETTLED: Final = 30.0
"""Seconds at full concurrency after which nothing changes any more."""


@dataclass(frozen=True)
class Setting:
    """What a deployment allows.

    Attributes:
        concurrency: Workers at the same time, at most.
        batch: Pictures in a batch.
        seconds: Of one picture in a worker, its requests included.
        provisioned: Whether the pollers are provisioned: 1,000 more a minute instead of 300.
        prefixes: Of the source bucket, that the burst is spread over.
        reads: Requests that a picture makes to its source's prefix; `bench.function.batch` counts them.
        cold: Seconds that a worker's first batch takes longer.
    """

    concurrency: int
    batch: int = 10
    seconds: float = 1.0
    provisioned: bool = False
    prefixes: int = 1
    reads: int = 2
    cold: float = 1.0

    @property
    def most(self) -> int:
        """Workers at the same time: what is set, and what the mapping can do."""
        return min(self.concurrency, PROVISIONED_MOST if self.provisioned else STANDARD_MOST)

    def allowed(self, now: float) -> int:
        """Return the workers that the mapping has scaled to by then."""
        step = PROVISIONED if self.provisioned else STANDARD
        return min(self.most, FIRST + int(step * now / 60))

    def when(self, workers: int) -> float:
        """Return the moment from which this number of workers is allowed."""
        step = PROVISIONED if self.provisioned else STANDARD
        return max(0.0, (workers - FIRST) * 60 / step)


@dataclass(frozen=True)
class Drained:
    """How a burst went: seconds until the last picture, and whether S3 was what held it up."""

    seconds: float
    held_by_s3: bool


@dataclass
class _State:
    setting: Setting
    left: int
    running: list[float] = field(default_factory=list)
    storage: float = 0.0
    held: bool = False
    end: float = 0.0

    def start(self, now: float, *, cold: bool) -> None:
        """Start a batch; it ends when its work is done and S3 has answered its requests, one after the other."""
        size = min(self.setting.batch, self.left)
        self.left -= size
        work = now + size * self.setting.seconds + (self.setting.cold if cold else 0.0)
        self.storage = max(self.storage, now) + size / self.most_pictures
        self.held = self.storage > work
        self.end = max(self.end, work, self.storage)
        heapq.heappush(self.running, max(work, self.storage))

    @property
    def most_pictures(self) -> float:
        """Pictures a second that S3 allows: reads of the sources' prefixes, or writes of a rendition's one."""
        return min(READS / self.setting.reads * self.setting.prefixes, float(WRITES))


def drain(pictures: int, setting: Setting) -> Drained:
    """Simulate a burst of `pictures` that are all there at once."""
    state = _State(setting, pictures)
    workers, now, full = 0, 0.0, setting.when(setting.most)
    while state.left > 0:
        if workers < setting.allowed(now):
            workers += 1
            state.start(now, cold=True)
        elif workers < setting.most and setting.when(workers + 1) <= state.running[0]:
            now = max(now, setting.when(workers + 1)) + 1e-9
        else:
            now = heapq.heappop(state.running)
            state.start(now, cold=False)
            if workers == setting.most and now > full + _SETTLED + 3 * setting.batch * setting.seconds:
                return _extrapolated(state, now, workers)
    return Drained(state.end, state.held)


def _extrapolated(state: _State, now: float, workers: int) -> Drained:
    by_workers = workers / state.setting.seconds
    rate = min(by_workers, state.most_pictures)
    begun = sum(end - now for end in state.running) / state.setting.seconds
    rest = (state.left + begun) / rate
    return Drained(max(state.end, now + rest), state.most_pictures < by_workers)
