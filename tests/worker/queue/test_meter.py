from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from worker.contracts.errors import Throttled, Truncated
from worker.contracts.events import occurred_at
from worker.contracts.manifest import Manifest, RenditionEntry, SourceEntry
from worker.contracts.names import DONE, REJECT, RETRY
from worker.contracts.notes import BLANK
from worker.contracts.recipes.by_prefix import Recipe
from worker.images import Look, Rendered, Rendition, Resampler, SourceFacts
from worker.images.pixels.resampler import PILLOW, SIMD, by_pillow
from worker.process.embedded_metrics import Emitter
from worker.queue.message import Message
from worker.queue.meter import Meter
from worker.reconcile.reconciler import READY, REMOVED, Reconciled
from worker.reconcile.sources import Source
from worker.rendering.renderer import Budget

EVENT_TIME = "2026-01-01T00:00:00.500Z"
AT = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
BUDGET = Budget(9.0)


def body(time: str | None = EVENT_TIME) -> str:
    """Return a notification that says when it happened."""
    record = {"s3": {"bucket": {"name": "pictures"}, "object": {"key": "a.jpg"}}}
    return json.dumps({"Records": [{**record, **({"eventTime": time} if time else {})}]})


def ready(key: str = "a.jpg", notes: tuple[str, ...] = ()) -> Reconciled:
    """Return the outcome of a picture of 100 bytes with renditions of 20 and 30."""
    source = SourceEntry("pictures", key, "e", "v1", 100)
    entries = [RenditionEntry(n, n, 1, 1, b, "image/webp") for n, b in (("thumbnail", 20), ("web", 30))]
    return Reconciled(READY, Manifest.ready(source, Recipe(()), datetime.now(UTC), entries, notes))


@pytest.fixture
def meter() -> Meter:
    """Return a meter that has measured one rendering of `a.jpg`, and whose time is four seconds past the hour."""
    meter = Meter(Emitter("worker", lambda: AT + 4), lambda: 7 * 2**20)
    picture = Rendition("thumbnail", b"", 1, 1, "image/webp")
    render = meter.rendering(lambda *_: Rendered(SourceFacts("JPEG", 1, 1), (picture, picture), Look("", "", "")))

    render(Source("a.jpg", "e", "v1", 100, bytes), ["thumbnail"], BUDGET)
    return meter


def message(text: str | None = None) -> Message:
    """Return the first delivery of a message."""
    return Message("m1", body() if text is None else text, 1)


def test_a_ready_picture_is_measured_from_its_event_to_now(meter):
    """Bytes in and out, renditions, milliseconds of rendering, and seconds since the event."""
    fields = meter.settled(DONE, message(), [ready()], None)
    assert fields["RenderTime"] >= 0
    wanted = ("Ready", "BytesIn", "BytesOut", "Renditions", "TimeToReady")
    assert [fields[name] for name in wanted] == [1, 100, 50, 2, 3.5]


def test_a_picture_is_counted_once_for_two_messages_of_a_batch(meter):
    """The second message shares the outcome of the first."""
    meter.settled(DONE, message(), [ready()], None)
    assert meter.settled(DONE, message(), [ready()], None) == {}


def test_a_blank_picture_is_counted(meter):
    """Ready, and blank by its note; a picture without the note costs no metric."""
    assert meter.settled(DONE, message(), [ready(notes=(BLANK,))], None)["Blank"] == 1
    assert "Blank" not in meter.settled(DONE, message(), [ready("b.jpg")], None)


def test_an_event_without_a_time_has_no_latency(meter):
    """Backfill does not say when it happened; the picture counts all the same."""
    fields = meter.settled(DONE, message(body(None)), [ready()], None)
    assert fields["Ready"] == 1
    assert "TimeToReady" not in fields


def test_a_reject_is_counted_by_its_reason(meter):
    """A retry has none: it is no verdict."""
    error = Truncated("cut")
    assert meter.settled(REJECT, message(), [error], error)["Reason"] == "truncated"
    retry = Throttled("slow down")
    fields = meter.settled(RETRY, message(), [retry], retry)
    assert (fields["Retried"], fields["Reason"]) == (1, None)


def test_what_is_done_without_rendering_costs_no_metric(meter):
    """A removed source is an outcome in the log, and nothing that is paid for."""
    assert meter.settled(DONE, message(), [Reconciled(REMOVED)], None) == {}


def test_a_batch_logs_its_size_and_a_new_peak_of_memory(meter, capsys):
    """One line a batch, with its duration; the same peak is not logged again."""
    meter.batch(3, 1.5, "request-1")
    meter.batch(4, 0.25, "request-2")
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (first["event"], first["request_id"], first["BatchSize"], first["PeakMemory"]) == (
        "batch.done",
        "request-1",
        3,
        7.0,
    )
    assert (first["milliseconds"], second["milliseconds"]) == (1500, 250)
    assert (second["BatchSize"], "PeakMemory" in second) == (4, False)


def test_each_new_peak_of_memory_is_logged_once(capsys):
    """An alarm on it calms down although the process never forgets its peak."""
    peaks = iter(megabytes * 2**20 for megabytes in (5, 5, 9, 9, 7))
    meter = Meter(Emitter("worker", lambda: AT), lambda: next(peaks))
    for _ in range(5):
        meter.batch(1, 1.0, "request")
    logged = [json.loads(line).get("PeakMemory") for line in capsys.readouterr().out.splitlines()]
    assert logged == [5.0, None, 9.0, None, None]


def test_a_batch_says_what_resampled(capsys):
    """Nothing before the first picture that was scaled; then by name, and as a metric of which an average tells."""
    used = iter([None, Resampler(SIMD, by_pillow), Resampler(PILLOW, by_pillow)])
    meter = Meter(Emitter("worker", lambda: AT), lambda: 0, lambda: next(used))
    for _ in range(3):
        meter.batch(1, 1.0, "request")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line.get("resampler"), line.get("Simd")) for line in lines] == [(None, None), (SIMD, 1), (PILLOW, 0)]
    assert "Simd" in str(lines[1]["_aws"])


def test_a_resampler_that_does_not_load_is_logged_once(capsys):
    """Once for the process, however many batches it handles."""
    meter = Meter(
        Emitter("worker", lambda: AT), lambda: 0, lambda: Resampler(PILLOW, by_pillow, fault="ImportError: no symbol")
    )
    for number in range(3):
        meter.batch(1, 1.0, f"request-{number}")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line["event"] != "batch.done"] == [
        {
            "event": "resampler.not-loaded",
            "request_id": "request-0",
            "resampler": PILLOW,
            "detail": "ImportError: no symbol",
        }
    ]


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"Records": []}', '{"Records": [{"eventTime": 7}]}', body("soon")])
def test_a_body_that_does_not_say_when_is_no_error(text):
    """The metrics never decide about a message."""
    assert occurred_at(text) is None
