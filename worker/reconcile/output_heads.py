"""What is there of a source key's outputs before the source is read: every write is conditional on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from worker.contracts.keys import listed_keys, manifest_key, rendition_key
from worker.reconcile.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.contracts.recipes.by_prefix import Recipe
    from worker.process.parallel import RunAll
    from worker.reconcile.outputs import Head, Outputs

LOOK: Final = "look"
"""Of a manifest's metadata: there where the manifest has a look. Its value is the delivery that the manifest's addresses are of."""
NOWHERE: Final = "none"


@dataclass(frozen=True)
class OutputHeads:
    """The heads of one source key's outputs.

    Attributes:
        renditions: Of the recipe, by key.
        outdated: Renditions that the recipe does not name, but the manifest or a message does.
        manifest: The commit mark.
        assumed: Whether no rendition was looked for.
    """

    renditions: Mapping[str, Head | None]
    outdated: Mapping[str, Head]
    manifest: Head | None
    assumed: bool = False

    @classmethod
    def of(
        cls,
        key: str,
        recipe: Recipe,
        outputs: Outputs,
        run_all: RunAll,
        leftovers: Sequence[str] = (),
        *,
        assume: bool = False,
    ) -> OutputHeads:
        """Make a HEAD of every output that there may be; `leftovers` are keys of renditions that somebody has found.

        With `assume`, what has no manifest is taken to have no renditions, without a look. Where that is wrong, a write
        fails as a conflict.

        Raises:
            KeyTooLong: An output could not be written.
            Retry: S3 did not answer, or refused.
        """
        current = [rendition_key(spec, key) for spec in recipe.specs]
        manifest = outputs.head(manifest_key(key))
        if assume and manifest is None:
            return cls(dict.fromkeys(current), {}, None, assumed=True)
        listed = listed_keys(manifest.metadata.get("renditions", ""), key) if manifest else []
        outdated = [each for each in dict.fromkeys([*listed, *leftovers]) if each not in current]
        keys = [*current, *outdated]
        heads = dict(zip(keys, run_all([partial(outputs.head, each) for each in keys]), strict=True))
        return cls(
            renditions={each: heads[each] for each in current},
            outdated={each: head for each in outdated if (head := heads[each])},
            manifest=manifest,
        )

    def existing(self) -> dict[str, Head]:
        """Return every rendition that is there."""
        current = {key: head for key, head in self.renditions.items() if head is not None}
        return {**current, **self.outdated}

    @property
    def generation(self) -> int:
        """The latest generation that any output was made by."""
        return max((_generation(head) for head in (*self.existing().values(), self.manifest)), default=0)

    def current_renditions(self, source: Identity, recipe: str) -> set[str]:
        """Return the keys of renditions that were made from `source` by `recipe`."""
        return {key for key, head in self.renditions.items() if _made_of(head, recipe) == source}

    def has_look(self, origin: str) -> bool:
        """Whether the manifest has a look, and its addresses are those of this delivery."""
        return self.manifest is not None and self.manifest.metadata.get(LOOK) == (origin or NOWHERE)

    def agreed_source(self, recipe: str) -> Identity | None:
        """Return the source that all outputs were made from; None if they differ, or some are to be deleted."""
        if self.outdated:
            return None
        sources = {_made_of(head, recipe) for head in (*self.renditions.values(), self.manifest)}
        return sources.pop() if len(sources) == 1 else None


def _generation(head: Head | None) -> int:
    """Return the generation that an output was made by; 0 where it names none."""
    named = head.metadata.get("generation", "") if head else ""
    return int(named) if named.isascii() and named.isdigit() else 0


def _made_of(head: Head | None, recipe: str) -> Identity | None:
    """Return the source that an output was made from; None if it is missing or of another recipe."""
    if head is None or head.metadata.get("recipe") != recipe:
        return None
    return Identity.in_marks(head.metadata)
