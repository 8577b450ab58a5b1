"""Times a batch of ten pictures with 50 ms on every S3 request, and counts the requests by kind.

    python -m bench.function.batch [--quick]

The whole worker as Lambda calls it, warm, and botocore as ever; what would go over the network is answered by `bench.function.wire`,
so that what answers takes no processor from the worker. Wall time is held
against the CPU time of the rendering thread alone: what is above it is waiting that was not overlapped, and on a busy
machine, waiting for a processor. In the same run, the same pictures one after the other: without an overlap, each request when
the one before it is answered.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any, Final
from unittest import mock
from urllib.parse import urlencode

from bench import section
from bench.function.cold_start import environment
from bench.function.wire import Wire
from bench.pictures.photographs import BUILD, photographs
from bench.section import Bar, Section
from worker import handler
from worker.contracts.function.settings import Settings
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS
from worker.images import render
from worker.process import aws
from worker.process.parallel import sequentially
from worker.rendering import renderer

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from worker.contracts.recipes.by_prefix import Recipe
    from worker.queue.batch import Batch

SIZE: Final = 10
DELAY: Final = 0.05
"""Seconds on every request to S3."""
RUNS: Final = 5
SECONDS: Final = 90.0


class Context:
    """An invocation that has just begun."""

    aws_request_id = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return the whole timeout."""
        return int(SECONDS * 1000)


def measure(quick: bool) -> Section:
    """Run batches, and the rendering alone."""
    measured = Section("Batch")
    runs, pictures = (2 if quick else RUNS), [path.read_bytes() for path in sample()]
    found, alone = [], []
    for index in range(runs):
        section.PROGRESS.write(f"batch: run {index + 1} of {runs}\n")
        found.append(run(pictures))
        alone.append(run(pictures, overlapped=False))
    walls, cpus, counts = zip(*found, strict=True)
    # Of each run, since both vary together with how fast the machine is just then.
    wall, cpu = statistics.median(walls), statistics.median(cpus)
    ratio = statistics.median(wall / cpu for wall, cpu, _ in found)
    slow, slow_ratio = (
        statistics.median(of) for of in zip(*((wall, wall / cpu) for wall, cpu, _ in alone), strict=True)
    )
    requests = sum(count for name, count in counts[0].items() if name.startswith("s3"))
    measured.text(
        f"Ten photographs, evenly from the smallest file to the largest, in one batch, {DELAY * 1000:.0f} ms on each of the "
        f"{requests} requests to S3; medians of {runs} runs in alternation (load {section.load()}; wall time matters here)."
    )
    measured.table(
        ("", "seconds", "of the rendering"),
        [
            ("rendering, CPU", f"{cpu:.2f}", "1.00"),
            ("one after another, wall", f"{slow:.2f}", f"{slow_ratio:.2f}"),
            ("the worker, wall", f"{wall:.2f}", f"{ratio:.2f}"),
        ],
    )
    measured.table(
        ("request", "per picture"), [(name, f"{count / SIZE:.1f}") for name, count in sorted(counts[0].items())]
    )
    measured.bars.append(Bar("batch: wall time of the rendering's CPU time", ratio, 1.15))
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "requests.json").write_text(json.dumps({name: count / SIZE for name, count in counts[0].items()}))
    return measured


def sample() -> list[Path]:
    """Return ten photographs, the smallest file and the largest among them."""
    paths = sorted(photographs(), key=lambda path: path.stat().st_size)
    return [paths[round(index * (len(paths) - 1) / (SIZE - 1))] for index in range(SIZE)]


def run(pictures: Sequence[bytes], *, overlapped: bool = True) -> tuple[float, float, Counter[str]]:
    """Return one batch's seconds, the CPU seconds of its rendering, and its requests."""
    with mock.patch.dict(os.environ, environment(), clear=True), redirect_stdout(StringIO()) as log:
        aws._session.cache_clear()  # noqa: SLF001 - the session of an earlier run has that run's hooks.
        settings = Settings.from_env(os.environ, one_recipe(DEFAULT_RENDITIONS).to_json())
        sources = {f"{index}.jpg": picture for index, picture in enumerate(pictures)}
        wire = Wire(sources, settings.source_bucket, DELAY)
        aws._session().register("before-send", wire)  # noqa: SLF001 - every client is made of it.
        spent: list[float] = []

        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.thread_time()
            rendered = render(*args, **kwargs)
            spent.append(time.thread_time() - began)
            return rendered

        event = {"Records": [_record(settings, index) for index in range(len(pictures))]}
        # Made before the clock starts: `bench.function.cold_start` has the rest.
        batch, meter = handler.build(settings, settings.queue_url_of(event["Records"][0]["eventSourceARN"]))
        made = (batch if overlapped else _one_after_another(batch)), meter
        with mock.patch.object(renderer, "render", timed), mock.patch.object(handler, "_batch", return_value=made):
            began = time.perf_counter()
            report = handler.handle(event, Context())
            wall = time.perf_counter() - began
    if report["batchItemFailures"] or len(spent) != len(pictures):
        raise RuntimeError(f"the batch did not succeed: {log.getvalue()}")
    return wall, sum(spent), wire.counts


def _one_after_another(batch: Batch) -> Batch:
    """Return the batch without anything that overlaps."""
    reconcile: Any = batch.reconcile
    reconciler = reconcile.reconciler

    def sequential(recipe: Recipe) -> Any:
        return replace(reconciler(recipe), run_all=sequentially)

    return replace(batch, reconcile=replace(reconcile, reconciler=sequential), overlap=None)


def _record(settings: Settings, index: int) -> dict[str, Any]:
    entity = {"bucket": {"name": settings.source_bucket}, "object": {"key": urlencode({"": f"{index}.jpg"})[1:]}}
    body = {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": entity}]}
    return {
        "messageId": str(index),
        "receiptHandle": str(index),
        "body": json.dumps(body),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(int(time.time() * 1000))},
        "messageAttributes": {},
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue",
    }


if __name__ == "__main__":
    section.run(measure, __doc__)
