"""What to do about a picture, by its state and its latest attempt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.adoption.notifications import what_turns_on
from ops.dead_letters.next_step import FIRST, after_repair, cure, export_name
from ops.pictures.where.attempt import Attempt
from ops.pictures.where.state import DEAD, LOST, OUTDATED, QUEUED, REJECTED
from ops.terminal.text import argument

if TYPE_CHECKING:
    from ops.pictures.where.state import PictureState
    from ops.session import Session


def advise(picture: PictureState, session: Session) -> str:
    """Return what to do about it."""
    if picture.source and picture.source.is_archived and not picture.is_fine:
        under_way = "wait; S3 restores it, and then it is rendered by itself"
        return under_way if picture.source.restore else session.command("restore", *argument(picture.key))
    return _advise_on_readable(picture, session)


def _advise_on_readable(picture: PictureState, session: Session) -> str:
    if picture.state == DEAD:
        return session.command("dlq", "show", picture.letters[0].id)
    if picture.state == QUEUED:
        return _advise_on_queued(picture, session)
    if picture.state == REJECTED:
        reason = picture.manifest.reason if picture.manifest else None
        return f"{cure(session, reason)}, or try this one again: {_again(picture, session)}"
    if picture.state in {OUTDATED, LOST}:
        turn_on = what_turns_on(session) if picture.state == LOST else None
        again = _again(picture, session)
        return again if turn_on is None else f"the source bucket sends no events to EventBridge: {turn_on}"
    if picture.letters:
        export = ("--export", export_name(session, "letter"))
        return session.command("dlq", "purge", "--id", picture.letters[0].id, *export)
    return "nothing"


def _advise_on_queued(picture: PictureState, session: Session) -> str:
    attempt = picture.attempt
    if not isinstance(attempt, Attempt) or not attempt.is_retried:
        return "wait; messages are in the queue"
    if attempt.result in FIRST:
        return after_repair(attempt.result, _again(picture, session))
    return f"wait: {attempt.result} passes by itself{_when(attempt, session)}"


def _when(attempt: Attempt, session: Session) -> str:
    if attempt.retry_at is None:
        return ""
    if attempt.retry_at <= session.now():
        return "; the next attempt is due"
    return f"; the next attempt is at about {attempt.retry_at:%Y-%m-%dT%H:%M:%SZ}"


def _again(picture: PictureState, session: Session) -> str:
    """A backfill goes by the source bucket, and finds no outputs without a source."""
    by = ("backfill",) if picture.source else ("audit", "--settled-after", "0")
    return session.command(*by, "--prefix", picture.key)
