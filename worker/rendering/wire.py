"""The messages between parent and child: one line of JSON, then bytes. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from worker.contracts.errors import Reject, leaves
from worker.contracts.recipes.specs import RenditionSpec, dump_renditions, parse_renditions
from worker.images import Look, Rendered, Rendition, SourceFacts

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Order:
    """What the child is to do with the picture that follows.

    Attributes:
        specs: Every spec of the recipe.
        wanted: Names of those to encode.
        memory_bytes: The function's memory.
        seconds: The time that the child gets.
        taken_bytes: Of the memory, what the parent has: Lambda counts both processes.
    """

    specs: tuple[RenditionSpec, ...]
    wanted: tuple[str, ...]
    memory_bytes: int
    seconds: float
    taken_bytes: int = 0

    def to_line(self) -> bytes:
        """Return the order as the line that precedes the picture."""
        document = {**asdict(self), "specs": json.loads(dump_renditions(self.specs))}
        return _line(document)

    @classmethod
    def from_line(cls, line: bytes) -> Order:
        """Read the line."""
        document = json.loads(line)
        return cls(
            parse_renditions(document["specs"]),
            tuple(document["wanted"]),
            document["memory_bytes"],
            document["seconds"],
            document["taken_bytes"],
        )


def dump_answer(outcome: Rendered | Reject) -> bytes:
    """Return the answer of the child."""
    if isinstance(outcome, Reject):
        return _line({"reason": outcome.reason, "detail": outcome.detail})
    renditions = [{**_facts(rendition), "bytes": len(rendition.data)} for rendition in outcome.renditions]
    head = _line(
        {
            "source": asdict(outcome.source),
            "renditions": renditions,
            "look": asdict(outcome.look),
            "notes": outcome.notes,
        }
    )
    return head + b"".join(rendition.data for rendition in outcome.renditions)


def load_answer(answer: bytes) -> Rendered | Reject:
    """Read the answer of the child."""
    line, _, rest = answer.partition(b"\n")
    document = json.loads(line)
    if "reason" in document:
        by_reason = {leaf.reason: leaf for leaf in leaves(Reject)}
        return by_reason[document["reason"]](document["detail"])  # type: ignore[return-value]  # leaves of Reject
    renditions = _cut(rest, document["renditions"])
    source, look = SourceFacts(**document["source"]), Look(**document["look"])
    return Rendered(source, renditions, look, tuple(document["notes"]))


def _facts(rendition: Rendition) -> dict[str, Any]:
    return {name: value for name, value in vars(rendition).items() if name != "data"}


def _cut(data: bytes, entries: Sequence[dict[str, Any]]) -> tuple[Rendition, ...]:
    renditions, start = [], 0
    for entry in entries:
        end = start + entry.pop("bytes")
        renditions.append(Rendition(data=data[start:end], **entry))
        start = end
    return tuple(renditions)


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"
