"""`python -m bench.memory_of RECIPE MB FILE...`: renders files one after the other as the worker would, and prints what each took.

The child of `bench.memory`: it imports what the function imports and opens the clients that it opens, before it reads a
file; its memory is then that of the function. A line of JSON for each file; the peak is the process's so far. Linux only: the kernel
keeps the peak in /proc.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.memory import RECIPES
from worker.contracts.errors import Reject
from worker.contracts.function.memory import MEBIBYTE, needed_to_read
from worker.images import render
from worker.images.admission import admit_file
from worker.images.admission.estimate import estimate
from worker.images.headers.reading import read_header
from worker.images.planning.plan import plan
from worker.process.aws import client
from worker.process.memory import make_room, peak_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.contracts.recipes.specs import RenditionSpec


def main(recipe: str, limit: str, *paths: str) -> None:
    """Render and report."""
    clients = [client("s3"), client("sqs"), client("sns")]
    for path in paths:
        sys.stdout.write(f"{json.dumps(report(Path(path), RECIPES[recipe], int(limit) * MEBIBYTE))}\n")
    del clients


def report(path: Path, specs: Sequence[RenditionSpec], limit: int) -> dict[str, Any]:
    """Render a file, and return what that took."""
    room, size = partial(make_room, memory_bytes=limit), path.stat().st_size
    data, began = b"", time.perf_counter()
    try:
        admit_file(size, limit)
        room(needed_to_read(size))
        data = path.read_bytes()
        render(data, specs, wanted=[spec.name for spec in specs], memory_bytes=limit, make_room=room)
    except Reject as reject:
        verdict = reject.reason
    else:
        verdict = "rendered"
    seconds = time.perf_counter() - began
    peak = -(-peak_bytes() // MEBIBYTE)
    return {"verdict": verdict, "estimate": _estimated(data, specs), "peak": peak, "seconds": seconds}


def _estimated(data: bytes, specs: Sequence[RenditionSpec]) -> int:
    """Return the estimate in MB, 0 where the file or its header is rejected already."""
    try:
        header = read_header(data)
    except Reject:
        return 0
    return estimate(plan(header, specs), len(data)) // MEBIBYTE


if __name__ == "__main__":
    main(*sys.argv[1:])
