"""Dollars per million pictures, from measured CPU and counted requests, against S3 that triggers Lambda directly.

    python -m bench.scale.cost

Reads what `bench.race.render` and `bench.function.batch` left in build/bench. Two numbers cannot be measured here and are assumed: what a
request waits for S3 within the region, and that a processor of Lambda's does as much in a second as this one, on arm64 as
on x86_64; both scale the two designs alike. On arm64 the worker has no SIMD. Cold starts are left out.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Final

from bench import section
from bench.pictures.photographs import BUILD
from bench.section import Bar, Section
from ops.pictures.cost import prices
from ops.pictures.cost.design import MILLION, REQUEST_CPU, WAIT, Design

MEMORIES: Final = (512, 1024, 1769, 3008)
BATCHES: Final = (1, 2, 5, 10)
DEFAULT: Final = (512, "arm64", 10)


FIRST: Final = "first design"


def designs() -> dict[str, Design]:
    """Return this pipeline by architecture, and the `FIRST` design: one GET and a PUT for each rendition, the plain way.

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
    return {
        "x86_64": Design(render["worker"]["cpu"], puts, gets, publishes, queued=True),
        "arm64": Design(render["pillow"]["cpu"], puts, gets, publishes, queued=True),
        FIRST: Design(render["plain"]["cpu"], 2, 1, round_trips=3),
    }


def measure(quick: bool) -> Section:  # noqa: ARG001 - the figures are read, not measured again.
    """Work out every combination."""
    measured = Section("Cost")
    found = designs()
    ours, first = found[DEFAULT[1]], found[FIRST]
    measured.text(
        "Dollars per million pictures at list prices of US East (N. Virginia) as others report them (ops/pictures/cost/prices.py names "
        "them, from 2024 to 2026). Per picture: "
        f"{ours.cpu:.3f} CPU seconds of rendering ({found['x86_64'].cpu:.3f} on x86_64, with SIMD), {ours.puts:g} PUT, {ours.gets:g} GET and HEAD, {ours.publishes:g} publish; "
        f"the first design (S3 triggers Lambda, one picture an invocation, x86_64, the plain way): {first.cpu:.3f} CPU "
        f"seconds, {first.puts:g} PUT, {first.gets:g} GET. Assumed: {WAIT * 1000:.0f} ms for each of the "
        f"{ours.round_trips:g} round trips that a batch waits for ({first.round_trips:g} in the first design), "
        f"{REQUEST_CPU * 1000:.0f} ms of CPU for each request, one processor at {prices.VCPU} MB, and Lambda's processors as "
        "fast as this one."
    )
    head = ("", *(f"{memory} MB" for memory in MEMORIES))
    rows = [_row("first design, x86_64, batch of 1", partial(first.cost, architecture="x86_64", batch=1))]
    rows += [
        _row(
            f"{architecture}, batch of {batch}",
            partial(found[architecture].cost, architecture=architecture, batch=batch),
        )
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
