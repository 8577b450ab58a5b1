"""Requests in threads, all of which have ended when it is closed: a receive that nobody waits for hides messages all the same."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Requests:
    """A pool of threads that knows itself which requests are under way.

    Ctrl-C may come when the pool has started a thread and not noted it yet: it would not wait for that one.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "requests")
        self._under_way = threading.Condition()
        self._number = 0
        self._is_closed = False

    def submit(self, request: Callable[[], _T], otherwise: _T) -> Future[_T]:
        """Have a request made; its answer is `otherwise` if it has not begun when this is closed."""
        return self._pool.submit(self._make, request, otherwise)

    def close(self) -> None:
        """Let none begin any more, and wait for those that have."""
        with self._under_way:
            self._is_closed = True
        self._pool.shutdown(cancel_futures=True)
        with self._under_way:
            self._under_way.wait_for(lambda: not self._number)

    def _make(self, request: Callable[[], _T], otherwise: _T) -> _T:
        with self._under_way:
            if self._is_closed:
                return otherwise
            self._number += 1
        try:
            return request()
        finally:
            with self._under_way:
                self._number -= 1
                self._under_way.notify_all()
