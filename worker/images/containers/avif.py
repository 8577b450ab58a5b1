"""AVIF: libavif reads its header, through the decoder object beneath Pillow's plugin.

Not through the plugin: that would use as many threads, and as much memory, as the computer happens to have, and fail
where EXIF is damaged.
"""

from __future__ import annotations

from PIL import _avif

from worker.images.containers.boxes import check_complete
from worker.images.header import Header
from worker.images.metadata import read_exif
from worker.images.translation import translated


def open_decoder(payload: bytes) -> _avif.AvifDecoder:
    """Open the file with one thread, so that its memory is the same everywhere."""
    return _avif.AvifDecoder(payload, "dav1d", 1)


def read(data: bytes) -> Header:
    """Read the header.

    The orientation is that of the `irot` and `imir` boxes, which libavif does not apply; EXIF's is ignored, as
    ISO/IEC 23008-12 demands.

    Raises:
        Truncated: A box reaches beyond the file.
        CorruptImage: libavif does not take it.
    """
    check_complete(data, "AVIF")
    with translated("AVIF"):
        (width, height), frames, mode, icc, exif, orientation, _ = open_decoder(data).get_info()
    tags = read_exif(exif or b"")
    return Header(
        "AVIF",
        width,
        height,
        mode,
        data,
        transparent=mode.lower().endswith("a"),
        frames=frames,
        orientation=orientation,
        icc=icc,
        artist=tags.artist,
        copyright=tags.copyright,
    )
