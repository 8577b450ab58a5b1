"""The handler of a run: the worker's own, with a decoder that fails and a back-off that a run has the time for."""

from __future__ import annotations

from typing import Final

from chaos.inside.decoder import sabotage
from worker.handler import handle
from worker.queue import retry_delay as backoff

__all__ = ["handle"]

SOON: Final = 1.0
"""Seconds that the first retry waits at most, and any other a few times as long."""

sabotage()
backoff.BASE = SOON  # type: ignore[misc]  # a constant, but for this
backoff.CAP = 8 * SOON  # type: ignore[misc]  # same
backoff.TURN = SOON  # type: ignore[misc]  # same
