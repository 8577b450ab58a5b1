"""What was found of the keys that are to be erased: the plan, and what a second look after the erasure is compared with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ops.pictures.erasure.edge import paths_of
from ops.pictures.erasure.files import mentions
from ops.pictures.erasure.letters import look, places
from ops.pictures.erasure.objects import Objects, output_keys
from ops.pictures.erasure.receipt import mark_of
from ops.stack.parallel import each_with_result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ops.pictures.erasure.files import Mention
    from ops.pictures.erasure.letters import Place, Seen
    from ops.pictures.erasure.objects import Version
    from ops.session import Session


@dataclass(frozen=True)
class Found:
    """What the buckets have of one key."""

    key: str
    versions: tuple[Version, ...]
    uploads: tuple[str, ...]
    outputs: tuple[Version, ...]

    def objects(self, source: str, output: str) -> dict[str, dict[str, Any]]:
        """Return what a receipt says of each, by its mark."""
        entries = [
            *({"bucket": source, **version.to_json()} for version in self.versions),
            *({"bucket": source, "key": self.key, "upload_id": upload} for upload in self.uploads),
            *({"bucket": output, **version.to_json()} for version in self.outputs),
        ]
        return {mark_of(entry): entry for entry in entries}

    def lines(self) -> list[str]:
        """Return it for people."""
        markers = sum(version.is_marker for version in self.versions)
        counts = {"version": len(self.versions) - markers, "delete marker": markers}
        original = ", ".join(count(number, what) for what, number in counts.items() if number) or "none"
        outputs = Counter(version.key for version in self.outputs)
        return [
            f"picture         {self.key}",
            f"  original      {original}",
            *([f"  unfinished    {count(len(self.uploads), 'upload')}"] if self.uploads else []),
            *(f"  output        {key}, {count(number, 'version')}" for key, number in outputs.items()),
        ]


@dataclass(frozen=True)
class Plan:
    """What is about to be erased.

    Attributes:
        names: First segments of outputs, of the present recipes and of all that are in the output bucket.
        letters: By queue that nobody reads.
        waiting: By queue that is read, the messages that nobody has looked at.
        mentions: Files of this computer.
        paths: Of the delivery; none where there is none.
    """

    found: tuple[Found, ...]
    names: tuple[str, ...]
    letters: dict[str, Seen]
    waiting: dict[str, int]
    mentions: tuple[Mention, ...]
    paths: tuple[str, ...]
    remains: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    @property
    def keys(self) -> tuple[str, ...]:
        """What is erased."""
        return tuple(found.key for found in self.found)

    def lines(self) -> list[str]:
        """Return it for people."""
        seen = {label: set().union(*seen.ids.values()) for label, seen in self.letters.items()}
        return [
            *(line for found in self.found for line in found.lines()),
            *(f"messages        {len(ids)} in the {label}" for label, ids in seen.items() if ids),
            *(
                f"  to look at    {number} in the {label}; what waits longer than --patience is received: an attempt"
                for label, number in self.waiting.items()
                if number
            ),
            *(
                f"file            {each.path}: {count(each.lines, 'line')}{f'; stays: {each.why}' if each.why else ''}"
                for each in self.mentions
            ),
            *([f"invalidation    {count(len(self.paths), 'path')}"] if self.paths else []),
            *(said(each) for each in self.remains),
        ]

    def to_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "pictures": [
                {
                    "key": found.key,
                    "versions": [version.to_json() for version in found.versions],
                    "uploads": list(found.uploads),
                    "outputs": [version.to_json() for version in found.outputs],
                    "messages": {
                        label: sorted(seen.ids.get(found.key, ())) for label, seen in sorted(self.letters.items())
                    },
                }
                for found in self.found
            ],
            "to_look_at": dict(sorted(self.waiting.items())),
            "files": {str(each.path): each.lines for each in self.mentions},
            "invalidation": list(self.paths),
            "remains": list(self.remains),
        }


def find(
    session: Session, keys: Sequence[str], former: Sequence[str] = ()
) -> tuple[tuple[Found, ...], tuple[str, ...]]:
    """Look for `keys` in both buckets; return what is there, and the names of all outputs, `former` ones among them.

    Raises:
        Refusal: AWS does not list one.
    """
    source, output = buckets(session)
    names = tuple(
        sorted({*output.names(), *former, *(f.name for r in session.deployment.recipes.all for f in r.specs)})
    )
    found = []
    for key in keys:
        listed = each_with_result(output.versions, output_keys(names, key))
        outputs = tuple(version for _, versions in listed for version in versions)
        found.append(Found(key, source.versions(key), source.uploads(key), outputs))
    return tuple(found), names


def buckets(session: Session) -> tuple[Objects, Objects]:
    """Return the source and the output bucket of a session's stack."""
    stack = session.stack
    return (
        Objects(session.clients, stack.source_bucket, "source bucket"),
        Objects(session.clients, stack.output_bucket, "output bucket"),
    )


def unread(session: Session) -> list[Place]:
    """Return the queues that may be looked at without costing anybody an attempt."""
    return [place for place in places(session) if not place.is_read]


def plan_of(
    session: Session,
    keys: Sequence[str],
    here: Path,
    exports: Sequence[Path],
    former: Sequence[str] = (),
    remains: Sequence[dict[str, Any]] = (),
    patience: float = 0,
) -> Plan:
    """Look for `keys` everywhere; changes nothing. Waits up to `patience` seconds for messages that others hide.

    Raises:
        Misuse: One of `exports` is no export.
        Refusal: AWS does not show something.
    """
    found, names = find(session, keys, former)
    bucket = session.stack.source_bucket
    return Plan(
        found=found,
        names=names,
        letters={place.label: look(place, bucket, keys, patience) for place in unread(session)},
        waiting={place.label: place.queue.depth().total for place in places(session) if place.is_read},
        mentions=tuple(mentions(session.stack, keys, here, exports, session.command("redrive", "--resume"))),
        paths=paths_of(names, keys) if session.stack.distribution else (),
        remains=tuple(remains),
    )


def count(number: int, what: str) -> str:
    """Return such as `1 version`, `2 versions`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def said(remaining: Mapping[str, Any]) -> str:
    """Return what remains, and until when, for people."""
    until = f", until {remaining['until']}" if remaining["until"] else ""
    return f"remains         {remaining['what']}{until}"
