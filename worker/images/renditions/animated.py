"""Renditions that keep every frame of an animation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.images.encoding.animation import Animation
from worker.images.encoding.encoders import encode, encode_lower
from worker.images.pixels.decoding import frames_of
from worker.images.pixels.normalising import normalise
from worker.images.pixels.resampling import scale_and_crop
from worker.images.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from worker.images.headers.header import Header
    from worker.images.pixels.colour import Colours
    from worker.images.pixels.frames import Frame
    from worker.images.planning.fit import Target
    from worker.images.planning.plan import Plan


def render_animated(planned: Plan, colours: Colours, wanted: Collection[str], source_bytes: int) -> dict[str, bytes]:
    """Return the wanted animated renditions by name; for each, the source is decoded a frame at a time.

    `source_bytes` is the size of the source file: a rendition of the same size in pixels that became a larger file is
    encoded once more at a lower quality.
    """
    header = planned.header
    files: dict[str, bytes] = {}
    for target in planned.animated:
        if target.spec.name in wanted:
            encoders = (encode, encode_lower) if target.size == header.upright_size else (encode,)
            for encoder in encoders:
                data = _encode(header, colours, target, encoder)
                files[target.spec.name] = min(data, files.get(target.spec.name, data), key=len)
                if len(data) <= source_bytes:
                    break
    return files


def _encode(header: Header, colours: Colours, target: Target, encoder: Callable[..., bytes]) -> bytes:
    needed = header.swap_axes(target.full)
    mode = "RGBA" if header.transparent else "RGB"

    def start() -> Callable[[int], Frame]:
        decode = frames_of(header)

        def frame(index: int) -> Frame:
            image, duration = decode(header.first_frame + index)
            picture = scale_and_crop(normalise(image, header, colours, needed), target).convert(mode)
            picture.info = {}
            return picture, duration

        return frame

    with translated(header.format):
        animation = Animation(header.frames, start)
        options = {"save_all": True, "duration": animation.durations, "loop": header.plays}
        return encoder(animation, target.spec, header.exif, **options)
