from __future__ import annotations

import pytest

from ops.pictures.backfill.backfill import Seen
from ops.pictures.backfill.plan import BackfillPlan
from ops.stack.deployment import Deployment
from ops.stack.outputs import BackfillLimits
from tests.ops.dead_letters.test_verdict import BEFORE, RECIPES
from tests.ops.pictures.backfill.test_backfill import pictures, selection

DAY = 86_400
MILLION = 1_000_000


def plan(chosen=MILLION, *, concurrency=2, outdated=False, limits=True, weights=None, archived=0):
    """Return the plan of a backfill of photographs of 3 MB with two renditions."""
    seen = Seen(listed=chosen, chosen=chosen, archived=archived, renditions=2 * chosen)
    seen.bytes.update(weights or {"STANDARD": 3_000_000 * chosen})
    deployment = Deployment(RECIPES, 512, 90, BEFORE, "log")
    allowed = BackfillLimits(concurrency, 10, 4 * DAY) if limits else None
    return BackfillPlan(seen, ("a.jpg",), outdated, deployment, allowed)


def test_a_million_pictures_cost_and_take_what_the_docs_say():
    """docs/costs.md: about 25 dollars; 0.98 seconds each, by two at once."""
    whole = plan()
    assert whole.dollars == pytest.approx(25.5, abs=1)
    assert whole.seconds == pytest.approx(MILLION * 1.1 / 2, rel=0.1)
    assert "  to look at    1,000,000, 3,000,000,000,000 bytes" in whole.lines()
    assert whole.question == "Send 1,000,000?"


def test_what_sqs_would_drop_before_the_worker_gets_to_it_is_said_and_what_helps():
    """Two at once need six days, and SQS keeps a message for four; the concurrency that is named is enough."""
    slow = plan()
    [line] = [line for line in slow.lines() if "too slow" in line]
    enough = int(line.split("worker.backfillConcurrency to ")[1].split()[0])
    assert enough > 2
    assert not [line for line in plan(concurrency=enough).lines() if "too slow" in line]
    assert [line for line in plan(concurrency=enough - 1).lines() if "too slow" in line]


def test_reading_manifests_and_dear_classes_costs_more_and_the_archive_nothing():
    """What cannot be read is not rendered."""
    assert plan(outdated=True).dollars - plan().dollars == pytest.approx(0.85, abs=0.05)
    dear = plan(weights={"GLACIER_IR": 1024**3 * 100, "STANDARD_IA": 1024**3 * 100})
    assert dear.dollars - plan().dollars == pytest.approx(4.0)
    archived = plan(archived=MILLION)
    assert archived.dollars == 0
    assert "  archived      1,000,000 of them: restore them first" in archived.lines()


def test_an_older_stack_does_not_say_how_long_it_takes():
    """It has no output for it: nobody guesses."""
    old = plan(limits=False)
    assert old.seconds is None
    assert old.to_json()["seconds"] is None
    assert any("nobody knows: deploy the stack again" in line for line in old.lines())


@pytest.mark.parametrize(("chosen", "deletes", "asks"), [(1000, {}, False), (1001, {}, True), (1, {"web": 1}, True)])
def test_it_asks_before_it_spends_much_or_deletes(chosen, deletes, asks):
    """A few pictures are sent as ever."""
    found = plan(chosen)
    found.seen.deletes.update(deletes)
    assert (found.question is not None) is asks


def test_what_is_listed_is_weighed_by_class():
    """The originals that would be read, of a listing that goes by."""
    seen = Seen()
    list(selection(pictures(25)).keys(seen))
    assert (seen.bytes, seen.archived, seen.renditions) == ({"STANDARD": 25}, 0, 50)
