"""AVIF headers, read by libavif through the decoder object that Pillow's plugin uses.

The plugin itself would use one thread per processor, with memory for each, and fail if EXIF is damaged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PIL import _avif

from worker.contracts.errors import CorruptImage
from worker.images.containers import av1
from worker.images.containers.boxes import check_complete
from worker.images.containers.exif import read_exif
from worker.images.containers.repetition import read_plays
from worker.images.headers.header import Header
from worker.images.translation import translated

if TYPE_CHECKING:
    from worker.images.containers.obu import Sequence

_PLANES: Final = {0: 3}
"""Bytes per pixel of 16-bit planes, by AV1 profile: 4:2:0 in the main profile, up to 4:4:4 (6 bytes) in the others."""
_PADDING: Final = 64
"""Pixels that a frame may be larger than its picture: encoders round up to whole blocks."""


def open_decoder(payload: bytes) -> _avif.AvifDecoder:
    """Open the file with one thread, so that decoding takes the same memory everywhere."""
    return _avif.AvifDecoder(payload, "dav1d", 1)


def read(data: bytes) -> Header:
    """Read the header.

    The orientation is that of the `irot` and `imir` boxes, which libavif does not apply. EXIF's is ignored, as
    ISO/IEC 23008-12 requires.

    Raises:
        Truncated: A box reaches beyond the file.
        CorruptImage: libavif cannot read it, or it contradicts itself about its size.
    """
    check_complete(data, "AVIF")
    with translated("AVIF"):
        (width, height), frames, mode, icc, exif, orientation, _ = open_decoder(data).get_info()
        plays = read_plays(data)
    found = _sequences(data, width, height)
    # Every channel counted with 16 bits.
    planes = width * height * max((_PLANES.get(one.profile, 6) for one in found), default=6)
    pixel = len(mode)
    if mode == "RGBA" and found and all(one.grey for one in found):
        mode = "LA"  # Pillow decodes it as RGBA; a profile of greys needs greys.
    return Header(
        "AVIF",
        width,
        height,
        mode,
        data,
        transparent=mode.lower().endswith("a"),
        frames=frames,
        plays=plays,
        orientation=orientation,
        icc=icc,
        exif=read_exif(exif or b""),
        buffers=width * height * pixel + 2 * planes,
    )


def _sequences(data: bytes, width: int, height: int) -> list[Sequence]:
    """Return the sequence headers of the file.

    Raises:
        CorruptImage: The AV1 stream holds larger frames than the container states.
    """
    with translated("AVIF"):
        found = av1.sequences(data)
    if any(one.width > width + _PADDING or one.height > height + _PADDING for one in found):
        raise CorruptImage("The AVIF contradicts itself about its size. Save the picture again and upload it.")
    return found
