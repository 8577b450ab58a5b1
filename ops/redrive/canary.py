"""Chooses the canary: the few letters whose outcome decides about all others. Pure."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from ops.queues.letter import NO_REASON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ops.redrive.planned import Planned


def canary_first(letters: list[Planned], size: int) -> tuple[Planned, ...]:
    """Move `size` letters to the front, one of each reason after the other, so that a rare reason is tried, too.

    The first is one without a reason, if there is any: what ended the worker once may end it again, beside others.
    """
    by_reason: dict[str, list[Planned]] = {NO_REASON: []}
    for letter in letters:
        by_reason.setdefault(letter.reason, []).append(letter)
    rounds: Iterable[tuple[Planned | None, ...]] = zip_longest(*by_reason.values())
    first = [letter for round_ in rounds for letter in round_ if letter is not None][:size]
    ids = {letter.id for letter in first}
    return (*first, *(letter for letter in letters if letter.id not in ids))
