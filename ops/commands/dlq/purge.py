"""`dlq purge`: dead letters into a file, then deleted; asks first."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from ops.commands import options
from ops.dead_letters.export_file import ExportFile
from ops.dead_letters.listing import letters
from ops.dead_letters.next_step import SENT_BACK
from ops.dead_letters.purge import purge as delete_exported
from ops.dead_letters.selection import select
from ops.queues.letter import NO_REASON
from ops.queues.sweep import Sweep
from ops.terminal.errors import Misuse
from ops.terminal.output import emit, progress, say, show
from ops.terminal.prompts import confirm
from worker.contracts import errors

if TYPE_CHECKING:
    from pathlib import Path

    from ops.dead_letters.filters import Filters
    from ops.session import Session

_SHOWN: Final = 10
"""Keys that the plan shows."""


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
    if file.exists():
        raise Misuse(f"{file} is there already: name a new file.")
    with Sweep(session.dead_letters, keep=True) as sweep:
        chosen, reasons = _purge_plan(session, sweep, filters)
        if dry_run or not chosen or not confirm(f"Delete them after exporting them to {file}?", yes=yes):
            say("Nothing was deleted.")
            if as_json:
                emit({"chosen": len(chosen), "reasons": reasons, "purged": 0})
            return 0
        with ExportFile.create(file) as export_file, progress("purged", len(chosen)) as advance:
            undeleted = delete_exported(sweep, chosen, export_file, advance)
    for id_, failure in undeleted.items():
        say(f"not deleted: {id_}: {failure}")
    if as_json:
        emit({"purged": export_file.count - len(undeleted), "undeleted": len(undeleted), "file": str(file)})
    else:
        show([f"{letters(export_file.count - len(undeleted))} purged; {file} has them"])
    return int(bool(undeleted))


def _purge_plan(session: Session, sweep: Sweep, filters: Filters) -> tuple[list[str], dict[str, int]]:
    """Print what is going to be deleted and return the ids, and how many of each reason; all others go back at once."""
    reasons: Counter[str] = Counter()
    chosen: list[str] = []
    keys: list[str] = []
    for letter, _ in select(session, sweep, filters, judged=False):
        reasons[letter.reason or NO_REASON] += 1
        chosen.append(letter.id)
        keys += letter.keys(session.stack.source_bucket)
    sweep.release(sweep.ids - set(chosen))
    say(f"{letters(len(chosen))} to purge, {filters.describe()}")
    for reason, count in sorted(reasons.items()):
        say(f"  {count} {reason}")
    if keys:
        say(f"among them {', '.join(sorted(keys)[:_SHOWN])}")
    unsettled = reasons.total() - sum(reasons[reason] for reason in errors.reasons(errors.Reject))
    if unsettled and (not filters.verdicts or SENT_BACK & set(filters.verdicts)):
        again = session.command("backfill", "--outdated")
        say(
            f"{unsettled} without a verdict on the picture: what is not ready of them, this brings once it is repaired: {again}"
        )
    return chosen, dict(sorted(reasons.items()))
