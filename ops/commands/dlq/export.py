"""`dlq export`: dead letters into a file; they stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.export_file import ExportFile
from ops.dead_letters.listing import INCOMPLETE, letters
from ops.dead_letters.selection import select
from ops.queues.sweep import Sweep
from ops.terminal.output import emit, say, show

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
    with ExportFile.create(file) as export_file, Sweep(session.dead_letters) as sweep:
        for letter, _ in select(session, sweep, filters, judged=False):
            export_file.add([letter])
        if not sweep.is_complete:
            say(INCOMPLETE)
    if as_json:
        emit({"exported": export_file.count, "file": str(file)})
    else:
        show([f"{letters(export_file.count)} exported to {file}"])
    return 0
