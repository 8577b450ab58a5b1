"""`dlq export`, `dlq import`, `dlq purge`: keep dead letters in a file, bring them back from one, remove them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.export_file import Archive, bring_back, read_archive
from ops.dead_letters.listing import INCOMPLETE, letters
from ops.dead_letters.purge import purge as delete_archived
from ops.dead_letters.selection import select
from ops.errors import Misuse
from ops.queues.sweep import Hold
from ops.terminal.console import confirm, emit, progress, say, show

if TYPE_CHECKING:
    from pathlib import Path

    from ops.dead_letters.filters import Filters
    from ops.session import Session


@click.command("export")
@click.argument("file", type=options.a_file)
@options.filters
@options.as_json
@click.pass_obj
def export(session: Session, file: Path, *, filters: Filters, as_json: bool) -> int:
    """Write dead letters to FILE: JSON lines, lossless. They stay where they are.

    \b
    Examples:
      python -m ops --stack local dlq export letters.jsonl
      python -m ops --stack local dlq export corrupt.jsonl --reason corrupt-image
    """  # noqa: D301 - same
    with Archive.create(file) as archive, Hold(session.dead_letters) as hold:
        for letter, _ in select(session, hold, filters, judged=False):
            archive.add([letter])
        if not hold.is_complete:
            say(INCOMPLETE)
    if as_json:
        emit({"exported": archive.count, "file": str(file)})
    else:
        show([f"{letters(archive.count)} exported to {file}"])
    return 0


@click.command("import")
@click.argument("file", type=options.a_file)
@options.dry_run
@options.without_asking
@options.as_json
@click.pass_obj
def import_(session: Session, file: Path, *, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Send the letters in FILE to the dead-letter queue, with their bodies and attributes.

    SQS gives each a new id and counts its age from now on; everything else is as it was.

    \b
    Examples:
      python -m ops --stack local dlq import letters.jsonl --dry-run
      python -m ops --stack local dlq import letters.jsonl
    """  # noqa: D301 - same
    found = read_archive(file)
    say(f"{letters(len(found))} in {file}.")
    if dry_run or not found or not confirm(f"Send them to {session.dead_letters.name}?", yes=yes):
        say("Nothing was sent.")
        if as_json:
            emit({"found": len(found), "imported": 0, "refused": 0})
        return 0
    refused = bring_back(session.dead_letters, found)
    for letter, failure in refused:
        say(f"not taken: {letter.id}: {failure}")
    if as_json:
        emit({"imported": len(found) - len(refused), "refused": len(refused)})
    else:
        show([f"{letters(len(found) - len(refused))} imported"])
    return int(bool(refused))


@click.command("purge")
@options.filters
@click.option("--all", "everything", is_flag=True, help="Purge all; needed where no filter is given.")
@click.option(
    "--export", "file", type=options.a_file, required=True, metavar="FILE", help="Where the letters are kept."
)
@options.dry_run
@options.without_asking
@options.as_json
@click.pass_obj
def purge(
    session: Session,
    *,
    filters: Filters,
    everything: bool,
    file: Path,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Delete the dead letters that the filters select, each after it is safely in FILE.

    Each letter is in FILE, on disk, before it is deleted; dlq import brings it back.

    \b
    Examples:
      python -m ops --stack local dlq purge --verdict source-gone --export gone.jsonl --dry-run
      python -m ops --stack local dlq purge --verdict already-ready --export ready.jsonl
    """  # noqa: D301 - same
    if bool(filters) == everything:
        raise Misuse("Say what to purge: either filters, such as --verdict source-gone, or --all.")
    if not dry_run and file.exists():
        raise Misuse(f"{file} is there already: name a new file.")
    with Hold(session.dead_letters, keep=True) as hold:
        chosen, reasons = _purge_plan(session, hold, filters)
        if dry_run or not chosen or not confirm(f"Delete them after exporting them to {file}?", yes=yes):
            say("Nothing was deleted.")
            if as_json:
                emit({"chosen": len(chosen), "reasons": reasons, "purged": 0})
            return 0
        with Archive.create(file) as archive, progress("purged", len(chosen)) as advance:
            undeleted = delete_archived(hold, chosen, archive, advance)
    for id_, failure in undeleted.items():
        say(f"not deleted: {id_}: {failure}")
    if as_json:
        emit({"purged": archive.count - len(undeleted), "undeleted": len(undeleted), "file": str(file)})
    else:
        show([f"{letters(archive.count - len(undeleted))} purged; {file} has them"])
    return int(bool(undeleted))


def _purge_plan(session: Session, hold: Hold, filters: Filters) -> tuple[list[str], dict[str, int]]:
    """Print what is going to be deleted and return the ids, and how many of each reason; all others go back at once."""
    reasons: Counter[str] = Counter()
    chosen = []
    for letter, _ in select(session, hold, filters, judged=False):
        reasons[letter.reason or "none"] += 1
        chosen.append(letter.id)
    hold.release(hold.ids - set(chosen))
    say(f"{letters(len(chosen))} to purge, {filters.describe()}")
    for reason, count in sorted(reasons.items()):
        say(f"  {count} {reason}")
    return chosen, dict(sorted(reasons.items()))
