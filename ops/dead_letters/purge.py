"""Deletes letters, each after it is in a file on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ops.queues.batches import batches, insist

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ops.dead_letters.export_file import Archive
    from ops.queues.batches import Failure
    from ops.queues.sweep import Hold


def purge(hold: Hold, ids: Collection[str], archive: Archive, on_progress: Callable[[int], None]) -> dict[str, Failure]:
    """Delete these letters, which are held, and return those that SQS did not delete, by id.

    Args:
        hold: Has the letters.
        ids: Of the letters to delete.
        archive: Where each is written before it is deleted.
        on_progress: Told how many more are gone.

    Raises:
        Refusal: AWS did not do it; what is in the file and was not deleted is still a dead letter.
    """
    undeleted: dict[str, Failure] = {}
    for batch in batches((letter, 0) for letter in hold.take(ids)):
        archive.add(batch)
        archive.sync()
        failed = insist(hold.delete, [letter.id for letter in batch])
        undeleted |= {batch[place].id: failure for place, failure in failed.items()}
        on_progress(len(batch) - len(failed))
    return undeleted
