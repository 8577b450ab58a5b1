"""One audit by hand: both buckets side by side, and hints of what is found to the backfill queue.

Judges as the auditor does, but looks at the manifest of every picture, and leaves the auditor's state alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ops.stack.aws import translated
from ops.stack.parallel import each_with_result
from worker.audit.buckets import Buckets
from worker.audit.patrol import Patrol
from worker.audit.wounds import Judge
from worker.contracts.events import event_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ops.stack.aws import Clients
    from ops.stack.outputs import Stack
    from worker.contracts.recipes.by_prefix import Recipes

EXAMPLES: Final = 5


@dataclass
class Found:
    """What an audit came across: pictures by what was said of them, and keys of each kind of wound, a few."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, key: str, *, is_wound: bool) -> None:
        """Count a picture."""
        self.counts[kind] += 1
        if is_wound and len(self.examples.setdefault(kind, [])) < EXAMPLES:
            self.examples[kind].append(key)

    @property
    def wounds(self) -> int:
        """How many there are."""
        return sum(self.counts[kind] for kind in self.examples)


@dataclass(frozen=True)
class Audit:
    """An audit of one stack.

    Attributes:
        clients: Of AWS.
        stack: That is audited.
        recipes: That are deployed.
        settled_after: Seconds in which a message of a picture may still be under way.
        now: When it begins, in seconds since the epoch.
    """

    clients: Clients
    stack: Stack
    recipes: Recipes
    settled_after: float
    now: float

    def hints(self, prefix: str, found: Found, on_progress: Callable[[int], None]) -> Iterator[str]:
        """Yield the hint of each wound as it is found, counting in `found`.

        Raises:
            Refusal: AWS does not show a bucket.
        """
        names = self.stack.source_bucket, self.stack.output_bucket
        buckets = Buckets(self.clients("s3"), *names, self.recipes.scope)
        judge = Judge(self.recipes, self.now, self.settled_after, self.stack.expire_after)
        chunks = Patrol(buckets, judge, _together).chunks(prefix)
        while True:
            with translated("list the buckets", self.clients.endpoint_url):
                chunk = next(chunks, None)
            if chunk is None:
                return
            on_progress(len(chunk))
            for each in chunk:
                found.note(each.verdict.kind, each.picture.key, is_wound=each.verdict.is_wound)
                if each.verdict.is_wound:
                    yield event_body(self.stack.source_bucket, each.picture.key, leftovers=each.verdict.leftovers)


def _together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    return [answer for _, answer in each_with_result(lambda call: call(), calls)]
