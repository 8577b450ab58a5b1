"""The only place where exceptions of Pillow, pillow-heif and their libraries become ours."""

from __future__ import annotations

import re
import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageCms

from worker.contracts.errors import CorruptImage, EncoderFailed, PipelineError, TooLarge, Truncated, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

FOREIGN: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    ImageCms.PyCMSError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    Warning,
    struct.error,
    zlib.error,
)
"""What decoders raise on damaged files, the rarer ones found by fuzzing."""

_TRUNCATED: Final = re.compile(
    r"truncat|unexpected end|end of file|not enough|premature|incomplete|no more images", re.IGNORECASE
)
_OTHER: Final = "Choose a smaller size or another format for this rendition."
_UNSUPPORTED: Final = re.compile(r"unknown pixel mode|unsupported", re.IGNORECASE)


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Translate what a decoder raises on a file of the format `name`.

    Raises:
        TooLarge: The decoder asked for more memory than there is, or exceeds Pillow's limit.
        Truncated: The decoder ran out of bytes.
        UnsupportedFormat: The decoder knows the format, but not this variant.
        CorruptImage: Any other exception of a decoder.
    """
    try:
        yield
    except PipelineError:
        raise
    except (MemoryError, Image.DecompressionBombError) as exc:
        raise TooLarge(
            f"The {name} needs more memory than any setting gives ({_brief(exc)}). Upload a smaller picture."
        ) from exc
    except FOREIGN as exc:
        if isinstance(exc, EOFError) or _TRUNCATED.search(str(exc)):
            raise Truncated(
                f"The {name} ends before its picture does ({_brief(exc)}). Upload the whole file again."
            ) from exc
        if _UNSUPPORTED.search(str(exc)):
            raise UnsupportedFormat(
                f"The {name} is of a rare kind ({_brief(exc)}). Save it with 8 bits per channel as an ordinary {name}, "
                "PNG or JPEG and upload it again."
            ) from exc
        raise CorruptImage(
            f"The {name} is damaged and cannot be decoded ({_brief(exc)}). Open it, save it anew and upload it again."
        ) from exc


@contextmanager
def writing(name: str, size: tuple[int, int]) -> Iterator[None]:
    """Translate what an encoder of the format `name` raises on a picture of `size`.

    Raises:
        TooLarge: The encoder asked for more memory than there is.
        EncoderFailed: Any other exception of an encoder. The source has been decoded, so it is no fault of the source.
    """
    try:
        yield
    except MemoryError as exc:
        raise TooLarge(f"No {name} of {size[0]} x {size[1]} pixels fits into memory. {_OTHER}") from exc
    except FOREIGN as exc:
        raise EncoderFailed(
            f"No {name} of {size[0]} x {size[1]} pixels can be written ({_brief(exc)}). {_OTHER}"
        ) from exc


def _brief(exc: BaseException) -> str:
    """Return the exception's message without memory addresses, short enough for an SQS message attribute."""
    return re.sub(r"\s+at 0x[0-9a-f]+", "", str(exc))[:200] or type(exc).__name__
