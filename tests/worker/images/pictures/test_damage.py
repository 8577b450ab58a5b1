from __future__ import annotations

import random

import pytest

from tests.worker.images.pictures import factories
from tests.worker.images.pictures.fuzz import SPECS, attempt
from tests.worker.images.pictures.seeds import seeds
from tests.worker.images.rendering import MEBIBYTE, rendered
from worker.contracts import errors
from worker.contracts.errors import CorruptImage, EmptyFile, Reject, TooLarge, Truncated, UnsupportedFormat
from worker.images import render
from worker.images.translation import translated

FILES = seeds()
FLIPS = 12
"""Damaged files of each seed in a test run; `make fuzz` renders thousands."""


def reject(data: bytes) -> Reject:
    """Return the error that the file is rejected with."""
    with pytest.raises(Reject) as caught:
        render(data, SPECS, wanted=[spec.name for spec in SPECS], memory_bytes=1769 * MEBIBYTE)
    return caught.value


@pytest.mark.parametrize("name", FILES)
def test_a_whole_file_is_rendered(name):
    """The seeds that the tests below damage are rendered."""
    assert attempt(FILES[name])[0] == "rendered"


@pytest.mark.parametrize("tenth", range(1, 10))
@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_off_is_truncated(name, tenth):
    """Cut at any tenth, each kind of file is rejected as `truncated`: neither rendered half grey nor retried."""
    error = reject(FILES[name][: len(FILES[name]) * tenth // 10])
    assert isinstance(error, Truncated)
    assert "Upload the whole file again" in error.detail


@pytest.mark.parametrize("name", FILES)
def test_the_first_bytes_of_a_format_alone_are_rejected(name):
    """A few dozen bytes, the beginning of a format, are rejected."""
    for length in (12, 16, 20, 32):
        assert isinstance(reject(FILES[name][:length]), Truncated | CorruptImage | UnsupportedFormat)


def test_no_bytes_are_an_empty_file():
    """An empty file has a reason of its own."""
    assert isinstance(reject(b""), EmptyFile)


@pytest.mark.parametrize("name", FILES)
def test_flipped_bits_raise_only_rejects(name):
    """Whatever is damaged, the file is rendered or rejected with a detail; no other exception is raised."""
    for index in range(FLIPS):
        seed = f"{name}/{index}"
        print(seed)  # noqa: T201 - shown when it fails.
        outcome, _ = attempt(factories.mutate(FILES[name], random.Random(seed)))
        assert outcome == "rendered" or outcome in {leaf.reason for leaf in errors.leaves(Reject)}


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "gif", "avif", "heic", "tiff", "bmp"])
def test_zeros_in_the_middle_raise_only_rejects(name):
    """A block of zeros, as a broken disk leaves it, is rendered or rejected."""
    data = FILES[name]
    third = len(data) // 3
    outcome, _ = attempt(data[:third] + bytes(third) + data[2 * third :])
    assert not outcome.startswith("ESCAPED")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (OSError("image file is truncated (3 bytes not processed)"), Truncated),
        (EOFError(), Truncated),
        (OSError("broken data stream"), CorruptImage),
        (OSError("Unsupported BMP compression (4)"), UnsupportedFormat),
        (SyntaxError("unknown pixel mode"), UnsupportedFormat),
        (MemoryError(), TooLarge),
        (ZeroDivisionError("division by zero"), CorruptImage),
        (KeyError("x"), CorruptImage),
    ],
)
def test_decoders_errors_are_translated(raised, expected):
    """A decoder's exception becomes one of ours, with the decoder's message in the detail and the cause kept."""
    with pytest.raises(expected) as caught, translated("JPEG"):
        raise raised
    assert caught.value.__cause__ is raised
    assert str(raised) in caught.value.detail or not str(raised)


def test_rejects_are_not_translated():
    """A reject that is raised inside is not wrapped in another."""
    error = Truncated("cut")
    with pytest.raises(Truncated) as caught, translated("JPEG"):
        raise error
    assert caught.value is error


def test_errors_that_no_decoder_raises_are_not_translated():
    """A bug of ours is not reported as a broken picture."""
    with pytest.raises(KeyboardInterrupt), translated("JPEG"):
        raise KeyboardInterrupt


def test_details_carry_no_memory_address():
    """The same damage gives the same detail every time."""
    with pytest.raises(CorruptImage) as caught, translated("PNG"):
        raise ValueError("cannot identify <BytesIO object at 0x7f0000aa>")
    assert "0x" not in caught.value.detail


def test_a_png_with_cut_pixels_and_an_end_mark_is_truncated():
    """A PNG whose compressed pixels are cut, but which has its end mark, is `truncated`."""
    whole = factories.encode(factories.scene(64, 64), "PNG")
    at = whole.index(b"IDAT")
    pixels = whole[at + 4 : at + 4 + int.from_bytes(whole[at - 4 : at], "big") // 2]
    with pytest.raises(Truncated):
        rendered(whole[: at - 4] + factories.chunk(b"IDAT", pixels) + factories.chunk(b"IEND", b""))


def test_a_header_without_any_marker_ends():
    """Noise after a JPEG's first bytes is rejected at once: a search without a match must not start again."""
    assert isinstance(reject(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)), Truncated)
