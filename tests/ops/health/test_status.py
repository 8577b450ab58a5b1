from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import MagicMock

import pytest

from ops.health.currency import Currency
from ops.health.rejects import AtRest
from ops.health.retried import Retried
from ops.health.status import QueueStatus, Status, advise
from ops.health.tally import Tally
from ops.health.throughput import Throughput
from ops.queues.queue import Depth
from ops.stack.alarms import IN_ALARM, Alarm

DENIED = Retried({"throttled": 9, "access-denied": 1}, {"throttled": "b.jpg", "access-denied": "a.jpg"})
THROTTLED = Retried({"throttled": 9}, {"throttled": "b.jpg"})
REPAIR = "access-denied does not pass by itself: where a.jpg"


def status(retried, *, alarm="", letters=0, waiting=1):
    """Return a stack on which so many messages wait."""
    return Status(
        currency=Currency(1, None, 0, ""),
        queues=(QueueStatus("queue", Depth(waiting, 0, 0), None),),
        letters=Tally({"throttled": letters} if letters else {}),
        at_rest=AtRest(),
        alarms=(Alarm(f"images-dev-{alarm}-1a2b3c4", IN_ALARM),) if alarm else (),
        throughput=Throughput(None, None, None, None, None),
        retried=retried,
        inbox=None,
        now=datetime(2026, 11, 26, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("there", "advice"),
    [
        (status(None), "nothing; the worker is busy with it"),
        (status(THROTTLED), "nothing; throttled passes by itself"),
        (status(DENIED), REPAIR),
        (status(DENIED, alarm="message-age"), REPAIR),
        (status(DENIED, alarm="backlog"), REPAIR),
        (status(THROTTLED, alarm="message-age"), "docs/operations.md, message-age"),
        (status(DENIED, alarm="worker-errors"), "repair the worker first: docs/operations.md, worker-errors"),
        (status(DENIED, letters=1), "dlq list"),
        (status(DENIED, waiting=0), "nothing; all is well"),
    ],
)
def test_what_is_tried_again_in_vain_comes_before_what_it_leads_to(there, advice):
    """The age of the oldest message and the backlog grow because of it; a worker that does not run at all comes first."""
    session = MagicMock()
    session.command.side_effect = lambda *words: " ".join(words)
    assert advise(there, session) == advice


def test_what_is_tried_again_has_a_line_where_there_is_any():
    """Under the throughput, which has its number; and in JSON."""
    assert "failed attempts     9 throttled (first: b.jpg)" in status(THROTTLED).lines("")
    assert not [line for line in status(None).lines("") if line.startswith("failed attempts")]
    assert status(THROTTLED).to_json("")["tried_again"] == THROTTLED.to_json()
    assert status(None).to_json("")["tried_again"] is None


@pytest.mark.parametrize(
    ("depth", "line"),
    [
        (Depth(0, 0, 0), "queue               0 waiting, 0 in flight"),
        (Depth(0, 8, 0), "queue               0 waiting, 8 in flight, the oldest for 100s"),
        (Depth(2, 0, 1), "queue               2 waiting, 0 in flight, 1 later, the oldest for 100s"),
    ],
)
def test_an_empty_queue_has_no_oldest_message(depth, line):
    """CloudWatch's number is a minute or two old, and would be about messages that are gone."""
    assert QueueStatus("queue", depth, 100.0).line() == line
