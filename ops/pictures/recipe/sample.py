"""A sample of pictures that is spread over prefixes, formats and sizes, drawn from a listing as it goes by, in bounded memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ops.pictures.recipe.change import Change
    from ops.stack.picture import Listed

_FORMATS: Final = {
    "avif": "avif", "bmp": "bmp", "gif": "gif", "heic": "heif", "heif": "heif", "jpeg": "jpeg", "jpg": "jpeg",
    "png": "png", "tif": "tiff", "tiff": "tiff", "webp": "webp",
}  # fmt: skip
"""By how a key ends; whatever else it ends in is one format more, so that there are not as many as keys."""
_SIZES: Final = (256 * 1024, 2 * 1024 * 1024)
"""Bytes: small pictures are below the first, large ones above the second."""

_Stratum = tuple[str, str, int]


@dataclass(frozen=True)
class Sampled:
    """One picture of the sample; `weight` is how many pictures it stands for, itself included."""

    listed: Listed
    change: Change
    weight: float


@dataclass
class _Reservoir:
    seen: int = 0
    kept: list[tuple[Listed, Change]] = field(default_factory=list)


class Sample:
    """Keeps up to `size` pictures of each stratum, each as likely as any other (Vitter's algorithm R).

    The same listing gives the same sample, so that two plans can be compared.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._random = Random(size)  # noqa: S311 - nothing is secret here
        self._strata: dict[_Stratum, _Reservoir] = defaultdict(_Reservoir)

    def offer(self, listed: Listed, change: Change) -> None:
        """Keep a picture, or not."""
        reservoir = self._strata[_stratum(listed, change)]
        reservoir.seen += 1
        if len(reservoir.kept) < self._size:
            reservoir.kept.append((listed, change))
        elif (place := self._random.randrange(reservoir.seen)) < self._size:
            reservoir.kept[place] = (listed, change)

    def chosen(self) -> list[Sampled]:
        """Return the sample, by key: one of each stratum, the largest first, then a second one of each, and so on."""
        strata = sorted(self._strata.values(), key=lambda reservoir: -reservoir.seen)
        rounds = [(index, reservoir) for index in range(self._size) for reservoir in strata]
        taken = [(index, each) for index, each in rounds if index < len(each.kept)][: self._size]
        counts = {id(each): sum(other is each for _, other in taken) for _, each in taken}
        found = (Sampled(*each.kept[index], each.seen / counts[id(each)]) for index, each in taken)
        return sorted(found, key=lambda sampled: sampled.listed.key)


def _stratum(listed: Listed, change: Change) -> _Stratum:
    ending = listed.key.rpartition(".")[2].lower()  # A path object would have Python keep a table of every name.
    return change.prefix, _FORMATS.get(ending, ""), sum(listed.size >= size for size in _SIZES)
