"""Removes what a plan shows, in an order in which nothing makes it anew: the original, outputs, messages, files, the edge.

What is current is hidden first: from then on the worker, whatever it is told, makes nothing of it and deletes outputs. All that is
removed is named by its version, so an upload that comes meanwhile stays, and is said. Running it again goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ops.pictures.erasure.edge import Invalidation, invalidate
from ops.pictures.erasure.letters import places, take_out, wait_until_worked_off
from ops.pictures.erasure.plan import buckets, find
from ops.terminal.errors import Denied, Refusal
from ops.terminal.output import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ops.pictures.erasure.letters import Seen
    from ops.pictures.erasure.objects import Objects, Version
    from ops.pictures.erasure.plan import Found, Plan
    from ops.session import Session


@dataclass
class Erasure:
    """One run.

    Attributes:
        why: By a version's identity, an upload's id, a file's path or a queue's label: why it stayed.
        taken: By queue, what was taken out of it.
        later: What was there of outputs when they were removed: a worker may have made some since the plan.
        invalidation: None where nothing is delivered.
    """

    session: Session
    plan: Plan
    patience: float
    why: dict[object, str] = field(default_factory=dict)
    taken: dict[str, Seen] = field(default_factory=dict)
    later: list[Found] = field(default_factory=list)
    invalidation: Invalidation | None = None

    def run(self) -> None:
        """Remove everything.

        Raises:
            Refusal: AWS does not list something; what was removed is gone, and another run goes on.
        """
        source, output = buckets(self.session)
        for found in self.plan.found:
            self._remove_original(source, found)
        self._remove_outputs(output)
        self._take_out_letters()
        self._remove_outputs(output)  # A worker may have been at it when the original went.
        for mention in self.plan.mentions:
            if mention.why is None:
                self._try(mention.path, mention.rewrite)
        if self.session.stack.distribution and self.plan.paths:
            clients, distribution = self.session.clients, self.session.stack.distribution
            self.invalidation = invalidate(clients, distribution, self.plan.paths, self.patience)

    def _remove_original(self, source: Objects, found: Found) -> None:
        for upload in found.uploads:
            self._try(upload, partial(source.abort, found.key, upload))
        planned = {version.identity for version in found.versions}
        marker = self._hide(source, found.key, planned)
        now = source.versions(found.key)
        ours = sorted((each for each in now if not each.is_marker and each.identity in planned), key=_current_last)
        stay = self._remove_all(source, ours)
        is_anew = any(not each.is_marker and each.identity not in planned for each in now)
        if stay and not is_anew:
            return  # A delete marker hides what could not be removed.
        markers = [each for each in now if each.is_marker]
        self._remove_all(
            source, [each for each in markers if each.identity in planned or each.id == marker or not is_anew]
        )

    def _hide(self, source: Objects, key: str, planned: set[tuple[str, str, str, str]]) -> str | None:
        """Return the id of the delete marker that was made for it."""
        now = source.versions(key)
        current = next((each for each in now if each.is_latest and not each.is_marker), None)
        if current is None or current.identity not in planned:
            return None
        try:
            return source.hide(current)
        except Denied as exc:
            say(f"It is removed without being hidden first: {exc}")
        except Refusal as exc:
            self.why[current.identity] = str(exc)
        return None

    def _remove_outputs(self, output: Objects) -> None:
        """Remove what there is now, but nothing that was made of an upload since the plan."""
        now, _ = find(self.session, self.plan.keys, self.plan.names)
        for found, planned in zip(now, self.plan.found, strict=True):
            if not anew(found, planned):
                self._remove_all(output, found.outputs)
                self.later.append(found)

    def _remove_all(self, objects: Objects, versions: Iterable[Version]) -> bool:
        """Remove versions; return whether one stayed."""
        removed = [self._try(each.identity, partial(objects.remove, each)) for each in versions]
        return not all(removed)

    def _take_out_letters(self) -> None:
        those, bucket = places(self.session), self.session.stack.source_bucket
        say(f"Waiting until the worker has emptied its queues, {self.patience:.0f} s at most ...")
        wait_until_worked_off(those, self.patience)
        for place in those:
            try:
                self.taken[place.label] = take_out(place, bucket, self.plan.keys)
            except Refusal as exc:
                self.why[place.label] = str(exc)

    def _try(self, what: object, act: Callable[[], None]) -> bool:
        """Do it, or note why not."""
        try:
            act()
        except (Refusal, OSError) as exc:
            self.why[what] = str(exc)
            return False
        self.why.pop(what, None)
        return True


def anew(found: Found, planned: Found) -> bool:
    """Whether the original was uploaded again since the plan."""
    known = {version.identity for version in planned.versions}
    return any(not each.is_marker and each.identity not in known for each in found.versions)


def _current_last(version: Version) -> bool:
    """Or an older one would be current for a moment, and rendered, where hiding was refused."""
    return version.is_latest
