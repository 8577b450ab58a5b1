"""Picture in, renditions out: bytes and frozen specs in, bytes and facts out.

Pure: no I/O, no clock, no environment, and nothing of Pillow's global state is changed, because a warm Lambda would keep
it. Every picture takes the same way:

    sniffing -> containers -> fit -> admission -> decoding -> unpacking, shrinking, colour, turning -> encoding

Exceptions of Pillow and the decoders become ours in `translation` and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PIL import Image

from worker.errors import EmptyFile
from worker.images.admission import admit, admit_file
from worker.images.animation import Film
from worker.images.colour import Colours, unpack
from worker.images.containers import read_header
from worker.images.decoding import Frame, decode_still, frames_of
from worker.images.encoding import encode, encode_lower, prepare
from worker.images.fit import GAP, Box, Size, Target
from worker.images.metadata import write_exif
from worker.images.plan import Plan, plan, reduction
from worker.images.translation import translated, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from worker.images.header import Header
    from worker.recipe import RenditionSpec

__all__ = ["Rendered", "Rendition", "SourceFacts", "render"]


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


_FILTERS: Final = {"JPEG": Image.Resampling.BICUBIC}
"""Where not Lanczos: photographs are the bulk of the work, the bicubic filter takes three quarters of the time, and what
the third lobe would keep is what JPEG has blurred (`python -m bench.render` compares the likeness and the bytes)."""

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


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
    admit_file(len(data), memory_bytes)
    header = read_header(data)
    colours = Colours(header.icc)
    planned = plan(header, specs)
    admit(planned, len(data), memory_bytes)
    files = _render_still(planned, colours, wanted, len(data)) | _render_animated(planned, colours, wanted, len(data))
    return Rendered(
        SourceFacts(header.format, *header.upright_size),
        tuple(
            Rendition(target.spec.name, files[target.spec.name], *target.size, target.spec.content_type)
            for target in planned.targets
            if target.spec.name in files
        ),
        (*header.notes, *colours.notes),
    )


def _render_still(planned: Plan, colours: Colours, wanted: Collection[str], limit: int) -> dict[str, bytes]:
    """Decode once, then make each rendition from the smallest picture so far that is at least twice as large."""
    if not any(target.spec.name in wanted for target in planned.still):
        return {}
    header, full = planned.header, planned.largest
    needed = header.swap_axes(full)
    with translated(header.format):
        # Only `_develop` holds the decoded picture, so that each step's input is freed when its output is there.
        made = {full: _develop(decode_still(header, needed), header, colours, needed)}
    made[full].info = {}
    files = {}
    for target in sorted(planned.still, key=lambda target: target.full, reverse=True):
        picture = _cut(_source_for(target, made), target)
        if target.size == target.full:
            made[target.full] = picture
        if target.spec.name in wanted:
            files[target.spec.name] = _encode(picture, target, header, limit)
    return files


def _render_animated(planned: Plan, colours: Colours, wanted: Collection[str], limit: int) -> dict[str, bytes]:
    """Decode the animation once per rendition, a frame at a time."""
    header = planned.header
    files: dict[str, bytes] = {}
    for target in planned.animated:
        if target.spec.name in wanted:
            encoders = (encode, encode_lower) if target.size == header.upright_size else (encode,)
            for encoder in encoders:
                data = _encode_film(header, colours, target, encoder)
                files[target.spec.name] = min(data, files.get(target.spec.name, data), key=len)
                if len(data) <= limit:
                    break
    return files


def _develop(image: Image.Image, header: Header, colours: Colours, needed: Size) -> Image.Image:
    """Return an upright 8-bit sRGB picture of the `needed` stored size: colour after size, because it costs less."""
    image = unpack(image, header)
    image = _shrink(image, header, needed)
    image = colours.to_srgb(image)
    return _upright(image, header.orientation)


def _shrink(image: Image.Image, header: Header, needed: Size) -> Image.Image:
    """Resample to the `needed` size; Pillow multiplies alpha in before and out after, so no fringes appear."""
    if needed == header.size:
        return image
    # A reduced JPEG is rounded up to whole pixels: only a part of the last ones is picture.
    scale = reduction(header, needed)
    box = (0, 0, header.width / scale, header.height / scale)
    return _resample(image, needed, box, _FILTERS.get(header.format, Image.Resampling.LANCZOS))


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    method = _TURNS.get(orientation)
    return image if method is None else image.transpose(method)


def _encode(picture: Image.Image, target: Target, header: Header, limit: int) -> bytes:
    """Encode; a picture as large as its source must not become a larger file: then once more, lower."""
    exif = _exif(header, target.spec)
    picture = prepare(picture, target.spec)
    with writing(target.spec.format, target.size):
        data = encode(picture, target.spec, exif)
        if target.size == header.upright_size and len(data) > limit:
            data = min(data, encode_lower(picture, target.spec, exif), key=len)
    return data


def _encode_film(header: Header, colours: Colours, target: Target, encoder: Callable[..., bytes]) -> bytes:
    needed = header.swap_axes(target.full)
    mode = "RGBA" if header.transparent else "RGB"

    def start() -> Callable[[int], Frame]:
        decode = frames_of(header)

        def frame(index: int) -> Frame:
            image, duration = decode(index)
            picture = _cut(_develop(image, header, colours, needed), target).convert(mode)
            picture.info = {}
            return picture, duration

        return frame

    with translated(header.format):
        film = Film(header, start)
        options = {"save_all": True, "duration": film.durations, "loop": header.plays}
        return encoder(film, target.spec, _exif(header, target.spec), **options)


def _exif(header: Header, spec: RenditionSpec) -> bytes:
    return write_exif(header.exif) if spec.keep_copyright else b""


def _source_for(target: Target, made: dict[Size, Image.Image]) -> Image.Image:
    enough = [
        size
        for size in made
        if size == target.full or (size[0] >= GAP * target.full[0] and size[1] >= GAP * target.full[1])
    ]
    return made[min(enough)] if enough else made[max(made)]


def _cut(image: Image.Image, target: Target) -> Image.Image:
    """Scale and cut out the middle in one go."""
    if image.size == target.size:
        return image
    box = target.box(image.size)
    if image.size == target.full:
        return image.crop(box)
    return _resample(image, target.size, box)


def _resample(image: Image.Image, size: Size, box: Box, by: Image.Resampling = Image.Resampling.LANCZOS) -> Image.Image:
    return image.resize(size, by, box, GAP)
