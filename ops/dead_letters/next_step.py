"""The command that comes next for dead letters of one verdict and reason. `docs/operations.md` says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.dead_letters import verdict as verdicts
from ops.queues.letter import NO_REASON
from ops.queues.undelivered import UNDELIVERED
from worker.contracts.errors import AccessDenied, MalformedEvent, Unexpected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ops.session import Session

SENT_BACK: Final = frozenset({verdicts.RETRY, verdicts.NO_ANSWER})
"""Verdicts on letters whose pictures may become ready as they are."""
_WAIT: Final = {
    verdicts.RESTORING: "wait: S3 restores it, and then it is rendered by itself",
    verdicts.SUPERSEDED: "wait a minute: the newer version has an event of its own",
}

FIRST: Final = {
    UNDELIVERED: "let EventBridge reach the queue again",
    AccessDenied.reason: "repair the permission that the detail names",
    Unexpected.reason: "report the bug that the detail shows, deploy",
}
"""What has to be done before another attempt, by reason; the others that are tried again pass by themselves."""


def next_step(
    session: Session, verdict: str, reason: str | None, *, letter_id: str = "", keys: Sequence[str] = ()
) -> str:
    """Return a command, or what to wait for: for the letter `letter_id`, which is about `keys`, or for all of this verdict and reason."""
    if verdict in _WAIT:
        return _WAIT[verdict]
    if verdict == verdicts.ARCHIVED:
        return _restore(session, keys)
    which = ("--id", letter_id) if letter_id else ("--verdict", verdict, "--reason", reason or NO_REASON)
    if verdict in SENT_BACK:
        return after_repair(reason, session.command("redrive", *which))
    purge = session.command("dlq", "purge", *which, "--export", export_name(session, verdict))
    if verdict != verdicts.PERMANENT:
        return purge
    return f"{cure(session, reason)}, or give up: {purge}"


def after_repair(reason: str | None, command: str) -> str:
    """Return the command, and what has to be done before it."""
    return f"{FIRST[reason]}, then: {command}" if reason in FIRST else command


def cure(session: Session, reason: str | None) -> str:
    """Return what makes ready what was rejected for `reason`, or what to try."""
    if reason == verdicts.ARCHIVED:
        return f"restore it: {session.command('restore', 'KEY')}"
    if reason == MalformedEvent.reason:
        return "find who sends it"
    if reason in verdicts.OF_THE_CONFIGURATION:
        return f"change the configuration, deploy it, then {session.command('backfill', '--outdated')}"
    return "upload a better picture under the same key"


def _restore(session: Session, keys: Sequence[str]) -> str:
    if not keys:
        return f"restore each, by the command in: {session.command('dlq', 'show', 'ID')}"
    return session.command("restore", "--", *keys)


def export_name(session: Session, subject: str) -> str:
    """Return the name of a file that is not there yet: an export never overwrites one."""
    return dated_name(session, subject, "jsonl")


def dated_name(session: Session, subject: str, ending: str) -> str:
    """Return such as `permanent-20261126T051500.jsonl`."""
    return f"{subject}-{session.now():%Y%m%dT%H%M%S}.{ending}"
