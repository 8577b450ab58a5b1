"""Dollars per million pictures, from measured CPU and counted requests, against S3 that triggers Lambda directly.

    python -m bench.scale.cost

Reads what `bench.race.render` and `bench.function.batch` left in build/bench. Two numbers cannot be measured here and are assumed: what a
request waits for S3 within the region, and that a processor of Lambda's does as much in a second as this one, on arm64 as
on x86_64; both scale the two designs alike. Cold starts are left out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Final

from bench import section
from bench.pictures.photographs import BUILD
from bench.scale import prices
from bench.section import Bar, Section

MEMORIES: Final = (512, 1024, 1769, 3008)
BATCHES: Final = (1, 2, 5, 10)
DEFAULT: Final = (512, "arm64", 10)
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


def designs() -> tuple[Design, Design]:
    """Return this pipeline, and the first design: one GET and a PUT for each rendition, the plain way.

    Raises:
        SystemExit: Nothing was measured yet.
    """
    try:
        render = json.loads((BUILD / "render-webp.json").read_text())
        counts = json.loads((BUILD / "requests.json").read_text())
    except FileNotFoundError as exc:
        raise SystemExit(
            f"{exc.filename} is missing; run python -m bench.race.render and python -m bench.function.batch first"
        ) from exc
    puts = sum(count for name, count in counts.items() if name in ("s3:PutObject", "s3:PutObjectTagging"))
    gets = sum(count for name, count in counts.items() if name in ("s3:GetObject", "s3:HeadObject"))
    publishes = sum(count for name, count in counts.items() if name.startswith("sns"))
    return Design(render["worker"]["cpu"], puts, gets, publishes, queued=True), Design(
        render["plain"]["cpu"], 2, 1, round_trips=3
    )


def measure(quick: bool) -> Section:  # noqa: ARG001 - the figures are read, not measured again.
    """Work out every combination."""
    measured = Section("Cost")
    ours, first = designs()
    measured.text(
        "Dollars per million pictures at list prices of US East (N. Virginia) as others report them (bench/scale/prices.py names "
        "them, from 2024 to 2026). Per picture: "
        f"{ours.cpu:.3f} CPU seconds of rendering, {ours.puts:g} PUT, {ours.gets:g} GET and HEAD, {ours.publishes:g} publish; "
        f"the first design (S3 triggers Lambda, one picture an invocation, x86_64, the plain way): {first.cpu:.3f} CPU "
        f"seconds, {first.puts:g} PUT, {first.gets:g} GET. Assumed: {WAIT * 1000:.0f} ms for each of the "
        f"{ours.round_trips:g} round trips that a batch waits for ({first.round_trips:g} in the first design), "
        f"{REQUEST_CPU * 1000:.0f} ms of CPU for each request, one processor at {prices.VCPU} MB, and Lambda's processors as "
        "fast as this one."
    )
    head = ("", *(f"{memory} MB" for memory in MEMORIES))
    rows = [_row("first design, x86_64, batch of 1", partial(first.cost, architecture="x86_64", batch=1))]
    rows += [
        _row(f"{architecture}, batch of {batch}", partial(ours.cost, architecture=architecture, batch=batch))
        for architecture in ("x86_64", "arm64")
        for batch in BATCHES
    ]
    measured.table(head, rows)
    cheapest = min(MEMORIES, key=lambda memory: ours.cost(memory, "arm64", 10))
    memory = DEFAULT[0]
    mine, theirs = ours.cost(*DEFAULT), first.cost(memory, "x86_64", 1)
    compute, their_compute = MILLION * ours.compute(*DEFAULT), MILLION * first.compute(memory, "x86_64", 1)
    measured.text(
        f"A picture is cheapest at {cheapest} MB: up to {prices.VCPU} MB processor and price grow alike, and the waiting is "
        f"billed by the memory. Of the default's {mine:.1f}, {compute:.1f} are Lambda's (the first design: "
        f"{their_compute:.1f} of {theirs:.1f}), the rest are requests, of which {MILLION * ours.puts * prices.PUT:.0f} are PUTs. "
        f"Requests alone are {mine - compute:.1f} here and "
        f"{theirs - their_compute:.1f} there, which does without a manifest and without the HEADs that make every write conditional."
    )
    measured.bars.append(Bar(f"cost of the first design, {memory} MB", mine / theirs, 1.0))
    measured.bars.append(Bar(f"Lambda's part of it, {memory} MB", compute / their_compute, 0.4))
    return measured


def _row(name: str, cost: partial[float]) -> tuple[str, ...]:
    return name, *(f"{cost(memory):.1f}" for memory in MEMORIES)


if __name__ == "__main__":
    section.run(measure, __doc__)
