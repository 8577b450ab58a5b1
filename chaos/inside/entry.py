"""The handler of a run: the worker's own, with a decoder that fails and retry delays that a run has the time for."""

from __future__ import annotations

from typing import Final

from chaos.inside.decoder import sabotage
from worker.handler import handle
from worker.queue import retry_delay

__all__ = ["handle"]

SOON: Final = 1.0
"""Seconds that the first retry waits at most, and any other a few times as long."""

sabotage()
retry_delay.BASE = SOON  # type: ignore[misc]  # a constant, but for this
retry_delay.CAP = 8 * SOON  # type: ignore[misc]  # same
retry_delay.STAGGER = SOON  # type: ignore[misc]  # same
