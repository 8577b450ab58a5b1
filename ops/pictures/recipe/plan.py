"""What a changed recipe would do to all pictures that there are: counted from the listing alone, in a stream, and tried on a sample."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.pictures.recipe.change import Group, Grouping
from ops.pictures.recipe.figures import Figures, figures_of
from ops.pictures.recipe.sample import Sample, Sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ops.pictures.recipe.estimate import Estimate
    from ops.pictures.recipe.trial import Trial
    from ops.stack.buckets import Pictures
    from worker.contracts.recipes.by_prefix import Recipes

_CENT = 0.01


@dataclass(frozen=True)
class Survey:
    """All pictures, by what becomes of them, and the sample of those that would be rendered again."""

    groups: tuple[Group, ...]
    sample: tuple[Sampled, ...]

    @property
    def changed(self) -> list[Group]:
        """Those whose recipe changes."""
        return [group for group in self.groups if group.change.is_one]

    @property
    def pictures(self) -> int:
        """All that there are."""
        return sum(group.pictures for group in self.groups)

    @property
    def outdated(self) -> int:
        """Pictures whose outputs would be outdated."""
        return sum(group.pictures for group in self.changed)

    @property
    def archived(self) -> int:
        """Outdated ones that would have to be restored first."""
        return sum(group.archived for group in self.changed)

    @property
    def goes(self) -> Counter[str]:
        """By rendition, outputs that would be deleted: one for each picture that has it, as far as the listing says."""
        found: Counter[str] = Counter()
        for group in self.changed:
            found.update(dict.fromkeys(group.change.goes, group.pictures))
        return +found


def survey(
    pictures: Pictures, before: Recipes, after: Recipes, sample: int, on_progress: Callable[[int], None]
) -> Survey:
    """List the source bucket once.

    Raises:
        Refusal: AWS does not show it.
    """
    grouping, kept = Grouping(before, after, {}), Sample(sample)
    for prefix in {*before.by_prefix, *after.by_prefix}:
        grouping.of(f"{prefix}{next(iter(after.suffixes), '')}")  # A folder may change that has no pictures yet.
    for listed in pictures.listed(""):
        on_progress(1)
        if listed.key.endswith("/"):  # A folder that a console made is no picture.
            continue
        group = grouping.of(listed.key)
        group.add(listed)
        if group.change.is_one and not group.change.after.is_ignored and not listed.is_archived:
            kept.offer(listed, group.change)
    return Survey(tuple(grouping.sorted()), tuple(kept.chosen()))


@dataclass(frozen=True)
class RecipePlan:
    """What `recipe plan` found.

    Attributes:
        generation: That is deployed.
        file: Of the configuration that it is compared with.
        estimate: None where nothing of the sample could be rendered.
        next_commands: What to do with it.
    """

    generation: int
    file: str
    survey: Survey
    trials: Sequence[Trial] = field(repr=False)
    estimate: Estimate | None
    next_commands: tuple[str, ...]

    @property
    def figures(self) -> list[Figures]:
        """Of each rendition."""
        return figures_of(self.trials)

    @property
    def skipped(self) -> list[tuple[str, str]]:
        """Key and sentence of what could not be rendered, and by which recipe."""
        return [(trial.key, why) for trial in self.trials if (why := trial.why_not)]

    def lines(self) -> list[str]:
        """Return it for people."""
        return [
            f"deployed        generation {self.generation}",
            f"working tree    {self.file}",
            *self.count_lines(),
            *self._sample_lines(),
            f"re-rendering    {self.estimate_line()}",
            *(f"next            {command}" for command in self.next_commands),
        ]

    def count_lines(self) -> list[str]:
        """Return how many pictures there are, what becomes of them and what goes."""
        found = self.survey
        return [
            f"pictures        {found.pictures:,}",
            f"  outdated      {found.outdated:,}{', with those that would only be rejected again' if found.outdated else ''}",
            *(line for group in found.changed for line in _group_lines(group)),
            *([f"  archived      {found.archived:,} of them: restore them first"] if found.archived else []),
            *(f"  deletes       {count:,} {name}" for name, count in sorted(found.goes.items())),
        ]

    def estimate_line(self) -> str:
        """Return what it costs and how long it takes."""
        if self.estimate is None:
            return "nobody knows: nothing of the sample could be rendered"
        each = self.estimate
        dollars = f"about ${each.dollars:,.2f}" if each.dollars >= _CENT else "less than a cent"
        return (
            f"{each.pictures:,} pictures: {dollars} at list prices,"
            f" {duration_in_words(each.seconds)} at worker.backfillConcurrency {each.concurrency}"
        )

    def _sample_lines(self) -> list[str]:
        if not self.trials:
            return []
        rows: list[tuple[str, ...]] = [("  rendition", "pictures", "bytes before", "after", "likeness before", "after")]
        rows += [figures.row() for figures in self.figures]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        table = [
            "  ".join(
                [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
            )
            for row in rows
        ]
        return [
            f"sample          {len(self.trials):,}, rendered here with both",
            *table,
            *(f"  {key}: {why}" for key, why in self.skipped),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        found = self.survey
        return {
            "generation": self.generation,
            "file": self.file,
            "pictures": found.pictures,
            "outdated": found.outdated,
            "archived": found.archived,
            "deletes": dict(sorted(found.goes.items())),
            "changes": {
                group.change.prefix: {"pictures": group.pictures, "changes": group.change.sentences()}
                for group in found.changed
            },
            "sample": [trial.key for trial in self.trials],
            "renditions": {figures.name: figures.to_json() for figures in self.figures},
            "not_rendered": [{"key": key, "why": why} for key, why in self.skipped],
            "estimate": self.estimate and self.estimate.to_json(),
            "next": list(self.next_commands),
        }


def _group_lines(group: Group) -> list[str]:
    title = group.change.prefix or "(all others)"
    return [f"    {title}  {group.pictures:,}", *(f"      {sentence}" for sentence in group.change.sentences())]


def duration_in_words(seconds: float) -> str:
    """Return a duration as a person would say it."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} seconds"
