"""Defers Ctrl-C, once, while a command cleans up."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ops.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deferred(notice: str) -> Iterator[None]:
    """Hold off the first SIGINT or SIGTERM until the end of the block, and say `notice`; a second one ends the block.

    Only the main thread receives signals: in another thread, nothing is deferred.

    Raises:
        KeyboardInterrupt: At the end, if one was held off; at once, if another one came.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []

    def defer(number: int, _frame: object) -> None:
        if held:
            raise KeyboardInterrupt
        held.append(number)
        say(notice)

    before = {number: signal.signal(number, defer) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        raise KeyboardInterrupt
