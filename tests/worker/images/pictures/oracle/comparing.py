"""Whether the renditions of a file show what the file shows, both in Chromium."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import numpy as np
from PIL import ImageFile

from tests.worker.images.pictures.oracle.explained import as_documented, explanation
from worker.contracts.errors import Reject
from worker.contracts.recipes.specs import FORMATS, RenditionSpec
from worker.images import render
from worker.images.encoding import encoders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.worker.images.pictures.oracle.drawing.drawn import Drawn
    from tests.worker.images.pictures.oracle.judge import Frame, Judge, Shown

MEMORY: Final = 1769 * 2**20
SPECS: Final = tuple(
    RenditionSpec(name, 2_000, 2_000, format=name, effort=0, animated=name in ("webp", "avif")) for name in FORMATS
)
FINEST: Final[dict[str, dict[str, Any]]] = {
    "webp": {"lossless": True, "exact": True, "quality": 0, "method": 0},
    "avif": {"quality": 100, "subsampling": "4:4:4"},
    "jpeg": {"quality": 100, "subsampling": 0},
}
"""Options with which an encoder loses as little as its format can: what it loses on purpose is no difference."""
DECODED: Final = {False: 1, True: 3}
"""How far two decoders may be apart in any channel, of lossless files without a profile and of others."""
ENCODED: Final = 8
"""How far a JPEG or an AVIF may be from what was encoded with the options above."""
MILLISECOND: Final = 1000
"""Microseconds; AVIF has no shorter duration, not even none."""


@dataclass(frozen=True)
class Verdict:
    """A file, what Chromium shows of it, and the sorts of differences to what it shows of the renditions."""

    drawn: Drawn
    shown: Shown
    differences: tuple[str, ...] = ()

    @property
    def unexplained(self) -> tuple[str, ...]:
        """The differences that docs/images.md does not state."""
        return tuple(found for found in self.differences if explanation(self.drawn, found) is None)


def judged(judge: Judge, files: Sequence[Drawn]) -> Iterator[Verdict]:
    """Yield the verdict on each file."""
    rendered = [_rendered(file) for file in files]
    asked = [(file.data, file.type) for file in files]
    asked += [(file.default, file.type) for file in files if file.default]
    asked += [
        (data, FORMATS[name])
        for renditions in rendered
        if isinstance(renditions, dict)
        for name, data in renditions.items()
    ]
    answers = iter(judge.shows(asked))
    shown = [next(answers) for _ in files]
    defaults = [next(answers) if file.default else None for file in files]
    sources = [as_documented(*each) for each in zip(files, shown, defaults, strict=True)]
    for file, renditions, source in zip(files, rendered, sources, strict=True):
        made = {name: next(answers) for name in renditions} if isinstance(renditions, dict) else renditions
        yield Verdict(file, source, tuple(_differences(judge, file, source, made)))


def _rendered(file: Drawn) -> dict[str, bytes] | str:
    """Return the renditions by name, or the reason of the reject, or the name of what else was raised."""
    finest = {name: _finest(name) for name in FINEST}
    try:
        # Pillow's JPEG encoder fails where a scan is larger than its buffer, as one without any loss may be.
        with patch.dict(encoders._OPTIONS, finest), patch.object(ImageFile, "MAXBLOCK", 1 << 20):
            done = render(file.data, SPECS, wanted=list(FORMATS), memory_bytes=MEMORY)
    except Reject as reject:
        return f"refused: {reject.reason}"
    except Exception as exc:  # noqa: BLE001 - a finding like any other.
        return f"escaped: {type(exc).__name__}"
    return {rendition.name: rendition.data for rendition in done.renditions}


def _finest(name: str) -> Callable[..., dict[str, Any]]:
    real = encoders._OPTIONS[name]
    return lambda *asked: {**real(*asked), **FINEST[name]}


def _differences(judge: Judge, file: Drawn, source: Shown, made: dict[str, Shown] | str) -> Iterator[str]:
    """Compare PNG and WebP, which lose nothing, with the source, and the others with them."""
    if isinstance(made, str):
        if source.still is not None:
            yield made
        return
    if source.still is None:
        yield "shown by the worker alone"
        return
    exact, png, webp, moves = DECODED[file.rough], made["png"], made["webp"], len(source.frames) > 1
    if file.type == FORMATS["avif"] and not moves:
        png, webp = (judge.as_avif(each, multiplied="premultiplied" in file.features) for each in (png, webp))
    found = [f"png: {each}" for each in _compared(source.still, png.still, exact)]
    found += [f"webp: {each}" for each in _compared_films(source, webp, exact)]
    yield from found or _differences_of_lossy(judge, source, made)


def _differences_of_lossy(judge: Judge, source: Shown, made: dict[str, Shown]) -> Iterator[str]:
    flat = made["png"].still and made["png"].still.on_white()
    yield from (f"jpeg: {each}" for each in _compared(flat, made["jpeg"].still, ENCODED))
    if len(source.frames) > 1:
        shown = replace(source, frames=tuple(_lasting(frame, MILLISECOND) for frame in source.frames))
    else:
        shown = judge.as_avif(made["webp"])
    yield from (f"avif: {each}" for each in _compared_films(shown, made["avif"], ENCODED))


def _lasting(frame: Frame, least: int) -> Frame:
    return replace(frame, duration=max(frame.duration, least))


def _compared(source: Frame | None, rendition: Frame | None, allowed: int) -> Iterator[str]:
    if source is None or rendition is None:
        yield "broken"
    elif source.size != rendition.size:
        yield "size"
    else:
        apart = np.abs(source.pixels - rendition.pixels)
        if apart[..., 3].max() > allowed:
            yield "alpha"
        elif apart.max() > allowed:
            yield f"colours by {'at most 8' if apart.max() <= 8 else 'more than 8'}"


def _compared_films(source: Shown, rendition: Shown, allowed: int) -> Iterator[str]:
    """Compare what is shown over time: encoders make one frame of two that are the same."""
    wanted, got = _timeline(source.frames), _timeline(rendition.frames)
    if len(wanted) != len(got):
        yield "frames"
        return
    found = (each for pair in zip(wanted, got, strict=True) for each in _compared(*pair, allowed))
    yield from islice(found, 1)
    if len(wanted) > 1:
        if [frame.duration for frame in wanted] != [frame.duration for frame in got]:
            yield "durations"
        if source.plays != rendition.plays:
            yield "plays"


def _timeline(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames, equal neighbours as one that lasts as long as both."""
    shown: list[Frame] = []
    for frame in frames:
        if shown and shown[-1].size == frame.size and np.array_equal(shown[-1].pixels, frame.pixels):
            shown[-1] = replace(frame, duration=shown[-1].duration + frame.duration)
        else:
            shown.append(frame)
    return shown
