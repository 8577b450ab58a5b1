"""Kills workers with SIGKILL at any moment. Finds them in /proc, among the emulator's children."""

from __future__ import annotations

import os
import random
import signal
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST: Final = 1.0
"""Seconds until the first kill: work is under way, and on no machine is it done."""
_PROC: Final = Path("/proc")
_MARK: Final = "ministack-lambda-"
"""How the emulator calls the directory of a function's process."""


@dataclass
class Killer:
    """Kills one worker at random times.

    Attributes:
        seed: Of the times and of the choice of workers.
        interval: Seconds between two kills, on average.
        keeper: Process id of the emulator's keeper, the grandparent of every worker.
        kills: How many there were.
    """

    seed: int
    interval: float
    keeper: int
    kills: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_large(self) -> Iterator[None]:
        """Kill while the context lasts."""
        thread = threading.Thread(target=self._go_on, name="killer", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            thread.join()

    def _go_on(self) -> None:
        rng, pause = random.Random(self.seed), FIRST
        while not self._stopped.wait(pause):
            workers = workers_of(self.keeper)
            if workers:
                with suppress(ProcessLookupError):
                    os.kill(rng.choice(workers), signal.SIGKILL)
                    self.kills += 1
            pause = rng.uniform(0.5, 1.5) * self.interval


def workers_of(keeper: int) -> list[int]:
    """Return the process ids of all workers, but not of their own children."""
    servers = [pid for pid, parent in _processes() if parent == keeper]
    return sorted(pid for pid, parent in _processes() if parent in servers and _is_worker(pid))


def _processes() -> Iterator[tuple[int, int]]:
    """Yield every process with its parent."""
    for stat in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            yield int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])


def _is_worker(pid: int) -> bool:
    try:
        return any(part.startswith(_MARK) for part in (_PROC / str(pid) / "cwd").readlink().parts)
    except OSError:
        return False  # It has ended.
