"""`dlq report`: the dead letters as a page, with their pictures."""

from __future__ import annotations

import tempfile
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ops.commands import options
from ops.dead_letters.listing import INCOMPLETE, Lister, letters
from ops.dead_letters.next_step import dated_name
from ops.dead_letters.report.gallery import Gallery
from ops.dead_letters.report.gathered import Entry, Gathered
from ops.dead_letters.report.page import Report, write_page
from ops.dead_letters.selection import select
from ops.queues.sweep import Sweep
from ops.terminal.output import progress, say, show
from ops.terminal.page import unfinished_page

if TYPE_CHECKING:
    from ops.dead_letters.filters import Filters
    from ops.dead_letters.report.gallery import Shown
    from ops.session import Session

_THREADS: Final = 4
"""Pictures at once: each is decoded in a process of its own."""


@click.command("report")
@options.filters
@click.option(
    "-o", "--html", type=options.a_file, metavar="FILE", help="Where to write it. Default: dead-letters-TIME.html."
)
@click.option("--open", "opened", is_flag=True, help="Show it in the browser.")
@click.option(
    "--pictures",
    "most",
    type=click.IntRange(0),
    default=12,
    show_default=True,
    metavar="N",
    help="Letters of each group whose pictures are shown, the newest first.",
)
@click.pass_obj
def report(session: Session, *, filters: Filters, html: Path | None, opened: bool, most: int) -> int:
    """Write a page of the dead letters: by reason, when they failed, what to do, and the pictures themselves.

    One file that needs no other, made on this computer: nothing is deployed, nothing leaves it, nothing is changed. It holds
    the pictures: treat it as you treat them. Originals are read for it, up to 64 MB each; a large one is made smaller here.
    Exit status 1 if there is any letter.

    \b
    Examples:
      python -m ops --stack local dlq report --open
      python -m ops --stack local dlq report --reason truncated --pictures 100
    """  # noqa: D301 - click's marker is the control character, not a backslash
    path = html or Path(dated_name(session, "dead-letters", "html"))
    with unfinished_page(path) as out:
        gathered = _gather(session, filters)
        shown = [entry for *_, entries in gathered.groups() for entry in entries[:most] if entry.keys]
        pictures = _fetch(session, shown)
        assert out is not None  # there is a path
        write_page(out, Report(session, gathered, pictures, session.now(), filters.describe() if filters else ""))
    say(f"{letters(len(gathered.failed_at))}, pictures of {len(shown)}, {path.stat().st_size:,} bytes.")
    show([str(path)])
    if opened and not webbrowser.open(path.resolve().as_uri()):
        say("No browser was found: open the file in one.")
    return int(bool(gathered.failed_at))


def _gather(session: Session, filters: Filters) -> Gathered:
    """Count and keep the letters; all are given back before any picture is read."""
    gathered, lister = Gathered(), Lister.of(session)
    with Sweep(session.dead_letters) as sweep:
        for letter, verdict in select(session, sweep, filters, judged=True):
            gathered.add(Entry.of(letter, verdict or "", lister))
        if not sweep.is_complete:
            say(INCOMPLETE)
    return gathered


def _fetch(session: Session, entries: list[Entry]) -> dict[str, tuple[Shown, Shown]]:
    """Return the pictures of each letter's first key, by the letter's id."""
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(_THREADS, "pictures") as pool,
        progress("pictures", len(entries)) as step,
    ):
        gallery = Gallery(session.pictures, session.deployment, Path(folder))

        def pair(entry: Entry) -> tuple[Shown, Shown]:
            found = gallery.pair(entry.keys[0])
            step(1)
            return found

        return dict(zip((entry.id for entry in entries), pool.map(pair, entries), strict=True))
