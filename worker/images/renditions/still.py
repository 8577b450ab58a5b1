"""Renditions that show one frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.images.encoding.encoders import encode, encode_lower, prepare
from worker.images.look import look_of
from worker.images.pixels.blank import is_blank
from worker.images.pixels.decoding import decode_still
from worker.images.pixels.normalising import normalise
from worker.images.pixels.resampling import scale_and_crop, size_to_scale
from worker.images.planning.fit import area
from worker.images.translation import translated, writing

if TYPE_CHECKING:
    from collections.abc import Collection

    from PIL import Image

    from worker.images.headers.header import Header
    from worker.images.pixels.colour import Colours
    from worker.images.planning.fit import Target
    from worker.images.planning.plan import Plan
    from worker.images.renditions.made import Made


def render_still(planned: Plan, colours: Colours, wanted: Collection[str], source_bytes: int, made: Made) -> None:
    """Add the wanted still renditions to `made`, and the look, all from one decoded picture.

    Which are wanted changes no pixel: whole ones that are not are scaled, too. Each is made from the smallest picture so far
    that is at least twice as large, and before any is encoded: pixels that were just written are the fastest to read.
    `source_bytes` is the size of the source file: a rendition of the same size in pixels that became a larger file is encoded once
    more.
    """
    if not planned.still:
        return
    header, full = planned.header, planned.largest
    needed = header.swap_axes(full)
    with translated(header.format):
        # No variable here, so that only `normalise` holds the decoded picture and can free it.
        scaled = {full: normalise(decode_still(header, needed), header, colours, needed)}
    scaled[full].info = {}
    made.blank &= is_blank(scaled[full])
    for target in sorted(planned.still, key=lambda target: target.full, reverse=True):
        if target.size == target.full:
            scaled[target.full] = scale_and_crop(scaled[size_to_scale(target.full, scaled)], target)
    made.look = look_of(scaled[min(scaled, key=area)])  # No crop is ever in `scaled`.
    for target in planned.still:
        if target.spec.name in wanted:
            picture = scale_and_crop(scaled[size_to_scale(target.full, scaled)], target)
            made.files[target.spec.name] = _encode(picture, target, header, source_bytes)


def _encode(picture: Image.Image, target: Target, header: Header, source_bytes: int) -> bytes:
    """Encode; if a picture as large as its source became a larger file, encode once more at a lower quality."""
    picture = prepare(picture, target.spec)
    with writing(target.spec.format, target.size):
        data = encode(picture, target.spec, header.exif)
        if target.size == header.upright_size and len(data) > source_bytes:
            data = min(data, encode_lower(picture, target.spec, header.exif), key=len)
    return data
