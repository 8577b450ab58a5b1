"""What an APNG shows that breaks the rules of its format. Chromium 156 shows the same, unless a test says otherwise."""

from __future__ import annotations

import random
import struct
import zlib

import pytest

from tests.worker.images.pictures.animations import apng, control, header
from tests.worker.images.pictures.factories import chunk
from tests.worker.images.rendering import frames, output, picture, pixel, rendered
from worker.contracts.errors import CorruptImage
from worker.contracts.notes import FRAMES_DROPPED

SIDE = 8
RED, GREEN, BLUE, YELLOW = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (255, 255, 0, 255)
ALL, PART = (0, 0, SIDE, SIDE), (2, 2, 4, 4)


def rows(colour: tuple[int, ...], width: int = SIDE, height: int = SIDE) -> bytes:
    """Return compressed rows of one colour."""
    return zlib.compress((b"\0" + bytes(colour) * width) * height)


def stated(count: int, plays: int = 0) -> bytes:
    """Return the chunk that states the number of frames."""
    return chunk(b"acTL", struct.pack(">II", count, plays))


def default(colour: tuple[int, ...]) -> bytes:
    """Return the pixels of the default image."""
    return chunk(b"IDAT", rows(colour))


def part(sequence: int, colour: tuple[int, ...], box: tuple[int, int, int, int] = PART) -> bytes:
    """Return the pixels of a later frame."""
    return chunk(b"fdAT", struct.pack(">I", sequence) + rows(colour, *box[2:]))


FIRST = (header(SIDE, SIDE), stated(2), control(0, ALL), default(RED))
SECOND = (control(1, PART), part(2, GREEN))
THIRD = (control(3, PART), part(4, BLUE))


def shown(data: bytes) -> list[tuple[int, ...]]:
    """Return the colour in the middle of each frame."""
    return [pixel(image, (3, 3)) for image, _ in frames(output(data, animated=True))]


def test_a_film_without_faults_has_no_note():
    """Two frames are stated, and there are two."""
    assert shown(apng(*FIRST, *SECOND)) == [RED, GREEN]
    assert rendered(apng(*FIRST, *SECOND), animated=True).notes == ()


@pytest.mark.parametrize(
    ("what", "chunks", "expected"),
    [
        ("a gap in the sequence", (*FIRST, control(5, PART), part(6, GREEN)), [RED]),
        ("a repeated number", (*FIRST, control(0, PART), part(1, GREEN)), [RED]),
        ("a gap before the third", (header(SIDE, SIDE), stated(3), *FIRST[2:], *SECOND, control(9, PART)), [RED, GREEN]),
        ("more frames stated", (header(SIDE, SIDE), stated(3), *FIRST[2:], *SECOND), [RED, GREEN]),
        ("fewer frames stated", (*FIRST, *SECOND, *THIRD), [RED, GREEN]),
        ("one frame stated", (header(SIDE, SIDE), stated(1), *FIRST[2:], *SECOND), [RED]),
        ("no frames stated", (header(SIDE, SIDE), stated(0), *FIRST[2:], *SECOND), [RED]),
        ("plays beyond any integer", (header(SIDE, SIDE), stated(2, 1 << 31), *FIRST[2:], *SECOND), [RED]),
        ("no number stated", (header(SIDE, SIDE), *FIRST[2:], *SECOND), [RED]),
        ("the number after the pixels", (header(SIDE, SIDE), *FIRST[2:], stated(2), *SECOND), [RED]),
        ("a frame beyond the canvas", (*FIRST, control(1, (6, 6, 4, 4)), part(2, GREEN)), [RED]),
        ("a frame without a side", (*FIRST, control(1, (2, 2, 0, 4)), part(2, GREEN)), [RED]),
        ("an unknown disposal", (*FIRST, control(1, PART, ops=b"\3\0"), part(2, GREEN)), [RED]),
        ("an unknown blending", (*FIRST, control(1, PART, ops=b"\0\2"), part(2, GREEN)), [RED]),
        ("a control chunk cut short", (*FIRST, chunk(b"fcTL", struct.pack(">I", 1)), part(2, GREEN)), [RED]),
        ("a last frame without pixels", (*FIRST, control(1, PART)), [RED]),
        ("a frame without pixels", (header(SIDE, SIDE), stated(3), *FIRST[2:], control(1, PART), control(2, PART), part(3, BLUE)), [RED, BLUE]),
    ],
)  # fmt: skip
def test_an_animation_ends_before_the_frame_that_breaks_a_rule(what, chunks, expected):
    """Frames up to the damage are shown, and the note says that others are not."""
    assert shown(apng(*chunks)) == expected, what
    assert rendered(apng(*chunks), animated=True).notes == (FRAMES_DROPPED,)


@pytest.mark.parametrize(
    "first",
    [control(1, ALL), control(0, PART), control(0, ALL, ops=b"\7\0"), control(0, ALL, ops=b"\0\5")],
)
def test_a_fault_in_the_first_frame_leaves_the_default_image(first):
    """As the specification advises; Chromium shows nothing."""
    data = apng(header(SIDE, SIDE), stated(2), first, default(RED), *SECOND)
    assert shown(data) == [RED]
    assert rendered(data, animated=True).notes == (FRAMES_DROPPED,)


def test_a_default_image_apart_is_no_frame():
    """It is what still renditions show; the first frame may be smaller than it, over nothing."""
    data = apng(
        header(SIDE, SIDE),
        stated(2),
        default(YELLOW),
        control(0, PART),
        part(1, RED),
        control(2, ALL),
        part(3, GREEN, ALL),
    )
    made = frames(output(data, animated=True))
    assert [pixel(made[0][0], at)[3] for at in ((0, 0), (3, 3))] == [0, 255]
    assert [pixel(image, (3, 3)) for image, _ in made] == [RED, GREEN]
    assert pixel(picture(data).convert("RGBA")) == YELLOW


def test_two_control_chunks_before_the_pixels():
    """The last one counts."""
    data = apng(
        *FIRST[:2], control(0, ALL, (1, 1)), control(1, ALL, (1, 2)), default(RED), control(2, PART), part(3, GREEN)
    )
    assert [(pixel(image, (3, 3)), delay) for image, delay in frames(output(data, animated=True))] == [
        (RED, 500),
        (GREEN, 100),
    ]


def test_a_delay_over_zero_is_in_hundredths():
    """A denominator of zero means 100."""
    data = apng(*FIRST[:2], control(0, ALL, (7, 0)), default(RED), *SECOND)
    assert [delay for _, delay in frames(output(data, animated=True))] == [70, 100]


def test_a_first_frame_is_disposed_of_to_nothing():
    """Nothing was there before it."""
    data = apng(*FIRST[:2], control(0, ALL, ops=b"\2\0"), default(RED), *SECOND)
    second = frames(output(data, animated=True))[1][0]
    assert [pixel(second, at) for at in ((0, 0), (3, 3))] == [(0, 0, 0, 0), GREEN]


def test_a_wrong_checksum_in_a_frame_is_damage():
    """Chromium drops the frame; the file was damaged on its way, and the original is better."""
    data = bytearray(apng(*FIRST, *SECOND))
    data[data.rindex(b"fcTL") + 10] ^= 1
    with pytest.raises(CorruptImage, match="checksum"):
        rendered(bytes(data), animated=True)


def test_a_frame_may_come_in_many_pieces():
    """Forty thousand chunks of a byte each make the pixels of one frame."""
    side, noise = 100, random.Random(1).randbytes(40_000)
    stored = zlib.compress(b"".join(b"\0" + noise[at : at + 4 * side] for at in range(0, len(noise), 4 * side)), 0)
    pieces = [chunk(b"fdAT", struct.pack(">IB", number, byte)) for number, byte in enumerate(stored, 2)]
    first = (header(side, side), stated(2), control(0, (0, 0, side, side)), chunk(b"IDAT", rows(RED, side, side)))
    made = frames(output(apng(*first, control(1, (0, 0, side, side)), *pieces), animated=True))
    assert made[1][0].tobytes() == noise
