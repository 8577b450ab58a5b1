"""Redrives between queues that may be killed at any of their steps, and the runs that resume them."""

from __future__ import annotations

import time
from contextlib import closing

from ops.queues.sweep import Sweep
from ops.redrive.journal import Journal
from ops.redrive.journal_state import read
from ops.redrive.plan import Bounds, plan_of
from ops.redrive.send import Redrive
from ops.redrive.send_in_stages import send_in_stages
from ops.terminal.errors import Misuse
from tests.ops.support.fakes import BUCKET, DEAD_LETTERS, QUEUE, Death, Killed, MemorySqs, fill, queues

BOUNDS = Bounds(limit=None, max_redrives=3, canary=0, rate=None)
HEAD = {"dead_letter_queue_url": DEAD_LETTERS, "queue_url": QUEUE, "stack": "--stack test", "at": "now"}


class DyingJournal(Journal):
    """A journal whose process may be killed before a line is written, after it, or with half of it written."""

    death: Death

    def _append(self, line):
        self.death.before(f"journal {line['event']}")
        if len(self.death.steps) - 1 == self.death.at and self.death.when == "torn":
            self._file.write(b'{"event": "se')
            self.death.die()
        super()._append(line)
        self.death.after()


def redrive(sqs, path, death, *, threads=1, pause=lambda _seconds: None):
    """Plan and redrive everything in memory, or resume what an earlier run left; return the report."""
    return redrive_between(*queues(sqs), path, death, threads=threads, pause=pause, clock=lambda: sqs.clock)


def redrive_between(dead_letters, queue, path, death, *, threads=1, pause=time.sleep, clock=time.monotonic):
    """Do the same between any two queues."""
    DyingJournal.death = death
    with Sweep(dead_letters, keep=True, threads=threads, clock=clock) as sweep:
        if path.exists() and read_if_there(path):
            journal = DyingJournal.resume(path)
            letters = tuple(journal.state.open)
        else:
            path.unlink(missing_ok=True)
            letters = plan_of(sweep.letters(), sweep.ids, BUCKET, BOUNDS).chosen
            journal = DyingJournal.start(path, HEAD, letters)
        with closing(journal):
            return send_in_stages(Redrive(sweep, queue, journal, threads=threads, pause=pause), None, (), letters)


def read_if_there(path):
    """Return the state, None where the kill came before the journal's first line was complete."""
    try:
        return read(path)
    except Misuse:
        return None


def survive(sqs, path, deaths):
    """Redrive, dying those deaths one after the other, until a run ends; return the steps of each."""
    lives = []
    for death in [*deaths, Death()]:
        sqs.death = death
        try:
            redrive(sqs, path, death)
        except Killed:
            sqs.clock += 24 * 3600  # What the dead run hid is visible again.
        lives.append(death.steps)
        sqs.death = Death()
        state = read_if_there(path) if path.exists() else None
        if state and state.is_finished:
            break
    return lives


def steps_of_a_life(tmp_path, letters):
    """Return every step of a redrive that is not killed."""
    sqs = MemorySqs()
    fill(sqs, letters)
    return survive(sqs, tmp_path / "dry.jsonl", [])[0]
