"""`dlq import`: dead letters from a file back into their queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.export_file import import_letters, read_export
from ops.dead_letters.listing import letters
from ops.terminal.output import emit, say, show
from ops.terminal.prompts import confirm

if TYPE_CHECKING:
    from pathlib import Path

    from ops.session import Session


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
    found = read_export(file)
    say(f"{letters(len(found))} in {file}.")
    if dry_run or not found or not confirm(f"Send them to {session.dead_letters.name}?", yes=yes):
        say("Nothing was sent.")
        if as_json:
            emit({"found": len(found), "imported": 0, "refused": 0})
        return 0
    refused = import_letters(session.dead_letters, found)
    for letter, failure in refused:
        say(f"not taken: {letter.id}: {failure}")
    if as_json:
        emit({"imported": len(found) - len(refused), "refused": len(refused)})
    else:
        show([f"{letters(len(found) - len(refused))} imported"])
    return int(bool(refused))
