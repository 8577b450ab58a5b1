"""Damages thousands of files and renders them: each must be rendered or rejected, in time.

    python -m tests.worker.images.pictures.fuzz [--count 6000] [--seed 1]

Renders in child processes, so that a decoder that crashes, hangs or takes too much memory is a finding and does not end
the run. Prints the outcomes, the slowest file and the largest peak of a child; the exit status is 1 on any finding.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.worker.images.pictures.factories import mutate
from tests.worker.images.pictures.seeds import seeds
from worker.contracts.errors import Reject
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import render

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK: Final = 250
"""Files that one child process renders."""
SECONDS: Final = 10
"""Seconds that one file may take before its process is ended."""
MEMORY: Final = 512
"""MB; the limit for admission, and for the peak of a child process."""
SPECS: Final = (
    RenditionSpec("still", 64, 64, effort=0),
    RenditionSpec("square", 48, 48, fit="cover", format="jpeg"),
    RenditionSpec("moving", 32, 32, animated=True, effort=0, keep_copyright=True),
)


@dataclass
class Findings:
    """The outcomes by number, unexpected exceptions, the slowest file, and the largest peak of memory in MB."""

    outcomes: collections.Counter[str] = field(default_factory=collections.Counter)
    escaped: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    peak: int = 0

    def add(self, name: str, outcome: str, seconds: float) -> None:
        """Count one file."""
        self.outcomes[outcome] += 1
        self.slowest = max(self.slowest, (seconds, name))
        if outcome.startswith("ESCAPED"):
            self.escaped.append(f"{name}: {outcome}")

    def report(self) -> str:
        """Return the table."""
        files, (seconds, name) = sum(self.outcomes.values()), self.slowest
        lines = [f"{files} damaged files; the slowest took {seconds:.2f} s ({name}); at most {self.peak} MB"]
        lines += [f"{number:7} {outcome}" for outcome, number in self.outcomes.most_common()]
        return "\n".join([*lines, *self.escaped])


def main() -> int:
    """Run the chunks, two at a time, and add up their results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chunk", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.chunk is not None:
        _fuzz(arguments.seed, range(arguments.chunk, min(arguments.chunk + CHUNK, arguments.count)))
        return 0
    findings = Findings()
    with ThreadPoolExecutor(2) as pool:
        chunks = range(0, arguments.count, CHUNK)
        for lines in pool.map(lambda start: _run(arguments.seed, start, arguments.count), chunks):
            _add_up(findings, lines)
    sys.stdout.write(f"seed {arguments.seed}: {findings.report()}\n")
    return 1 if findings.escaped or findings.peak > MEMORY else 0


def attempt(data: bytes) -> tuple[str, float]:
    """Render the file; return the outcome and the seconds it took."""
    start = time.perf_counter()
    try:
        render(data, SPECS, wanted=[spec.name for spec in SPECS], memory_bytes=MEMORY * 2**20)
    except Reject as reject:
        outcome = reject.reason if reject.detail.strip() else "ESCAPED: no detail"
    except Exception as exc:  # noqa: BLE001 - exactly what this program is looking for.
        outcome = f"ESCAPED {type(exc).__name__}: {exc}"
    else:
        outcome = "rendered"
    return outcome, time.perf_counter() - start


def damaged(seed: int, indices: range) -> Iterator[tuple[str, bytes]]:
    """Yield the damaged files of these numbers, each with a name; the same seed gives the same files."""
    files = seeds()
    for index in indices:
        rng = random.Random(f"{seed}/{index}")
        label = rng.choice(sorted(files))
        yield f"{label} {seed}/{index}", mutate(files[label], rng)


def _fuzz(seed: int, indices: range) -> None:
    """Render files; print each one's name before and its outcome after. SIGALRM ends a process that hangs."""
    for name, data in damaged(seed, indices):
        sys.stdout.write(json.dumps(name) + "\n")
        sys.stdout.flush()
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        outcome, seconds = attempt(data)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(json.dumps([name, outcome, seconds]) + "\n")
    sys.stdout.write(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024) + "\n")


def _run(seed: int, start: int, count: int) -> list[str]:
    """Run one child; return its lines, and one more if its exit status is not 0."""
    command = [sys.executable, "-W", "error", "-m", "tests.worker.images.pictures.fuzz"]
    command += ["--seed", str(seed), "--chunk", str(start), "--count", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=CHUNK * SECONDS, check=False)
    lines = done.stdout.splitlines()
    if done.returncode:
        name = json.loads(lines[-1]) if lines else f"chunk {start}"
        lines.append(json.dumps([str(name), f"ESCAPED: status {done.returncode} {done.stderr[-300:]}", 0.0]))
    return lines


def _add_up(findings: Findings, lines: list[str]) -> None:
    for line in lines:
        match json.loads(line):
            case [name, outcome, seconds]:
                findings.add(name, outcome, seconds)
            case int(peak):
                findings.peak = max(findings.peak, peak)


if __name__ == "__main__":
    sys.exit(main())
