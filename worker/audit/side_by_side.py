"""The two buckets side by side: a stream of pictures, each with its source and its outputs. Pure; the listings are given.

S3 lists keys in UTF-8's binary order (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ListingKeysUsingAPIs.html), which is
that of Python's strings. An output's place in that order is its key without the rendition's name: `cats/tom.jpg.webp`. Between a
source's place and those of its outputs come only keys that begin with the source's, so few pictures are open at any time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from worker.contracts.recipes.specs import FORMATS, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Items = Iterator["Item"]

_JSON: Final = "json"
_LAST: Final = "." + max(*FORMATS, _JSON)
"""No output of a source comes behind its key with this."""


class Listed(NamedTuple):
    """An object as its bucket lists it: key, seconds since the epoch, ETag without quotes, whether it has to be restored to be read."""

    key: str
    modified: float
    etag: str
    is_archived: bool = False


class Item(NamedTuple):
    """A listed object in its place; `of` is the source key that it belongs to."""

    place: str
    of: str
    is_source: bool
    listed: Listed


@dataclass(slots=True)
class Picture:
    """A source key: the source, if there is one, and its outputs."""

    key: str
    source: Listed | None = None
    outputs: list[Listed] = field(default_factory=list)

    @property
    def modified(self) -> float:
        """When anything of it was last written."""
        listed = [*self.outputs, *([self.source] if self.source else [])]
        return max(each.modified for each in listed)

    def to_json(self) -> list[Any]:
        """Return what `from_json` takes."""
        return [self.key, self.source, self.outputs]

    @classmethod
    def from_json(cls, document: list[Any]) -> Picture:
        """Build it from its JSON form."""
        key, source, outputs = document
        return cls(key, Listed(*source) if source else None, [Listed(*each) for each in outputs])


def of_source(listed: Listed) -> Item:
    """Return the place of a source."""
    return Item(listed.key, listed.key, True, listed)


def of_output(name: str, listed: Listed) -> Item | None:
    """Return the place of an output that is listed below `name`; None for what no worker has written."""
    place = listed.key.removeprefix(f"{name}/")
    key, _, extension = place.rpartition(".")
    is_ours = extension == _JSON if name == MANIFEST else extension in FORMATS
    return Item(place, key, False, listed) if key and is_ours else None


@dataclass
class SideBySide:
    """Where a walk through both buckets is.

    Attributes:
        after: The last place that was taken; empty at the start.
        pending: Pictures of which more may come.
    """

    after: str = ""
    pending: list[Picture] = field(default_factory=list)

    def walk(self, streams: Iterable[Items]) -> Iterator[list[Picture]]:
        """Yield pictures in groups, once all of them is known; between two groups, a new walk can go on from here.

        `streams` are in the order of places, and begin behind `after`.
        """
        for place, items in groupby(merge(*streams, key=_place), key=_place):
            whole = [each for each in self.pending if each.key + _LAST < place]
            if whole:
                self.pending = [each for each in self.pending if each.key + _LAST >= place]
                yield whole
            for item in items:
                self._take(item)
            self.after = place
        whole, self.pending = self.pending, []
        yield whole

    def _take(self, item: Item) -> None:
        picture = next((each for each in self.pending if each.key == item.of), None)
        if picture is None:
            picture = Picture(item.of)
            self.pending.append(picture)
        if item.is_source:
            picture.source = item.listed
        else:
            picture.outputs.append(item.listed)


def _place(item: Item) -> str:
    return item.place
