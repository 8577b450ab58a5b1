"""The handler of a run of the plain worker: that worker's own, with a decoder that fails."""

from __future__ import annotations

from chaos.inside.decoder import sabotage
from chaos.inside.plain import handle

__all__ = ["handle"]

sabotage()
