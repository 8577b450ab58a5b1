"""Renditions that keep every frame of an animation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.contracts.notes import DURATIONS_CLAMPED, LOOPS_CLAMPED
from worker.images.encoding.animation import Animation
from worker.images.encoding.encoders import encode, encode_lower
from worker.images.encoding.timing import MAX_DURATION, MAX_PLAYS, duration_in
from worker.images.look import look_of
from worker.images.pixels.blank import is_blank
from worker.images.pixels.decoding import frames_of
from worker.images.pixels.normalising import normalise
from worker.images.pixels.resampling import scale_and_crop
from worker.images.planning.fit import area
from worker.images.translation import translated, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from PIL import Image

    from worker.images.headers.header import Header
    from worker.images.pixels.colour import Colours
    from worker.images.pixels.frames import Frame
    from worker.images.planning.fit import Target
    from worker.images.planning.plan import Plan
    from worker.images.renditions.made import Made


def render_animated(planned: Plan, colours: Colours, wanted: Collection[str], source_bytes: int, made: Made) -> None:
    """Add the wanted animated renditions to `made`; for each, the source is decoded a frame at a time.

    Where no rendition is still, the look is of the first frame.

    `source_bytes` is the size of the source file: a rendition of the same size in pixels that became a larger file is
    encoded once more at a lower quality.
    """
    header = planned.header
    for target in planned.animated:
        if target.spec.name in wanted:
            encoders = (encode, encode_lower) if target.size == header.upright_size else (encode,)
            for encoder in encoders:
                data = _encode(header, colours, target, encoder, made)
                made.files[target.spec.name] = min(data, made.files.get(target.spec.name, data), key=len)
                if len(data) <= source_bytes:
                    break
    if not planned.still:
        made.look = look_of(_first_frame(planned, colours))


def _first_frame(planned: Plan, colours: Colours) -> Image.Image:
    """Decode the first frame once more, in the size of the smallest rendition and not cropped."""
    header = planned.header
    needed = header.swap_axes(min((target.full for target in planned.animated), key=area))
    with translated(header.format):
        return normalise(frames_of(header)(0)[0], header, colours, needed)


def _encode(header: Header, colours: Colours, target: Target, encoder: Callable[..., bytes], made: Made) -> bytes:
    name = target.spec.format
    needed = header.swap_axes(target.full)
    mode = "RGBA" if header.transparent else "RGB"

    def start() -> Callable[[int], Frame]:
        with translated(header.format):
            decode = frames_of(header)

        def frame(index: int) -> Frame:
            with translated(header.format):
                image, duration = decode(index)
                picture = scale_and_crop(normalise(image, header, colours, needed), target).convert(mode)
            picture.info = {}
            made.blank &= is_blank(picture)
            if duration > MAX_DURATION[name]:
                made.notes.add(DURATIONS_CLAMPED)
            return picture, duration_in(name, duration)

        return frame

    plays = min(header.plays, MAX_PLAYS[name])
    if plays < header.plays:
        made.notes.add(LOOPS_CLAMPED)
    animation = Animation(header.frames, start)
    with writing(name, target.size):
        options = {"save_all": True, "duration": animation.durations, "loop": plays}
        return encoder(animation, target.spec, header.exif, **options)
