from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import MagicMock

import pytest

from ops.dead_letters.next_step import FIRST
from ops.pictures.where.advice import advise
from ops.pictures.where.attempt import Attempt, NotSeen
from ops.pictures.where.state import PictureState
from ops.stack.picture import RenditionState
from tests.ops.dead_letters.test_verdict import RECIPE, RECIPES, ready, rejected, source
from worker.contracts.errors import Retry, leaves

NOW = datetime(2026, 11, 26, 5, tzinfo=UTC)
CURRENT = RenditionState("thumbnail", "thumbnail/a.jpg.webp", 10, "e1", RECIPE)
MISSING = RenditionState("web", "web/a.jpg.webp", None, None, None)


@pytest.fixture
def session():
    """Return a session that only names commands."""
    session = MagicMock()
    session.command.side_effect = lambda *words: " ".join(words)
    session.now.return_value = NOW
    return session


def queued(attempt, *, there=True):
    """Return a picture that waits in the queue, or outputs that wait for their deletion."""
    manifest = None if there else ready()
    return PictureState("a.jpg", RECIPES.of("a.jpg"), source() if there else None, manifest, (), (), 1, attempt)


def test_outputs_without_a_source_are_left_to_an_audit(session):
    """A backfill goes by the source bucket: it enqueued nothing, and the picture stayed lost."""
    orphan = PictureState("a.jpg", RECIPES.of("a.jpg"), None, ready(), (CURRENT,), (), 0)
    assert (orphan.state, advise(orphan, session)) == ("lost", "audit --settled-after 0 --prefix a.jpg")
    half = PictureState("a.jpg", RECIPES.of("a.jpg"), source(), ready(), (CURRENT, MISSING), (), 0)
    assert advise(half, session) == "backfill --prefix a.jpg"


def test_what_does_not_pass_by_itself_is_to_be_repaired(session):
    """`wait` was all that an operator read while every attempt failed for want of a permission."""
    denied = Attempt(NOW, "access-denied", "s3:PutObject web/a.jpg.webp", NOW)
    repair = "repair the permission that the detail names, then: "
    assert advise(queued(denied), session) == f"{repair}backfill --prefix a.jpg"
    assert advise(queued(denied, there=False), session) == f"{repair}audit --settled-after 0 --prefix a.jpg"


@pytest.mark.parametrize("reason", sorted(leaf.reason for leaf in leaves(Retry)))
def test_no_reason_to_try_again_is_left_at_the_queue(session, reason):
    """Each either says what to repair, or that it passes by itself, and when the next attempt is."""
    advice = advise(queued(Attempt(NOW, reason)), session)
    assert advice.startswith((FIRST.get(reason, "wait: "),))
    assert reason in FIRST or advice == f"wait: {reason} passes by itself"


@pytest.mark.parametrize(
    ("seconds", "when"),
    [(90, "; the next attempt is at about 2026-11-26T05:01:30Z"), (-1, "; the next attempt is due")],
)
def test_what_passes_by_itself_says_when(session, seconds, when):
    """The worker has logged how long it puts the message off."""
    throttled = Attempt(NOW, "throttled", "Slow down.", NOW + timedelta(seconds=seconds))
    assert advise(queued(throttled), session) == f"wait: throttled passes by itself{when}"


@pytest.mark.parametrize(
    "attempt", [None, NotSeen("none"), Attempt(NOW, "ready"), Attempt(NOW, "truncated", "Cut off.")]
)
def test_without_a_retry_what_is_queued_waits(session, attempt):
    """A verdict of before has its dead letter, or was purged: what waits is newer, or about others."""
    assert advise(queued(attempt), session) == "wait; messages are in the queue"


@pytest.mark.parametrize(
    ("reason", "cure"),
    [
        ("truncated", "upload a better picture under the same key"),
        ("too-large", "change the configuration, deploy it, then backfill --outdated"),
    ],
)
def test_a_rejected_picture_is_cured_as_its_letter_says(session, reason, cure):
    """No better picture helps where the memory does not."""
    there = PictureState("a.jpg", RECIPES.of("a.jpg"), source(), rejected(reason=reason), (), (), 0)
    assert advise(there, session) == f"{cure}, or try this one again: backfill --prefix a.jpg"
