"""Measures what the worker's process takes at most, picture by picture, and shows that it keeps within its limit.

    python -m bench.memory [--memory 512 1769] [--only WORD]

Each case is rendered in a fresh process that holds what the worker holds in Lambda (boto3 with its clients, the source's
bytes) and is judged with the default renditions and with a recipe of large ones. Prints a table; status 1 when a process
passed its limit or needed more than was estimated. The whole run takes a quarter of an hour and, to draw the pictures, 4 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.pictures.bombs import BOMBS
from bench.pictures.corpus import PICTURES
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, RenditionSpec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

SECONDS: Final = 300
CASES: Final = {**PICTURES, **BOMBS}
MEMORIES: Final = (512, 1769)
LARGE: Final = (
    RenditionSpec("hero", 2560, 2560, format="avif", effort=2),
    RenditionSpec("print", 4096, 4096, format="jpeg", quality=90),
    RenditionSpec("moving", 480, 480, animated=True, effort=1),
    RenditionSpec("square", 640, 640, fit="cover", format="png", animated=True),
)
RECIPES: Final = {"default": DEFAULT_RENDITIONS, "large": LARGE}


@dataclass(frozen=True)
class Measurement:
    """What one process did: `rendered` or the reason it rejected for, and its memory in MB."""

    case: str
    recipe: str
    limit: int
    verdict: str
    estimate: int
    peak: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether it kept within its limit and, if it rendered, within its estimate."""
        return self.peak <= self.limit and (self.verdict != "rendered" or self.peak <= self.estimate)

    def row(self) -> str:
        """Return a line of the table."""
        mark = "" if self.holds else "  OVER"
        return (
            f"{self.case:45} {self.recipe:8} {self.verdict:19} {self.estimate:8,} {self.peak:6,} {self.limit:6,}"
            f" {self.seconds:6.1f}{mark}"
        )


HEAD: Final = f"{'case':45} {'recipe':8} {'verdict':19} {'estimate':>8} {'peak':>6} {'limit':>6} {'s':>6}   (MB)"


def main() -> int:
    """Draw and measure the cases, one at a time, each with every recipe."""
    arguments = _parser().parse_args()
    sys.stdout.write(f"{HEAD}\n")
    over = 0
    for case in CASES:
        if arguments.only.lower() in case.lower():
            for measurement in measure(case, CASES[case](), arguments.memory):
                sys.stdout.write(f"{measurement.row()}\n")
                sys.stdout.flush()
                over += not measurement.holds
    sys.stdout.write(f"{over} over\n")
    return 1 if over else 0


def measure(case: str, data: bytes, memories: list[int], recipes: Collection[str] = RECIPES) -> list[Measurement]:
    """Render `data` with each of the recipes, each in a process of its own, two at a time.

    The limit decides only whether a picture is let in: one that was rendered is not measured again at a larger limit.
    """
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        path = Path(folder, "picture")
        path.write_bytes(data)
        del data
        found = pool.map(lambda recipe: list(_rising(case, path, recipe, memories)), recipes)
        return [measurement for measurements in found for measurement in measurements]


def _rising(case: str, path: Path, recipe: str, memories: list[int]) -> Iterator[Measurement]:
    for limit in sorted(memories):
        measurement = _run(case, path, recipe, limit)
        yield measurement
        if measurement.verdict == "rendered":
            return


def _run(case: str, path: Path, recipe: str, limit: int) -> Measurement:
    command = [sys.executable, "-m", "bench.memory_of_one", str(path), recipe, str(limit)]
    env = {"AWS_DEFAULT_REGION": "eu-west-1", **os.environ}
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False, env=env)
    if done.returncode:
        return Measurement(case, recipe, limit, f"CRASHED {done.returncode}", 0, limit + 1, 0)
    return Measurement(case, recipe, limit, **json.loads(done.stdout))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", type=int, nargs="+", default=list(MEMORIES), metavar="MB", help="the limits")
    parser.add_argument("--only", default="", metavar="WORD", help="cases whose name contains it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
