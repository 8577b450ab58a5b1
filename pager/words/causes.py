"""The causes in words: by name for the headline, with keys and detail below it. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pager.change import ALARM
from pager.words.times import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pager.known.causes import Cause
    from pager.story import Story

    Quote = Callable[..., str]
CAUSES: Final = 6
"""Reasons that are told with keys and detail, and all that have to be repaired first; the rest are named and counted."""
_DETAIL: Final = 300


def told(story: Story) -> tuple[Cause, ...]:
    """Return the causes that are told with keys and detail."""
    return story.causes[: max(CAUSES, sum(cause.blocks for cause in story.causes))]


def named(causes: Sequence[Cause], room: int) -> str:
    """Return counts and reasons, the first of them at least and all that fit into so many characters."""
    counts: Counter[str] = Counter()
    for cause in causes:
        counts[cause.reason] += cause.count
    names = [f"{count} {reason}" for reason, count in counts.items()]
    for count in range(len(names), 1, -1):
        more = len(names) - count
        rest = f", {more} more reason{'s' * (more > 1)}" if more else ""
        if len(text := ", ".join(names[:count]) + rest) <= room:
            return text
    return "".join(names[:1])


def in_full(story: Story, quote: Quote) -> list[str]:
    """Return the lines of all causes."""
    parts = [line for cause in told(story) for line in _cause(cause, story, quote)]
    if rest := story.causes[len(told(story)) :]:
        parts.append(f"And {', '.join(f'{cause.count} {cause.kind}: {quote(cause.reason, 60)}' for cause in rest)}.")
    return parts


def _cause(cause: Cause, story: Story, quote: Quote) -> list[str]:
    """Return what is known of it; what it asks for, only while the alarm is on."""
    on = story.change.state == ALARM
    said = f"{'' if story.whole else 'at least '}{cause.count} {cause.kind}: {quote(cause.reason, 60)}"
    if cause.first_at is not None:
        said += f", the first at {clock(datetime.fromtimestamp(cause.first_at / 1000, UTC))}"
    if cause.done:
        said += f"; {'all' if cause.done == cause.count else cause.done} done by now"
    if on and cause.blocks and len(story.causes) > 1:
        said += "; repair this first"
    parts = [said]
    if cause.keys:
        parts.append(f"  {', '.join(quote(key) for key in cause.keys)}")
    if cause.detail and on:
        parts.append(f"  {quote(cause.detail, _DETAIL)}")
    return parts
