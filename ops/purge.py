"""Deletes letters, each after it is in a file on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.batches import batches, insist

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ops.archive import Archive
    from ops.batches import Failure
    from ops.hold import Hold


@dataclass(frozen=True)
class Purge:
    """Removes letters that are held; `on_progress` is told how many more are gone."""

    hold: Hold
    archive: Archive
    on_progress: Callable[[int], None] = lambda _count: None

    def run(self, ids: Collection[str]) -> dict[str, Failure]:
        """Purge these letters and return those that SQS did not delete, by id.

        Raises:
            Refusal: AWS did not do it; what is in the file and was not deleted is still a dead letter.
        """
        undeleted: dict[str, Failure] = {}
        for batch in batches((letter, 0) for letter in self.hold.take(ids)):
            self.archive.add(batch)
            self.archive.sync()
            failed = insist(self.hold.delete, [letter.id for letter in batch])
            undeleted |= {batch[place].id: failure for place, failure in failed.items()}
            self.on_progress(len(batch) - len(failed))
        return undeleted
