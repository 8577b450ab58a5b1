"""The command that comes next for dead letters of one verdict and reason. `docs/operations.md` says why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.dead_letters import verdict as verdicts
from ops.queues.letter import NO_REASON
from ops.queues.undelivered import UNDELIVERED
from worker.contracts.errors import MalformedEvent

if TYPE_CHECKING:
    from ops.queues.letter import Letter
    from ops.session import Session

_SENT_BACK: Final = (verdicts.RETRY, verdicts.NO_ANSWER)
_WAIT: Final = {
    verdicts.RESTORING: "wait: S3 restores it, and then it is rendered by itself",
    verdicts.SUPERSEDED: "wait a minute: the newer version has an event of its own",
}


def next_step(session: Session, verdict: str, reason: str | None, *, letter: Letter | None = None) -> str:
    """Return a command, or what to wait for: for one `letter`, or for all of this verdict and reason."""
    if verdict in _WAIT:
        return _WAIT[verdict]
    if verdict == verdicts.ARCHIVED:
        return _restore(session, letter)
    which = ("--id", letter.id) if letter else ("--verdict", verdict, "--reason", reason or NO_REASON)
    if verdict in _SENT_BACK:
        redrive = session.command("redrive", *which)
        return f"let EventBridge reach the queue again, then: {redrive}" if reason == UNDELIVERED else redrive
    purge = session.command("dlq", "purge", *which, "--export", export_name(session, verdict))
    if verdict != verdicts.PERMANENT:
        return purge
    return f"{_cure(reason)}, or give up: {purge}"


def _cure(reason: str | None) -> str:
    if reason == MalformedEvent.reason:
        return "find who sends it"
    return "change the configuration" if reason in verdicts.OF_THE_CONFIGURATION else "upload a better picture"


def _restore(session: Session, letter: Letter | None) -> str:
    if letter is None:
        return f"restore each; {session.command('dlq', 'show', 'ID')} names the command"
    return session.command("restore", "--", *letter.keys(session.stack.source_bucket))


def export_name(session: Session, subject: str) -> str:
    """Return the name of a file that is not there yet: an export never overwrites one."""
    return f"{subject}-{session.now():%Y%m%dT%H%M%S}.jsonl"
