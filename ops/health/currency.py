"""How many pictures are current: what the journal of the last backfill of everything says, less what is still in its queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ops.pictures.backfill.journal import latest
from ops.redrive.journal_directory import DIRECTORY

if TYPE_CHECKING:
    from ops.session import Session


@dataclass(frozen=True)
class Currency:
    """Of the deployed recipes.

    Attributes:
        generation: Of the recipes.
        pictures: None where no backfill of everything by these recipes was run from here.
        to_go: Of them, not current yet.
        command: What counts them.
    """

    generation: int
    pictures: int | None
    to_go: int
    command: str

    @classmethod
    def of(cls, session: Session, waiting: int) -> Currency:
        """Read the journal, while so many messages are in the backfill queue.

        Raises:
            Refusal: AWS does not show the worker.
        """
        recipes = session.deployment.recipes
        found = latest(DIRECTORY, session.stack.source_bucket, recipes)
        return cls(
            generation=recipes.generation,
            pictures=found.pictures if found else None,
            to_go=found.to_go(waiting) if found else 0,
            command=session.command("backfill", "--outdated", "--dry-run"),
        )

    def lines(self) -> list[str]:
        """Return it for people; nothing where the recipes never changed and nothing was backfilled."""
        label = f"{'recipes':<18}  generation {self.generation}"
        if self.pictures is None:
            return [f"{label}, not backfilled from here: {self.command}"] if self.generation > 1 else []
        if not self.to_go:
            return [f"{label}, all of {self.pictures:,} pictures current"]
        percent = (self.pictures - self.to_go) * 1000 // max(1, self.pictures) / 10  # 100 would say that all are.
        return [f"{label}, {percent:.1f} % of {self.pictures:,} pictures current"]

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {"generation": self.generation, "pictures": self.pictures, "to_go": self.to_go}
