"""The story in words, for people: the same lines for mail and for chats, which differ in how a stranger's text is quoted. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pager.change import ALARM
from pager.known.log_lines import REJECTED

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from pager.known.causes import Cause
    from pager.story import Story

    Quote = Callable[..., str]
CAUSES: Final = 6
"""Reasons that are told with keys and detail; the rest are named and counted."""
_DETAIL: Final = 300
_SECTION: Final = re.compile(r"[a-z]+(-[a-z]+)*")
_WORDS: Final = {"Ready": "ready", "Rejected": "rejected", "Errors": "invocations failed", "Throttles": "throttled"}
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400


def headline(story: Story, prefix: str) -> str:
    """Return the one line that says it: state, stack, alarm, and the first causes."""
    change = story.change
    if change.state == ALARM:
        causes = ", ".join(f"{cause.count} {cause.reason}" for cause in story.causes[:2]) or _counted(story)
        return f"{change.state} {prefix} {change.key}" + (f": {causes}" if causes else "")
    lasted = f", over after {lasting(change.at - story.began)}" if story.began else ", over"
    return f"{change.state} {prefix} {change.key}{lasted}"


def body(story: Story, quote: Quote) -> list[str]:
    """Return the lines of what is known; `quote` makes a stranger's text harmless."""
    parts = (_ongoing if story.change.state == ALARM else _over)(story, quote)
    if story.missing:
        parts.append(f"Could not be read: {'; '.join(story.missing)}.")
    return parts


def steps(story: Story) -> list[str]:
    """Return what to type, and what to read; nothing where it is over."""
    change = story.change
    if change.state != ALARM:
        return []
    reasons = [each.reason for each in story.causes if each.kind == REJECTED and _SECTION.fullmatch(each.reason)][:2]
    read = [change.section, *(f"docs/operations.md#{reason}" for reason in reasons)] if change.section else []
    return [*([change.command] if change.command else []), *dict.fromkeys(read)]


def lasting(time: timedelta) -> str:
    """Return a length of time, such as 35 min."""
    seconds = max(0, int(time.total_seconds()))
    for unit, name in ((_DAY, "days"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def _ongoing(story: Story, quote: Quote) -> list[str]:
    change = story.change
    parts = [f"Since {_clock(change.at)}." + (" Pictures do not get through: act now." if story.pages else "")]
    if story.last:
        parts.append(f"It went on {story.often} times within an hour: it is told again when it was off for an hour.")
    parts += [line for cause in story.causes[:CAUSES] for line in _cause(cause, story, quote)]
    if change.key == "dead-letters" and not any(cause.kind == REJECTED for cause in story.causes):
        parts.append("No reject is in the log: the worker gave no answer (docs/operations.md#none).")
    if rest := story.causes[CAUSES:]:
        parts.append(f"And {', '.join(f'{cause.count} {cause.kind}: {quote(cause.reason, 60)}' for cause in rest)}.")
    if story.series and story.series.course:
        parts.append(f"{story.series.name}: {story.series.course}.")
    if story.sums:
        done = ", ".join(f"{count} {what}" for what, count in _done(story.sums).items())
        parts.append(f"The worker, since {_clock(story.since or change.at)}: {done}.")
    if story.deployed:
        parts.append(f"Its last deployment was {_beside(story.deployed, change.at)}.")
    if story.others:
        on = ", ".join(f"{alarm.key} (since {_clock(alarm.since)})" for alarm in story.others)
        parts.append(f"Also on: {on}.")
    return parts


def _over(story: Story, quote: Quote) -> list[str]:
    change = story.change
    parts = []
    if story.began:
        parts.append(f"On from {_clock(story.began)} to {_clock(change.at)}: {lasting(change.at - story.began)}.")
    if story.sums:
        redriven = f", of them {story.redriven} redriven" if story.redriven else ""
        parts.append(
            f"Meanwhile {story.sums['Ready']} pictures became ready{redriven}, {story.sums['Rejected']} were rejected."
        )
    if story.deployed and story.began and story.began < story.deployed < change.at:
        parts.append(f"The worker was deployed at {_clock(story.deployed)}.")
    if story.causes:
        parts.append("What it was about:")
        parts += [line for cause in story.causes[:CAUSES] for line in _cause(cause, story, quote)]
    still = ", ".join(alarm.key for alarm in story.others)
    parts.append(f"Still on: {still}." if still else "No other alarm is on.")
    return parts


def _cause(cause: Cause, story: Story, quote: Quote) -> list[str]:
    first = datetime.fromtimestamp(cause.first_at / 1000, UTC)
    least = "" if story.whole else "at least "
    parts = [f"{least}{cause.count} {cause.kind}: {quote(cause.reason, 60)}, the first at {_clock(first)}"]
    if cause.keys:
        parts.append(f"  {', '.join(quote(key) for key in cause.keys)}")
    if cause.detail:
        parts.append(f"  {quote(cause.detail, _DETAIL)}")
    return parts


def _counted(story: Story) -> str:
    """Return what the worker's own numbers say where its log says nothing."""
    named = {"worker-errors": "Errors", "worker-throttles": "Throttles"}
    count = story.sums.get(named.get(story.change.key, ""), 0)
    return f"{count} {_WORDS[named[story.change.key]]}" if count else ""


def _done(sums: dict[str, int]) -> dict[str, int]:
    return {word: sums[name] for name, word in _WORDS.items()}


def _beside(deployed: datetime, at: datetime) -> str:
    if deployed > at:
        return f"at {_clock(deployed)}, after that"
    return f"{lasting(at - deployed)} before, at {deployed:%Y-%m-%d %H:%M:%S} UTC"


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S} UTC"
