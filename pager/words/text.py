"""The story in words, for people: the same lines for mail and for chats, which differ in how a stranger's text is quoted. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pager.change import ALARM
from pager.known.log_lines import REJECTED, RETRIED, UNANSWERED
from pager.silence import KIN
from pager.words.causes import in_full, named, told
from pager.words.plain import SUBJECT
from pager.words.times import clock, lasting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pager.known.rejected import Rejected
    from pager.story import Story

    Quote = Callable[..., str]
_WITH_SECTION: Final = frozenset({REJECTED, UNANSWERED, RETRIED})
_SECTION: Final = re.compile(r"[a-z]+(-[a-z]+)*")
_WORDS: Final = {"Ready": "ready", "Rejected": "rejected", "Errors": "invocations failed", "Throttles": "throttled"}


def headline(story: Story, prefix: str) -> str:
    """Return the one line that says it: state, stack, alarm, and as many causes as a subject has room for."""
    change = story.change
    if change.state == ALARM:
        start = f"{change.state} {prefix} {change.key}"
        causes = named(story.causes, SUBJECT - len(start) - len(": ")) or _counted(story)
        return start + (f": {causes}" if causes else "")
    lasted = f", over after {lasting(change.at - story.began)}" if story.began else ", over"
    return f"{change.state} {prefix} {change.key}{lasted}"


def body(story: Story, quote: Quote) -> list[str]:
    """Return the lines of what is known; `quote` makes a stranger's text harmless."""
    parts = (_ongoing if story.change.state == ALARM else _over)(story, quote)
    if story.missing:
        parts.append(f"Could not be read: {'; '.join(story.missing)}.")
    return parts


def steps(story: Story) -> list[str]:
    """Return what to type, and what to read; where it is over, only what lists the pictures that are rejected all the same."""
    change = story.change
    if change.state != ALARM:
        listed = [f"{story.ops} rejects"] if story.rejected and story.rejected.total else []
        return [*listed, *([f"{story.ops} backfill --outdated --dry-run"] if _is_unsettled(story) else [])]
    reasons = [each.reason for each in told(story) if each.kind in _WITH_SECTION and _SECTION.fullmatch(each.reason)]
    read = [change.section, *(f"docs/operations.md#{reason}" for reason in reasons)] if change.section else []
    return [*([change.command] if change.command else []), *dict.fromkeys(read)]


def _ongoing(story: Story, quote: Quote) -> list[str]:
    change = story.change
    parts = [f"Since {clock(change.at)}." + (" Pictures do not get through: act now." if story.pages else "")]
    if story.last:
        parts.append(f"It went on {story.often} times within an hour: it is told again when it was off for an hour.")
    parts += in_full(story, quote)
    if any(cause.kind == RETRIED and cause.done < cause.count for cause in story.causes):
        parts.append(f"What was tried again may be ready by now: {story.ops} where KEY")
    if story.series and story.series.course:
        parts.append(f"{story.series.name}: {story.series.course}.")
    if story.sums:
        done = ", ".join(f"{count} {what}" for what, count in _done(story.sums).items())
        parts.append(f"The worker, since {clock(story.since or change.at)}: {done}.")
    if story.deployed:
        parts.append(f"Its last deployment was {_beside(story.deployed, change.at)}.")
    if story.others:
        on = ", ".join(f"{alarm.key} (since {clock(alarm.since)})" for alarm in story.others)
        parts.append(f"Also on: {on}.")
    return parts


def _over(story: Story, quote: Quote) -> list[str]:
    change = story.change
    parts = []
    if story.began:
        parts.append(f"On from {clock(story.began)} to {clock(change.at)}: {lasting(change.at - story.began)}.")
    if story.sums:
        redriven = f", of them {story.redriven} redriven" if story.redriven else ""
        parts.append(
            f"Meanwhile {story.sums['Ready']} pictures became ready{redriven}, {story.sums['Rejected']} were rejected."
        )
    if story.deployed and story.began and story.began < story.deployed < change.at:
        parts.append(f"The worker was deployed at {clock(story.deployed)}.")
    if story.causes:
        parts += ["What it was about:", *in_full(story, quote)]
    if story.rejected:
        parts.append(_rejected(story.rejected, quote))
    if _is_unsettled(story):
        parts.append(
            "What was tried again or had no answer is no reject: the dry run of a backfill lists what of it is not ready."
        )
    still = ", ".join(alarm.key for alarm in story.others)
    parts.append(f"Still on: {still}." if still else "No other alarm is on.")
    return parts


def _is_unsettled(story: Story) -> bool:
    """Whether pictures may be neither ready nor rejected, though their dead letters are gone."""
    return story.change.key in KIN and any(
        cause.kind in {RETRIED, UNANSWERED} and cause.done < cause.count for cause in story.causes
    )


def _rejected(rejected: Rejected, quote: Quote) -> str:
    if not rejected.total:
        return "No picture is rejected any more."
    reasons = ", ".join(f"{count} {quote(reason, 60)}" for reason, count in rejected.reasons.items())
    are = "picture is" if rejected.total == 1 and rejected.whole else "pictures are"
    return f"{rejected.total}{'' if rejected.whole else ' or more'} {are} still rejected: {reasons}."


def _counted(story: Story) -> str:
    """Return what the worker's own numbers say where its log says nothing."""
    name = {"worker-errors": "Errors", "worker-throttles": "Throttles"}.get(story.change.key, "")
    count = story.sums.get(name, 0)
    return f"{count} {_WORDS[name]}" if count else ""


def _done(sums: dict[str, int]) -> dict[str, int]:
    return {word: sums[name] for name, word in _WORDS.items()}


def _beside(deployed: datetime, at: datetime) -> str:
    if deployed > at:
        return f"at {clock(deployed)}, after that"
    return f"{lasting(at - deployed)} before, at {deployed:%Y-%m-%d %H:%M:%S} UTC"
