"""The pipeline at a glance: queues, dead letters by reason, alarms, throughput, and what to do next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ops.adoption.notifications import what_turns_on
from ops.dead_letters.filters import short
from ops.health.currency import Currency
from ops.health.rejects import AtRest
from ops.health.tally import Tally
from ops.stack.alarms import IN_ALARM, SHOWN, Alarm, alarms_of, notifications_in
from ops.stack.metrics import MINUTES, handled_messages, latest, of_worker, oldest_message, resampled_with_simd, retried
from worker.contracts.names import RETRY

if TYPE_CHECKING:
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
        oldest = "" if self.oldest is None else f", the oldest for {short(timedelta(seconds=self.oldest))}"
        delayed = f", {self.depth.delayed} later" if self.depth.delayed else ""
        return f"{self.label:<18}  {self.depth.visible} waiting{oldest}, {self.depth.hidden} in flight{delayed}"

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
class Throughput:
    """The worker in the last five minutes; `simd` is the share of batches that resampled with it. None: CloudWatch has no number."""

    messages: float | None
    batches: float | None
    errors: float | None
    throttles: float | None
    simd: float | None
    retried: float | None = None

    def line(self) -> str:
        """Return it for people."""
        messages = "" if self.messages is None else f"{self.messages:.0f} messages handled, "
        messages += f"{self.retried:.0f} tried again, " if self.retried else ""
        return (
            f"{'last ' + str(MINUTES) + ' minutes':<18}  {messages}{self.batches or 0:.0f} batches,"
            f" {self.errors or 0:.0f} failed, {self.throttles or 0:.0f} throttled{self._resampled()}"
        )

    def _resampled(self) -> str:
        if self.simd is None:
            return ""
        if self.simd == 0:
            return ", resampled by Pillow"
        return ", resampled with SIMD" + (
            f" in {self.simd:.0%} of the batches".replace("%", " %") if self.simd < 1 else ""
        )

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self)


@dataclass(frozen=True)
class Status:
    """Everything as of `now`.

    Attributes:
        inbox: None where notifications go to no file.
        turn_on: What has the source bucket send its events, where it sends none.
    """

    currency: Currency
    queues: tuple[QueueStatus, ...]
    letters: Tally
    at_rest: AtRest
    alarms: tuple[Alarm, ...]
    throughput: Throughput
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
            **({} if self.turn_on is None else {"events_come": False}),
            **({} if self.inbox is None else {"inbox": [asdict(note) for note in self.inbox]}),
            "next": advice,
        }

    def _inbox_lines(self) -> list[str]:
        if self.inbox is None:
            return []
        latest = [f"{'':<18}  {note.line()}" for note in self.inbox[-SHOWN:]]
        return [f"{'inbox':<18}  {len(self.inbox)} notifications" + (", the latest" if latest else ""), *latest]


def status_of(session: Session, letters: Tally | None = None) -> Status:
    """Read the state of the whole stack; `letters` are those of an earlier reading, if it is still valid.

    Raises:
        Refusal: AWS does not show it.
    """
    queues = [session.queue, session.dead_letters]
    if session.stack.backfill_queue_url is not None:
        queues.insert(1, session.backfill_queue)
    letters = Tally.of(session.dead_letters, session.stack.source_bucket) if letters is None else letters
    shown = tuple(_queue(session, queue) for queue in queues)
    return Status(
        currency=Currency.of(session, sum(queue.depth.total for queue in shown[1:-1])),
        queues=shown,
        letters=letters,
        at_rest=AtRest.of(session.pictures, letters.keys),
        alarms=tuple(alarms_of(session.clients, session.stack.alarm_topic_arn)),
        throughput=_throughput(session),
        inbox=None if session.stack.inbox is None else tuple(notifications_in(session.stack.inbox)),
        now=session.now(),
        turn_on=what_turns_on(session),
    )


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
    for section in ("message-age", "backlog"):
        if section in in_alarm:
            return f"docs/operations.md, {section}"
    if any(queue.depth.total for queue in status.queues):
        why = f"why pictures are tried again is in the log {session.deployment.log_group}, event {RETRY}"
        return why if status.throughput.retried else "nothing; the worker is busy with it"
    return f"nothing urgent; {session.command('rejects')}" if status.at_rest.total else "nothing; all is well"


def _queue(session: Session, queue: Queue) -> QueueStatus:
    return QueueStatus(queue.label, queue.depth(), latest(session.clients, oldest_message(queue.name), session.now()))


def _throughput(session: Session) -> Throughput:
    clients, function, now = session.clients, session.stack.worker_function, session.now()
    return Throughput(
        messages=latest(clients, handled_messages(session.queue.name), now),
        batches=latest(clients, of_worker("Invocations", function), now),
        errors=latest(clients, of_worker("Errors", function), now),
        throttles=latest(clients, of_worker("Throttles", function), now),
        simd=latest(clients, resampled_with_simd(function), now),
        retried=latest(clients, retried(function), now),
    )
