"""Damages thousands of files and renders them: each is rendered or rejected within the family, and in time.

    python -m tests.corpus.fuzz [--count 6000] [--seed 1]

Works in child processes, so that a decoder that crashes or hangs is a finding and not the end. Needs no more than a
minute or two; prints what became of the files and the slowest of them, and ends with status 1 on any finding.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.corpus.seeds import seeds
from tests.factories import mutate
from worker.errors import Reject
from worker.images import render
from worker.recipe import RenditionSpec

CHUNK = 250
SECONDS_PER_CHUNK = 120
SPECS = (
    RenditionSpec("still", 64, 64, effort=0),
    RenditionSpec("square", 48, 48, fit="cover", format="jpeg"),
    RenditionSpec("moving", 32, 32, animated=True, effort=0, keep_copyright=True),
)
MEMORY = 1769 * 1024 * 1024


def main() -> int:
    """Run the chunks two at a time and add up what they say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chunk", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.chunk is not None:
        print(json.dumps(fuzz(arguments.seed + arguments.chunk, min(CHUNK, arguments.count))))
        return 0
    starts = range(0, arguments.count, CHUNK)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda start: _run(arguments.seed, start), starts))
    return _report(results, arguments.count)


def fuzz(seed: int, count: int) -> dict[str, object]:
    """Damage and render `count` files; return the outcomes, what escaped, and the slowest."""
    outcomes: collections.Counter[str] = collections.Counter()
    escaped, slowest = [], (0.0, "")
    files = seeds()
    for index in range(count):
        rng = random.Random(f"{seed}/{index}")
        label = rng.choice(sorted(files))
        outcome, seconds = attempt(mutate(files[label], rng))
        outcomes[outcome] += 1
        slowest = max(slowest, (seconds, f"{label} {seed}/{index}"))
        if outcome.startswith("ESCAPED"):
            escaped.append(f"{label} {seed}/{index} {outcome}")
    return {"outcomes": outcomes, "escaped": escaped, "slowest": slowest}


def attempt(data: bytes) -> tuple[str, float]:
    """Render the file; return what became of it and the seconds it took."""
    start = time.perf_counter()
    try:
        render(data, SPECS, wanted=[spec.name for spec in SPECS], memory_bytes=MEMORY)
    except Reject as reject:
        outcome = reject.reason if reject.detail.strip() else "ESCAPED: no detail"
    except Exception as exc:  # noqa: BLE001 - exactly what this program is looking for.
        outcome = f"ESCAPED {type(exc).__name__}: {exc}"
    else:
        outcome = "rendered"
    return outcome, time.perf_counter() - start


def _run(seed: int, start: int) -> dict[str, object]:
    command = [sys.executable, "-W", "error", "-m", "tests.corpus.fuzz", "--seed", str(seed), "--chunk", str(start)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_PER_CHUNK, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as exc:
        return {
            "outcomes": {"CRASHED": CHUNK},
            "escaped": [f"chunk {seed}+{start}: {exc} {exc.stderr}"],
            "slowest": (0.0, ""),
        }
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def _report(results: list[dict[str, object]], count: int) -> int:
    outcomes: collections.Counter[str] = collections.Counter()
    escaped: list[str] = []
    for result in results:
        outcomes.update(result["outcomes"])  # type: ignore[call-overload] # JSON.
        escaped += result["escaped"]  # type: ignore[operator] # JSON.
    seconds, which = max(tuple(result["slowest"]) for result in results)  # type: ignore[arg-type,type-var] # JSON.
    print(f"{count} damaged files; the slowest took {seconds:.2f} s ({which})")
    for outcome, number in outcomes.most_common():
        print(f"{number:7} {outcome}")
    print("\n".join(escaped))
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main())
