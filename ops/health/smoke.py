"""Proves a deployment from outside: good pictures come out right, a bad one is dead-lettered, replaced and redriven."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ops.dead_letters.filters import Filters
from ops.dead_letters.selection import select
from ops.health import first_event
from ops.health.golden_set import broken, fault_in, golden_set
from ops.pictures.upload import QUEUED, READY, Outcome, Sent, outcomes_of
from ops.queues.sweep import Sweep
from ops.redrive import journal_directory
from ops.redrive.follow import Follower
from ops.redrive.plan import Bounds, plan_of
from ops.redrive.send import Redrive
from ops.redrive.send_in_stages import send_in_stages
from ops.stack.aws import translated
from ops.terminal.errors import OpsError
from ops.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.health.own_keys import OwnKeys
    from ops.redrive.report import Report
    from ops.session import Session
    from worker.contracts.recipes.specs import RenditionSpec

_BROKEN: Final = "broken.jpg"
_EXPECTED: Final = "truncated"
_POLL_SECONDS: Final = 0.5


def names() -> tuple[str, ...]:
    """Return the names of all pictures that a run uploads."""
    return (*(golden.name for golden in golden_set()), _BROKEN)


@dataclass(frozen=True)
class Check:
    """One check, and what was seen if it failed."""

    name: str
    is_good: bool
    detail: str


@dataclass
class Smoke:
    """One run, under a prefix of its own.

    Attributes:
        keys: Of its pictures.
        patience: Seconds to wait for each check.
        checks: What was found so far.
    """

    session: Session
    keys: OwnKeys
    patience: float
    checks: list[Check] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether everything was proved."""
        return all(check.is_good for check in self.checks)

    def run(self) -> None:
        """Do everything, and clean up whatever happens.

        Raises:
            Misuse: No event can come.
            Refusal: AWS did not do something.
        """
        first_event.refuse_without_flag(self.session)
        try:
            if self._do_events_come():
                self._golden_set()
                self._broken_picture()
        finally:
            say("Cleaning up ...")
            self._clean_up()

    def _do_events_come(self) -> bool:
        golden = golden_set()[0]
        come = first_event.has_come(
            self.session, lambda patience: self._outcome(self._put(golden.name, golden.data), patience).state != QUEUED
        )
        if come is not None:
            self._note("first event", come, "by EventBridge" if come else f"none within {first_event.PATIENCE:.0f} s")
        return come is not False

    def _golden_set(self) -> None:
        goldens = golden_set()
        say(f"Uploading {len(goldens)} pictures to {self.keys.prefix} ...")
        sent = [self._put(golden.name, golden.data) for golden in goldens]
        for golden, outcome in zip(goldens, outcomes_of(self.session.pictures, sent, self.patience), strict=True):
            self._note(golden.name, outcome.state == READY, outcome.reason or outcome.state)
            if outcome.state == READY:
                self._check_pixels(golden.name, outcome.key)

    def _check_pixels(self, name: str, key: str) -> None:
        """Check that there is what the key's own recipe makes."""
        manifest = self.session.pictures.manifest(key)
        made = {each["name"]: each for each in manifest.document["renditions"]} if manifest else {}
        specs = {spec.name: spec for spec in self.keys.specs_of(key)}
        for rendition in sorted(specs.keys() | made.keys()):
            if rendition in made and rendition in specs:
                self._check_rendition(f"{name}: {rendition}", made[rendition], specs[rendition])
            else:
                seen = "it is missing" if rendition in specs else "its recipe makes none"
                self._note(f"{name}: {rendition}", is_good=False, detail=seen)

    def _check_rendition(self, check: str, made: Mapping[str, Any], spec: RenditionSpec) -> None:
        pictures = self.session.pictures
        with translated(f"read {made['key']}", pictures.clients.endpoint_url):
            body = pictures.clients("s3").get_object(Bucket=pictures.output_bucket, Key=made["key"])["Body"]
            wrong = fault_in(body.read(), spec)
        size = f"{made['width']} x {made['height']}, {made['bytes']:,} bytes"
        self._note(check, wrong is None, wrong or size)

    def _broken_picture(self) -> None:
        say("Planting a broken picture ...")
        outcome = self._outcome(self._put(_BROKEN, broken()))
        self._note(f"{_BROKEN}: rejected", outcome.reason == _EXPECTED, outcome.reason or outcome.state)
        reason = self._wait_for_letter()
        self._note(f"{_BROKEN}: dead letter", reason == _EXPECTED, reason or "none came")
        say("Replacing it, and sending the letter back ...")
        outcome = self._outcome(self._put(_BROKEN, golden_set()[0].data))
        self._note(f"{_BROKEN}: replaced", outcome.state == READY, outcome.reason or outcome.state)
        report = self._redrive()
        seen = ", ".join(" ".join(line.split()) for line in report.outcome_lines())  # Without a report's columns.
        self._note(f"{_BROKEN}: redriven", report.all_ready and bool(report.ready), seen)

    def _outcome(self, sent: Sent, patience: float | None = None) -> Outcome:
        return outcomes_of(self.session.pictures, [sent], self.patience if patience is None else patience)[0]

    def _wait_for_letter(self) -> str | None:
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            with Sweep(self.session.dead_letters) as sweep:
                for letter, _ in select(self.session, sweep, self._own, judged=False):
                    return letter.reason
            time.sleep(_POLL_SECONDS)
        return None

    @property
    def _own(self) -> Filters:
        return Filters(keys=(f"{self.keys.prefix}*",))

    def _redrive(self) -> Report:
        session = self.session
        bounds = Bounds(limit=None, max_redrives=3, canary=0, rate=None)
        with tempfile.TemporaryDirectory() as directory, Sweep(session.dead_letters, keep=True) as sweep:
            own = (letter for letter, _ in select(session, sweep, self._own, judged=False))
            plan = plan_of(own, sweep.ids, session.stack.source_bucket, bounds)
            with closing(journal_directory.begin(session, plan, Path(directory) / "smoke.jsonl")) as journal:
                redrive = Redrive(sweep, session.queue, journal)
                return send_in_stages(redrive, Follower.of(session, self.patience), plan.canary, plan.rest)

    def _clean_up(self) -> None:
        """Delete the sources; that the worker then deletes the outputs is the last check."""
        pictures = self.session.pictures
        s3 = pictures.clients("s3")
        keys = [self.keys.of(name) for name in names()]
        with translated("delete the pictures of smoke", pictures.clients.endpoint_url):
            for key in keys:
                s3.delete_object(Bucket=pictures.source_bucket, Key=key)
        try:
            self._note("clean up: outputs removed", self._wait_until_gone(keys), "by the worker")
            self._drop_letters()
        except OpsError as exc:
            self._note("clean up", is_good=False, detail=str(exc))

    def _wait_until_gone(self, keys: list[str]) -> bool:
        deadline = time.monotonic() + self.patience
        while any(self.session.pictures.manifest(key) for key in keys):
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _drop_letters(self) -> None:
        """Delete what a failed run may have left among the dead letters, and no other."""
        with Sweep(self.session.dead_letters) as sweep:
            ids = [letter.id for letter, _ in select(self.session, sweep, self._own, judged=False)]
            for id_ in ids:
                sweep.delete([id_])

    def _put(self, name: str, data: bytes) -> Sent:
        pictures = self.session.pictures
        key = self.keys.of(name)
        with translated(f"upload {key}", pictures.clients.endpoint_url):
            answer = pictures.clients("s3").put_object(Bucket=pictures.source_bucket, Key=key, Body=data)
        return Sent(key, answer["ETag"].strip('"'))

    def _note(self, name: str, is_good: bool, detail: str) -> None:
        self.checks.append(Check(name, is_good, detail))
