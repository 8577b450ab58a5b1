"""A foreign message beside good ones: it is a hint or a dead letter with its reason, and its neighbours are done.

`python -m pytest tests/worker/contracts/foreign --hypothesis-profile long --timeout 0` draws 5,000.
"""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.worker.contracts.foreign import messages as foreign
from tests.worker.images.pictures.small import jpeg
from worker import handler
from worker.contracts.errors import leaves
from worker.contracts.events import event_body

CONTEXT = SimpleNamespace(aws_request_id="request-1", get_remaining_time_in_millis=lambda: 90_000)
NEIGHBOURS = [f"good-{number}.jpg" for number in range(3)]
REASONS = {leaf.reason for leaf in leaves()}


class Utf8(io.TextIOWrapper):
    """Standard output as Lambda has it: UTF-8, strict."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="utf-8", errors="strict")

    def lines(self) -> list[dict]:
        self.flush()
        return [json.loads(line) for line in self._bytes.getvalue().splitlines()]


@pytest.fixture
def pictures(s3, deployed):
    """The worker on moto, with the neighbours' pictures in the source bucket and their renditions made."""
    for key in NEIGHBOURS:
        s3.put_object(Bucket="pictures", Key=key, Body=jpeg())
    handler.handle({"Records": [good(number) for number in range(len(NEIGHBOURS))]}, CONTEXT)
    return deployed


def good(number: int) -> dict:
    """Return the record of a neighbour."""
    return {
        "messageId": f"good-{number}",
        "body": event_body("pictures", NEIGHBOURS[number]),
        "receiptHandle": f"r{number}",
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767268800000"},
        "messageAttributes": {},
    }


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(record=foreign.lambda_records(), at=st.integers(0, 3))
def test_no_neighbour_suffers_and_no_message_is_lost(pictures, monkeypatch, counts, record, at):
    """Each neighbour is done; the foreign message is done, retried, or a dead letter with a reason; the log has a line for each."""
    out = Utf8()
    monkeypatch.setattr("sys.stdout", out)
    records = [good(number) for number in range(len(NEIGHBOURS))]
    records.insert(at, record)
    report = handler.handle({"Records": records}, CONTEXT)
    failed = {failure["itemIdentifier"] for failure in report["batchItemFailures"]}
    lines = {line["message_id"]: line for line in out.lines() if "message_id" in line}
    letters = pictures()
    assert failed <= {"foreign"}
    assert {line for line, found in lines.items() if found["event"] == "message.done"} >= {
        f"good-{n}" for n in range(3)
    }
    assert "foreign" in lines
    counts["foreign messages"] += 1
    counts["neighbours, each done"] += len(NEIGHBOURS)
    counts[lines["foreign"]["event"]] += 1
    if lines["foreign"]["event"] == "message.reject":
        (letter,) = letters
        assert letter["MessageAttributes"]["reason"]["StringValue"] in REASONS
    else:
        assert letters == []
        assert (lines["foreign"]["event"] == "message.retry") == ("foreign" in failed)
