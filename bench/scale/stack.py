"""Sends pictures through the whole stack on the embedded AWS: throughput, latency, and how both grow; checks the simulation.

    python -m bench.scale.stack [--quick]

From the upload to the manifest in the output bucket. The embedded AWS is one Python process beside the workers, on the same
processors: its seconds are no promise of AWS's, but what a picture takes of the worker must not grow with their number.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from bench import section
from bench.pictures.photographs import BUILD
from bench.section import Bar, Section
from local.engine import running
from ops.pictures.cost.simulation import Setting, drain
from tests.worker.images.pictures import factories

if TYPE_CHECKING:
    from local.stack import LocalStack

SIZES: Final = (100, 500, 5000)
QUICK: Final = (50, 200)
BURST: Final = 100
CONCURRENCY: Final = 2
"""As in Pulumi.local.yaml."""
PATIENCE: Final = 900.0
"""Seconds without any picture becoming ready."""
_POLL: Final = 0.25
_MISSES: Final = 3
"""Pictures that are not ready after which a look ends: two workers overtake each other by a few."""


@dataclass(frozen=True)
class Flow:
    """The flow of a number of pictures: seconds in all, seconds of each, and milliseconds of the worker for each."""

    pictures: int
    seconds: float
    latencies: list[float]
    milliseconds: float

    def row(self) -> tuple[str, ...]:
        """Return a row of the table."""
        p50, p95 = (statistics.quantiles(self.latencies, n=20)[index] for index in (9, 18))
        rate = self.pictures / self.seconds
        return f"{self.pictures:,}", f"{rate:.1f}", f"{p50:.1f}", f"{p95:.1f}", f"{self.milliseconds:.0f}"


def measure(quick: bool) -> Section:
    """Run the flows and the burst on one stack."""
    measured = Section("Whole stack")
    pictures = [factories.encode(factories.scene(1024, 768).rotate(90 * turn), "JPEG") for turn in range(4)]
    with tempfile.TemporaryDirectory() as folder, running(directory=Path(folder)) as stack:
        _through(stack, "warm", pictures, 10)
        flows = [_through(stack, f"flow-{size}", pictures, size) for size in (QUICK if quick else SIZES)]
        predicted, seen = _burst(stack, pictures)
    measured.text(
        "Drawn JPEGs of 1024 x 768 pixels, uploaded by four threads as fast as they go, on the embedded AWS with two workers "
        f"(load {section.load()}). Latency in seconds from the upload to a manifest that is there: uploads outrun two "
        "workers, so it is mostly the wait in the queue."
    )
    measured.table(("pictures", "per second", "p50", "p95", "worker ms per picture"), [flow.row() for flow in flows])
    if (BUILD / "requests.json").exists():
        measured.text(
            "Requests per picture are as `bench.function.batch` counts them, of the same worker, not on the embedded AWS:"
        )
        counts = json.loads((BUILD / "requests.json").read_text())
        measured.table(("request", "per picture"), [(name, f"{count:.1f}") for name, count in sorted(counts.items())])
    measured.text(
        f"A burst of {BURST} pictures that wait in the queue took {seen:.1f} s to drain; the simulation of `bench.scale.capacity`, "
        f"fed with what the worker took for each of these same pictures, says {predicted:.1f} s. That checks how it queues and batches; "
        "neither the mapping's scaling over minutes nor S3's limits exist here to check it against."
    )
    growth = flows[-1].milliseconds / flows[0].milliseconds
    measured.bars.append(
        Bar(f"worker's time per picture, {flows[-1].pictures:,} to {flows[0].pictures:,} pictures", growth, 1.05)
    )
    measured.bars.append(
        Bar("simulation against the embedded AWS, relative difference", abs(predicted / seen - 1), 0.25)
    )
    return measured


def _through(stack: LocalStack, prefix: str, pictures: list[bytes], count: int) -> Flow:
    """Upload `count` pictures under `prefix` and wait until each is ready."""
    sent: dict[str, float] = {}
    s3 = stack.client("s3")

    def upload(index: int) -> None:
        key = _key(prefix, index)
        sent[key] = time.perf_counter()
        s3.put_object(Bucket=stack["source_bucket"], Key=key, Body=pictures[index % len(pictures)])

    began = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        uploads = pool.map(upload, range(count))
        ready = _wait_for(stack, prefix, count)
        list(uploads)
    latencies = [ready[key] - sent[key] for key in sent]
    return Flow(count, max(ready.values()) - began, latencies, _milliseconds(stack, prefix))


def _key(prefix: str, index: int) -> str:
    """Return a key; their order is that of the uploads."""
    return f"{prefix}/{index:06}.jpg"


def _wait_for(stack: LocalStack, prefix: str, count: int) -> dict[str, float]:
    """Return when each manifest was first listed.

    Raises:
        TimeoutError: None came for a long time.
    """
    ready: dict[str, float] = {}
    waiting = [_key(prefix, index) for index in range(count)]
    last = time.perf_counter()
    while waiting:
        stack.assert_alive()
        fresh = _next_ready(stack, waiting)
        now = time.perf_counter()
        if fresh:
            last = now
            ready |= dict.fromkeys(fresh, now)
            waiting = [key for key in waiting if key not in ready]
            section.PROGRESS.write(f"{prefix}: {len(ready)} of {count} ready\n")
        elif now - last > PATIENCE:
            raise TimeoutError(f"{len(ready)} of {count} pictures are ready after {PATIENCE:.0f} s without another")
        time.sleep(_POLL)
    return ready


def _next_ready(stack: LocalStack, waiting: list[str]) -> list[str]:
    """Return which of the `waiting` keys, in the order of their uploads, have a manifest, up to some that have none.

    By HEAD: the emulator's LIST takes longer the more there is, and takes that time from the workers.
    """
    found, missing = [], 0
    s3 = stack.client("s3")
    for key in waiting:
        try:
            s3.head_object(Bucket=stack["output_bucket"], Key=f"manifest/{key}.json")
            found.append(key)
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "404":
                raise
            missing += 1
            if missing == _MISSES:
                break
    return found


def _milliseconds(stack: LocalStack, prefix: str) -> float:
    """Return what the worker took for a picture: the time of all batches that had some, by all pictures in them."""
    lines: list[dict[str, Any]] = stack.worker_log_lines()
    about = [line["request_id"] for line in lines if any(key.startswith(f"{prefix}/") for key in line.get("keys", []))]
    batches: dict[str, float] = {
        line["request_id"]: line["milliseconds"] for line in lines if line["event"] == "batch.done"
    }
    return sum(batches[request_id] for request_id in set(about)) / len(about)


def _burst(stack: LocalStack, pictures: list[bytes]) -> tuple[float, float]:
    """Return the seconds that a burst is predicted to take, and those that it took: all wait before the first is begun."""
    client, s3 = stack.client("lambda"), stack.client("s3")
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    for index in range(BURST):
        s3.put_object(Bucket=stack["source_bucket"], Key=_key("burst", index), Body=pictures[index % len(pictures)])
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        client.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    began = time.perf_counter()
    ready = _wait_for(stack, "burst", BURST)
    seen = max(ready.values()) - began
    setting = Setting(CONCURRENCY, seconds=_milliseconds(stack, "burst") / 1000, cold=0.0)
    return drain(BURST, setting).seconds, seen


if __name__ == "__main__":
    section.run(measure, __doc__)
