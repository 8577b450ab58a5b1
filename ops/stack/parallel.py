"""One request for each of many items, several at once, in constant memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_THREADS: Final = 16
_CHUNK: Final = 160
"""Items that are taken before their results are yielded."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def each_with_result(request: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[tuple[Item, Result]]:
    """Yield items as they come, in order, each with what `request` returns of it; `request` runs in threads.

    Raises:
        Exception: What `request` raises.
    """
    remaining = iter(items)
    with ThreadPoolExecutor(_THREADS, "parallel") as pool:
        while chunk := list(islice(remaining, _CHUNK)):
            yield from zip(chunk, pool.map(request, chunk), strict=True)
