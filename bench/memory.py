"""Measures what the worker's process takes at most, picture by picture, and shows that it keeps within its limit.

    python -m bench.memory [--memory 512 1769] [--only WORD]

Each case is rendered in a fresh process that holds what the worker holds in Lambda (boto3 with its clients, the source's
bytes) and is judged with the default renditions and with a recipe of large ones. Prints a table; status 1 when a process
passed its limit or needed more than was estimated. Then all of them in one process in random order: memory that one
leaves must not be too much for the next. The whole run takes a quarter of an hour and, to draw the pictures, 4 GB.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.pictures.bombs import BOMBS
from bench.pictures.corpus import PICTURES
from worker.contracts.function.settings import Settings
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, RenditionSpec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

SECONDS: Final = 300
TURNS: Final = 3
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
    with tempfile.TemporaryDirectory() as folder:
        paths: list[Path] = []
        for case in CASES:
            if arguments.only.lower() in case.lower():
                paths.append(Path(folder, str(len(paths))))
                paths[-1].write_bytes(CASES[case]())
                over += _show(measure(case, paths[-1], arguments.memory))
        over += _show(together(paths, recipe, memory) for memory in arguments.memory for recipe in RECIPES)
    sys.stdout.write(f"{over} over\n")
    return 1 if over else 0


def _show(measurements: Iterable[Measurement]) -> int:
    """Print them, and return how many do not hold."""
    over = 0
    for measurement in measurements:
        sys.stdout.write(f"{measurement.row()}\n")
        sys.stdout.flush()
        over += not measurement.holds
    return over


def together(paths: Sequence[Path], recipe: str, memory: int) -> Measurement:
    """Render all files in one process, `TURNS` times, each time in another order."""
    order = [path for turn in range(TURNS) for path in random.Random(turn).sample(paths, len(paths))]
    found, crash = _process(recipe, memory, *order)
    verdict = crash or f"{sum(each['verdict'] == 'rendered' for each in found)} rendered"
    peak, seconds = memory + 1 if crash else found[-1]["peak"], sum(each["seconds"] for each in found)
    return Measurement(f"all, {len(order)} in random order", recipe, memory, verdict, memory, peak, seconds)


def measure(case: str, path: Path, memories: list[int], recipes: Collection[str] = RECIPES) -> list[Measurement]:
    """Render a file with each of the recipes, each in a process of its own, two at a time.

    The limit decides only whether a picture is let in: one that was rendered is not measured again at a larger limit.
    """
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda recipe: list(_rising(case, path, recipe, memories)), recipes)
        return [measurement for measurements in found for measurement in measurements]


def _rising(case: str, path: Path, recipe: str, memories: list[int]) -> Iterator[Measurement]:
    for limit in sorted(memories):
        measurement = _run(case, path, recipe, limit)
        yield measurement
        if measurement.verdict == "rendered":
            return


def _run(case: str, path: Path, recipe: str, limit: int) -> Measurement:
    found, crash = _process(recipe, limit, path)
    if crash:
        return Measurement(case, recipe, limit, crash, 0, limit + 1, 0)
    return Measurement(case, recipe, limit, **found[0])


def _process(recipe: str, limit: int, *paths: Path) -> tuple[list[dict[str, Any]], str]:
    """Return what a process reports of each file, and how it crashed; empty where it did not."""
    command = [sys.executable, "-m", "bench.memory_of", recipe, str(limit), *map(str, paths)]
    env = {"AWS_DEFAULT_REGION": "eu-west-1", **os.environ, **Settings.PROCESS_VARIABLES}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, timeout=SECONDS * len(paths), check=False, env=env
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return found, f"CRASHED {done.returncode} after {len(found)}" if done.returncode else ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--memory", type=int, nargs="+", default=list(MEMORIES), metavar="MB", help="the limits")
    parser.add_argument("--only", default="", metavar="WORD", help="cases whose name contains it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
