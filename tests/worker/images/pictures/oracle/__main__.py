"""Renders thousands of drawn files and asks Chromium whether the renditions show what the files show.

    python -m tests.worker.images.pictures.oracle [--count 3000] [--seed 1] [--kind GIF] [--keep DIRECTORY]

Prints what was tried by kind, the differences that docs/images.md explains, and those that nothing explains; the exit
status is 1 if there are any of these. `--keep` writes the smallest file of each sort that was drawn.
"""

from __future__ import annotations

import argparse
import collections
import re
import sys
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.worker.images.pictures.oracle.comparing import Verdict, judged
from tests.worker.images.pictures.oracle.explained import explanation
from tests.worker.images.pictures.oracle.judge import Judge
from tests.worker.images.pictures.oracle.runs import STRATEGIES, files

if TYPE_CHECKING:
    from collections.abc import Iterator

BATCH: Final = 20
"""Files that Chromium is asked about at once."""


@dataclass
class Tally:
    """The verdicts on the files of one kind, by number; of each sort of difference the smallest file."""

    tried: int = 0
    equal: int = 0
    explained: int = 0
    reasons: collections.Counter[str] = field(default_factory=collections.Counter)
    sorts: collections.Counter[str] = field(default_factory=collections.Counter)
    smallest: dict[str, Verdict] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        """Count one file."""
        self.tried += 1
        self.equal += not verdict.differences
        self.explained += bool(verdict.differences) and not verdict.unexplained
        reasons = {explanation(verdict.drawn, difference) for difference in verdict.differences} - {None}
        self.reasons.update(reason.because for reason in reasons if reason)
        for sort in verdict.unexplained:
            self.sorts[sort] += 1
            before = self.smallest.get(sort, verdict)
            self.smallest[sort] = min(before, verdict, key=lambda each: len(each.drawn.data))

    @property
    def differing(self) -> int:
        """Files with a difference that nothing explains."""
        return self.tried - self.equal - self.explained


def main() -> int:
    """Judge the files, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=list(STRATEGIES), action="append", help="only this kind; may be repeated")
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY")
    arguments = parser.parse_args()
    kinds = arguments.kind or list(STRATEGIES)
    sys.stdout.write(f"seed {arguments.seed}\n{'kind':16}{'tried':>7}{'equal':>7}{'explained':>11}{'differ':>8}\n")
    tallies = {}
    with Judge() as judge:
        for kind in kinds:
            tallies[kind] = judged_by_kind(judge, kind, arguments.seed, -(-arguments.count // len(kinds)))
            sys.stdout.write(_row(kind, tallies[kind]))
            sys.stdout.flush()
    sys.stdout.writelines(_findings(tallies))
    if arguments.keep:
        _keep(tallies, arguments.keep)
    return 1 if any(tally.differing for tally in tallies.values()) else 0


def judged_by_kind(judge: Judge, kind: str, seed: int, count: int) -> Tally:
    """Return what became of `count` files of one kind."""
    tally, drawn = Tally(), files(kind, seed, count)
    while batch := list(islice(drawn, BATCH)):
        for verdict in judged(judge, batch):
            tally.add(verdict)
    return tally


def _row(kind: str, tally: Tally) -> str:
    return f"{kind:16}{tally.tried:7}{tally.equal:7}{tally.explained:11}{tally.differing:8}\n"


def _findings(tallies: dict[str, Tally]) -> Iterator[str]:
    total = sum(tally.tried for tally in tallies.values())
    yield f"{total} files, {sum(tally.differing for tally in tallies.values())} unexplained differences\n"
    for kind, tally in tallies.items():
        for reason, number in tally.reasons.most_common():
            yield f"{number:6} {kind}, explained: {reason}\n"
    for kind, tally in tallies.items():
        for sort, number in tally.sorts.most_common():
            yield f"{number:6} {kind}, {sort}; the smallest has: {', '.join(sorted(tally.smallest[sort].drawn.features))}\n"


def _keep(tallies: dict[str, Tally], directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for kind, tally in tallies.items():
        for sort, verdict in tally.smallest.items():
            name = re.sub(r"[^a-z0-9]+", "-", f"{kind} {sort}".lower())
            (directory / f"{name}.{verdict.drawn.type.partition('/')[2]}").write_bytes(verdict.drawn.data)


if __name__ == "__main__":
    sys.exit(main())
