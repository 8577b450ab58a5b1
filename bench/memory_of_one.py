"""`python -m bench.memory_of_one FILE RECIPE MB`: renders one file as the worker would, and prints what that took as JSON.

The child of `bench.memory`: it imports what the function imports and opens the clients that it opens, before it reads the
file; its memory is then that of the function. Linux only: the kernel keeps the peak in /proc.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bench.memory import RECIPES
from worker.contracts.errors import Reject
from worker.contracts.function.memory import MEBIBYTE
from worker.images import render
from worker.images.admission.estimate import estimate
from worker.images.headers.reading import read_header
from worker.images.planning.plan import plan
from worker.process.aws import client
from worker.process.memory import peak_bytes


def main(path: str, recipe: str, limit: str) -> None:
    """Render and report."""
    clients = [client("s3"), client("sqs"), client("sns")]
    specs = RECIPES[recipe]
    data = Path(path).read_bytes()
    began = time.perf_counter()
    try:
        render(data, specs, wanted=[spec.name for spec in specs], memory_bytes=int(limit) * MEBIBYTE)
    except Reject as reject:
        verdict = reject.reason
    else:
        verdict = "rendered"
    seconds = time.perf_counter() - began
    peak = peak_bytes()
    report = {
        "verdict": verdict,
        "estimate": _estimated(data, recipe),
        "peak": -(-peak // MEBIBYTE),
        "seconds": seconds,
    }
    sys.stdout.write(json.dumps(report))
    del clients


def _estimated(data: bytes, recipe: str) -> int:
    """Return the estimate in MB, 0 where the header is rejected already."""
    try:
        header = read_header(data)
    except Reject:
        return 0
    return estimate(plan(header, RECIPES[recipe]), len(data)) // MEBIBYTE


if __name__ == "__main__":
    main(*sys.argv[1:])
