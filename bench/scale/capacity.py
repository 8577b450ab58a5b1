"""How long bursts of 10,000 to 100,000,000 pictures take to drain, by simulation, what limits them, and what they cost.

    python -m bench.scale.capacity

Fed with the render times of `bench.race.render`, at the default 512 MB. `bench.scale.stack` checks the model against the embedded
AWS at a small scale.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bench import section
from bench.scale.cost import DEFAULT, designs
from bench.section import Section
from ops.pictures.cost.simulation import Setting, drain

BURSTS: Final = (10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
CONCURRENCIES: Final = (10, 100, 1000, 10_000)
_LONG: Final = 4 * 86_400
"""Seconds that the queue keeps a message by default: a burst that takes longer is lost in part."""


def picture_seconds() -> float:
    """Return how long a worker of the default takes for a picture, waits included."""
    memory, _, batch = DEFAULT
    return designs()[DEFAULT[1]].seconds(memory, batch)


def source_reads() -> int:
    """Return how many of a new picture's reads go to its source: all but the HEAD of its manifest."""
    return round(designs()[DEFAULT[1]].gets) - 1


def settings(seconds: float, reads: int) -> dict[str, Setting]:
    """Return the columns: standard mode, and provisioned mode where standard mode ends."""
    plain = Setting(CONCURRENCIES[0], seconds=seconds, reads=reads)
    found = {f"{count:,}": replace(plain, concurrency=count) for count in CONCURRENCIES if count <= 1000}
    provisioned = replace(plain, concurrency=10_000, provisioned=True)
    return found | {"10,000 provisioned": provisioned, "10,000, 8 prefixes": replace(provisioned, prefixes=8)}


def measure(quick: bool) -> Section:  # noqa: ARG001 - it takes seconds as it is.
    """Simulate and report."""
    measured = Section("Scale")
    seconds = picture_seconds()
    reads = source_reads()
    columns = settings(seconds, reads)
    times = {name: [drain(burst, setting) for burst in BURSTS] for name, setting in columns.items()}
    measured.text(
        f"Time to drain a burst that is there at once, by simulation; a picture takes {seconds:.2f} s at {DEFAULT[0]} MB "
        f"and reads its source's prefix {reads} times, batches of ten. Standard mode starts with 5 workers and adds 300 a minute up to 1,250, provisioned mode adds 1,000 a "
        "minute up to 20,000. `s3` marks where S3's 5,500 reads or 3,500 writes a second to a prefix hold it up, `!` what "
        "takes longer than the queue's default retention of four days."
    )
    ours = designs()[DEFAULT[1]]
    rows = [
        (f"{burst:,}", *(_cell(found[row].seconds, found[row].held_by_s3) for found in times.values()),
         f"{ours.cost(*DEFAULT) * burst / 1e6:,.2f}")
        for row, burst in enumerate(BURSTS)
    ]  # fmt: skip
    measured.table(("pictures", *times, "$"), rows)
    return measured


def _cell(seconds: float, held: bool) -> str:
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}{' s3' if held else ''}{' !' if seconds > _LONG else ''}"
    return f"{seconds:.0f} s{' s3' if held else ''}"


if __name__ == "__main__":
    section.run(measure, __doc__)
