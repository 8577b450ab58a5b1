"""The page of a report: groups with what to do, a time line, and each letter with its picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ops.dead_letters.filters import short
from ops.dead_letters.listing import letters
from ops.dead_letters.next_step import next_step
from ops.dead_letters.report.time_line import draw
from ops.queues.letter import NO_REASON
from ops.queues.sender import sender_in
from ops.terminal.page import opening, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import TextIO

    from ops.dead_letters.report.gallery import Shown
    from ops.dead_letters.report.gathered import Entry, Gathered
    from ops.session import Session

STYLE: Final = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
SCRIPT: Final = (Path(__file__).parent / "report.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Report:
    """What is on the page.

    Attributes:
        pictures: By the id of a letter, its original and its last good rendition, where they were asked for.
        now: UTC; ages count from here.
        filters: What the letters were selected by, in words; empty for all.
    """

    session: Session
    gathered: Gathered
    pictures: Mapping[str, tuple[Shown, Shown]]
    now: datetime
    filters: str


def write_page(out: TextIO, report: Report) -> None:
    """Write the page, a letter at a time."""
    out.writelines(_page(report))


def _page(report: Report) -> Iterator[str]:
    gathered, stack = report.gathered, report.session.stack.name
    total = len(gathered.failed_at)
    yield opening(f"Dead letters of {stack}", STYLE, SCRIPT)
    selected = f", selected by {text(report.filters)}" if report.filters else ""
    yield (
        f"<h1>Dead letters of {text(stack)}</h1>"
        f'<p class="quiet">{letters(total)}{selected}, as of {report.now:%d %B %Y, %H:%M} UTC. Made on this computer; nothing was changed.</p>\n'
    )
    if not total:
        yield "<p>There is nothing to do.</p></main></body></html>\n"
        return
    yield draw(gathered.failed_at)
    groups = gathered.groups()
    yield _contents(report, groups)
    if gathered.left_out:
        yield (
            f"<p>The newest {total - gathered.left_out:,} are below. {gathered.left_out:,} older ones are counted alone:"
            " filters, such as --reason or --older-than, show them.</p>\n"
        )
    for number, (verdict, reason, entries) in enumerate(groups):
        yield _heading(report, number, verdict, reason)
        yield from (_article(report, entry) for entry in entries)
        yield "</section>\n"
    yield (
        f'<form id="selection" data-ops="{text(report.session.command())}" hidden><output>0 selected</output>'
        + "".join(
            f'<button type="button" data-words="{words}">Copy {words}</button>'
            for words in ("redrive", "dlq export", "dlq purge")
        )
        + '<button type="button" data-clear>Clear</button></form>\n<script>'
        + f"{SCRIPT}</script></main></body></html>\n"
    )


def _contents(report: Report, groups: list[tuple[str, str, list[Entry]]]) -> str:
    rows = "".join(
        f'<tr><td>{report.gathered.counts[verdict, reason]:,}</td><td class="text"><a href="#group-{number}">{text(_named(reason))}</a></td>'
        f'<td class="text">{text(verdict)}</td></tr>'
        for number, (verdict, reason, _) in enumerate(groups)
    )
    return (
        '<table><thead><tr><th>letters</th><th class="text">reason</th><th class="text">verdict</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>\n"
    )


def _heading(report: Report, number: int, verdict: str, reason: str) -> str:
    count = report.gathered.counts[verdict, reason]
    advice = next_step(report.session, verdict, reason)
    return (
        f'<section id="group-{number}" aria-labelledby="title-{number}"><h2 id="title-{number}">{text(_named(reason))}'
        f' <span class="quiet">{text(verdict)}, {count:,}</span></h2>{_advice(report.session, advice)}\n'
    )


def _named(reason: str) -> str:
    return "no reason" if reason == NO_REASON else reason


def _advice(session: Session, advice: str) -> str:
    """Return what to do; the command in it, which is at the end, can be copied."""
    words, is_there, command = advice.partition(session.command())
    if not is_there:
        return f'<p class="next">{text(words)}</p>'
    return f'<p class="next">{text(words)}<code>{text(session.command() + command)}</code></p>'


def _article(report: Report, entry: Entry) -> str:
    facts = [
        f"failed {short(report.now - entry.failed_at)} ago",
        f"expires in {short(entry.expires_at - report.now)}",
        *([] if entry.attempts is None else [f"attempts: {entry.attempts}"]),
        *([f"redrives: {entry.redrives}"] if entry.redrives else []),
    ]
    session, title = report.session, " ".join(entry.keys) or "(names no key)"
    detail = f"<p>{text(entry.detail)}</p>{_sent_by(entry)}" if entry.detail else ""
    advice = next_step(session, entry.verdict, entry.reason, letter_id=entry.id, keys=entry.keys)
    return (
        f'<article id="{text(entry.id)}"><h3>{text(title)}</h3>{_pictures(report, entry, title)}<div>'
        f'{detail}<p class="quiet">{", ".join(facts)}</p>'
        f"{_advice(session, session.command('dlq', 'show', entry.id))}{_advice(session, advice)}</div></article>\n"
    )


def _sent_by(entry: Entry) -> str:
    sender = sender_in(entry.detail)
    if sender is None:
        return ""
    command = f": <code>{text(sender.command)}</code>" if sender.command else ""
    return f'<p class="next">sent by {text(sender.words)}{command}</p>'


def _pictures(report: Report, entry: Entry, title: str) -> str:
    found = report.pictures.get(entry.id)
    if found is None:
        return ""
    captions = ("the original now", "its last good rendition")
    figures = "".join(_figure(shown, caption, title) for shown, caption in zip(found, captions, strict=True))
    return f'<div class="pair">{figures}</div>'


def _figure(shown: Shown, caption: str, title: str) -> str:
    picture = f'<p class="none">{text(shown.words)}</p>'
    if shown.address:
        picture = f'<img loading="lazy" src="{shown.address}" alt="{text(caption)}: {text(title)}">'
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"
