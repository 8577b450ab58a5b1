"""Dollars and seconds of one picture, from CPU seconds and requests.

Two numbers are assumed: what a request waits for S3 within the region, and that a processor of Lambda's does as much in a second as
the one that measured, on arm64 as on x86_64. Cold starts are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ops.pictures.cost import prices

WAIT: Final = 0.02
"""Seconds of a round trip to S3; assumed. AWS: medians for less than 512 kB are "often in the tens of
milliseconds" (https://docs.aws.amazon.com/whitepapers/latest/s3-optimizing-performance-best-practices/\
timeouts-and-retries-for-latency-sensitive-applications.html)."""
ROUND_TRIPS: Final = 7
"""That a batch waits for in all, however many its pictures: the heads, the source, and after the last rendering the renditions,
a HEAD of the source, the message, the manifest, a HEAD. All others are under way while something is rendered (`bench.function.batch`)."""
REQUEST_CPU: Final = 0.002
"""CPU seconds that botocore takes for a request; assumed."""
OVERHEAD: Final = 0.005
"""Seconds of an invocation besides its pictures; assumed."""
MILLION: Final = 1_000_000
_SOURCE_HEADS, _SOURCE_GETS, _MANIFESTS = 2, 1, 1
"""Requests that a picture takes besides those of its renditions: docs/architecture.md, Reconcile."""


@dataclass(frozen=True)
class Design:
    """What one picture takes: CPU seconds of rendering, and requests by kind; and the round trips that a batch waits for."""

    cpu: float
    puts: float
    gets: float
    publishes: float = 0
    queued: bool = False
    round_trips: float = ROUND_TRIPS

    def seconds(self, memory: int, batch: int) -> float:
        """Return a worker's time per picture."""
        requests = self.puts + self.gets + self.publishes
        share = min(1.0, memory / prices.VCPU)
        return (self.cpu + REQUEST_CPU * requests) / share + (WAIT * self.round_trips + OVERHEAD) / batch

    def compute(self, memory: int, architecture: str, batch: int) -> float:
        """Return Lambda's part per picture."""
        return (
            self.seconds(memory, batch) * memory / 1024 * prices.GIGABYTE_SECOND[architecture]
            + prices.INVOCATION / batch
        )

    def requests(self, batch: int) -> float:
        """Return what all requests of a picture cost: three of the queue for each batch, and S3's own send."""
        queue = prices.QUEUE_REQUEST * (1 + 2 / batch) if self.queued else 0
        return self.puts * prices.PUT + self.gets * prices.GET + self.publishes * prices.PUBLISH + queue

    def cost(self, memory: int, architecture: str, batch: int) -> float:
        """Return dollars per million pictures."""
        return MILLION * (self.compute(memory, architecture, batch) + self.requests(batch))


def of_pipeline(
    cpu: float, renditions: float, *, heads: float | None = None, publishes: float = 1, looks: int = 0
) -> Design:
    """Return what a picture takes that is rendered again.

    Args:
        cpu: Seconds of rendering.
        renditions: That are written.
        heads: Outputs that are looked at; by default the renditions.
        publishes: Messages about it.
        looks: Requests of whoever sends it, besides the worker's.
    """
    gets = _MANIFESTS + (renditions if heads is None else heads) + _SOURCE_HEADS + _SOURCE_GETS + looks
    return Design(cpu, puts=renditions + _MANIFESTS, gets=gets, publishes=publishes, queued=True)
