"""Looks everywhere for one picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ops.dead_letters.filters import Filters
from ops.dead_letters.selection import select
from ops.pictures.where.attempt import latest_attempt, latest_attempt_of
from ops.pictures.where.state import DEAD, QUEUED, PictureState
from ops.queues.sweep import Sweep
from worker.contracts.errors import KeyTooLong

if TYPE_CHECKING:
    from ops.pictures.where.attempt import Attempt, NotSeen
    from ops.queues.letter import Letter
    from ops.session import Session

_WILDCARDS: Final = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})


def picture_state(session: Session, key: str) -> PictureState:
    """Look everywhere for `key`.

    Raises:
        Refusal: AWS does not show it.
    """
    pictures, recipe = session.pictures, session.deployment.recipes.of(key)
    try:
        renditions = tuple(pictures.rendition(spec, key) for spec in recipe.specs)
    except KeyTooLong:  # There can be none: its dead letter says why.
        renditions = ()
    picture = PictureState(
        key=key,
        recipe=recipe,
        source=pictures.source(key),
        manifest=pictures.manifest(key),
        renditions=renditions,
        letters=_letters(session, key),
        waiting=_waiting(session),
    )
    return replace(picture, attempt=_attempt(session, picture))


def _attempt(session: Session, picture: PictureState) -> Attempt | NotSeen | None:
    """Look into the log where nothing else says why the picture is not ready: a letter and a manifest have a reason of their own."""
    if picture.state == QUEUED:
        since = picture.source.modified_at if picture.source else None
        return latest_attempt(session.worker_log, picture.key, since, session.now())
    if picture.state == DEAD and picture.letters[0].reason is None:
        return latest_attempt_of(session.worker_log, picture.letters[0], picture.key, session.now())
    return None


def _letters(session: Session, key: str) -> tuple[Letter, ...]:
    exactly = Filters(keys=(key.translate(_WILDCARDS),))
    with Sweep(session.dead_letters) as sweep:
        return tuple(letter for letter, _ in select(session, sweep, exactly, judged=False))


def _waiting(session: Session) -> int:
    queues = [session.queue, *([session.backfill_queue] if session.stack.backfill_queue_url else [])]
    return sum(queue.depth().total for queue in queues)
