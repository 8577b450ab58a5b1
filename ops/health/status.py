"""The pipeline at a glance: queues, dead letters by reason, alarms, throughput, and what to do next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ops.adoption.notifications import what_turns_on
from ops.dead_letters.filters import short
from ops.health.currency import Currency
from ops.health.rejects import AtRest
from ops.health.retried import Retried
from ops.health.tally import Tally
from ops.health.throughput import Throughput
from ops.stack.alarms import IN_ALARM, SHOWN, Alarm, alarms_of, notifications_in
from ops.stack.metrics import latest, oldest_message

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from ops.queues.queue import Depth, Queue
    from ops.session import Session
    from ops.stack.alarms import Notification


@dataclass(frozen=True)
class QueueStatus:
    """One queue; `oldest` in seconds, None where CloudWatch has no number."""

    label: str
    depth: Depth
    oldest: float | None

    def line(self) -> str:
        """Return it for people."""
        oldest = ""
        if self.oldest is not None and self.depth.total:  # The metric is a minute or two old: the message may be gone.
            oldest = f", the oldest for {short(timedelta(seconds=self.oldest))}"
        delayed = f", {self.depth.delayed} later" if self.depth.delayed else ""
        return f"{self.label:<18}  {self.depth.visible} waiting, {self.depth.hidden} in flight{delayed}{oldest}"

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        depth = self.depth
        return {
            "visible": depth.visible,
            "in_flight": depth.hidden,
            "delayed": depth.delayed,
            "oldest_seconds": self.oldest,
        }


@dataclass(frozen=True)
class Status:
    """Everything as of `now`.

    Attributes:
        retried: None where the metric says that nothing is tried again, and the log is not read.
        inbox: None where notifications go to no file.
        turn_on: What has the source bucket send its events, where it sends none.
    """

    currency: Currency
    queues: tuple[QueueStatus, ...]
    letters: Tally
    at_rest: AtRest
    alarms: tuple[Alarm, ...]
    throughput: Throughput
    retried: Retried | None
    inbox: tuple[Notification, ...] | None
    now: datetime
    turn_on: str | None = None

    @property
    def in_alarm(self) -> list[Alarm]:
        """The alarms that are on."""
        return [alarm for alarm in self.alarms if alarm.state == IN_ALARM]

    @property
    def needs_attention(self) -> bool:
        """Whether an operator should act."""
        return bool(self.in_alarm) or bool(self.letters.reasons) or self.turn_on is not None

    def lines(self, advice: str) -> list[str]:
        """Return it for people, `advice` last."""
        on = ", ".join(alarm.section or alarm.name for alarm in self.in_alarm)
        return [
            *(queue.line() for queue in self.queues),
            *(f"{'':<18}  {line}" for line in self.letters.lines(self.now)),
            f"{'rejected':<18}  {self.at_rest}",
            *self.currency.lines(),
            self.throughput.line(),
            *([f"{'failed attempts':<18}  {self.retried}"] if self.retried else []),
            f"{'alarms':<18}  {on or f'none of {len(self.alarms)}'}",
            *([f"{'events':<18}  none come: the source bucket sends none to EventBridge"] if self.turn_on else []),
            *self._inbox_lines(),
            f"{'next':<18}  {advice}",
        ]

    def to_json(self, advice: str) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "queues": {queue.label: queue.to_json() for queue in self.queues},
            "dead_letters_by_reason": dict(sorted(self.letters.reasons.items())),
            "first_dead_letter_expires_at": self.letters.expires and self.letters.expires.isoformat(timespec="seconds"),
            "rejected_without_dead_letter": dict(sorted(self.at_rest.reasons.items())),
            "recipes": self.currency.to_json(),
            "alarms": {alarm.name: alarm.state for alarm in self.alarms},
            "last_5_minutes": self.throughput.to_json(),
            "tried_again": self.retried and self.retried.to_json(),
            **({} if self.turn_on is None else {"events_come": False}),
            **({} if self.inbox is None else {"inbox": [asdict(note) for note in self.inbox]}),
            "next": advice,
        }

    def _inbox_lines(self) -> list[str]:
        if self.inbox is None:
            return []
        latest = [f"{'':<18}  {note.line()}" for note in self.inbox[-SHOWN:]]
        return [f"{'inbox':<18}  {len(self.inbox)} notifications" + (", the latest" if latest else ""), *latest]


def status_of(session: Session, earlier: Status | None = None) -> Status:
    """Read the state of the whole stack; what was read `earlier` and has not changed since is not read again.

    Raises:
        Refusal: AWS does not show it.
    """
    queues = [session.queue, session.dead_letters]
    if session.stack.backfill_queue_url is not None:
        queues.insert(1, session.backfill_queue)
    letters = _letters(session, earlier)
    shown = tuple(_queue(session, queue) for queue in queues)
    throughput = Throughput.of(session)
    return Status(
        currency=Currency.of(session, sum(queue.depth.total for queue in shown[1:-1])),
        queues=shown,
        letters=letters,
        at_rest=AtRest.of(session.pictures, letters.keys, earlier.at_rest if earlier else None),
        alarms=tuple(alarms_of(session.clients, session.stack.alarm_topic_arn)),
        throughput=throughput,
        retried=Retried.of(session.worker_log, session.now()) if throughput.retried else None,
        inbox=None if session.stack.inbox is None else tuple(notifications_in(session.stack.inbox)),
        now=session.now(),
        turn_on=what_turns_on(session),
    )


def _letters(session: Session, earlier: Status | None) -> Tally:
    if earlier is not None and session.dead_letters.depth().total == earlier.letters.total:
        return earlier.letters
    return Tally.of(session.dead_letters, session.stack.source_bucket)


def advise(status: Status, session: Session) -> str:
    """Return what to do next."""
    if status.turn_on is not None:
        return status.turn_on
    in_alarm = {alarm.section for alarm in status.in_alarm}
    for section in ("worker-errors", "worker-throttles"):
        if section in in_alarm:
            return f"repair the worker first: docs/operations.md, {section}"
    if status.letters.reasons:
        return session.command("dlq", "list")
    waiting = any(queue.depth.total for queue in status.queues)
    if waiting and status.retried and status.retried.needs_repair:
        return status.retried.advice(session)
    return _advise_on_the_queue(status, session, in_alarm, waiting=waiting)


def _advise_on_the_queue(status: Status, session: Session, in_alarm: Collection[str | None], *, waiting: bool) -> str:
    for section in ("message-age", "backlog"):
        if section in in_alarm:
            return f"docs/operations.md, {section}"
    if waiting:
        return status.retried.advice(session) if status.retried else "nothing; the worker is busy with it"
    return f"nothing urgent; {session.command('rejects')}" if status.at_rest.total else "nothing; all is well"


def _queue(session: Session, queue: Queue) -> QueueStatus:
    return QueueStatus(queue.label, queue.depth(), latest(session.clients, oldest_message(queue.name), session.now()))
