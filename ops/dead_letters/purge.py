"""Deletes letters, each after it is in a file on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.queues.batches import batches, retry_failed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ops.dead_letters.export_file import ExportFile
    from ops.queues.batches import Failure
    from ops.queues.sweep import Sweep


def purge(
    sweep: Sweep, ids: Collection[str], export_file: ExportFile, on_progress: Callable[[int], None]
) -> dict[str, Failure]:
    """Delete these letters, which the sweep holds, and return those that SQS did not delete, by id.

    Args:
        sweep: Has the letters.
        ids: Of the letters to delete.
        export_file: Where each is written before it is deleted.
        on_progress: Called with the number of letters deleted.

    Raises:
        Refusal: AWS did not do it; what is in the file and was not deleted is still a dead letter.
    """
    undeleted: dict[str, Failure] = {}
    for batch in batches((letter, 0) for letter in sweep.take(ids)):
        export_file.add(batch)
        export_file.sync()
        failed = retry_failed(sweep.delete, [letter.id for letter in batch])
        undeleted |= {batch[place].id: failure for place, failure in failed.items()}
        on_progress(len(batch) - len(failed))
    return undeleted
