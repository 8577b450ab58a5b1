from __future__ import annotations

import pytest
from PIL import Image

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, frames, output, picture, pixel, rendered
from worker.contracts.errors import CorruptImage, TooLarge, Truncated
from worker.contracts.notes import NO_END_MARK
from worker.images.headers import gif


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.gif((4, 4), []), "no picture"),
        (factories.gif((4, 4), [], b"\x77" * 20), "damaged"),
        (factories.gif((4, 4), [], factories.gif_frame((0, 0, 4, 0), 0)), "without a size"),
    ],
)
def test_a_gif_without_a_picture_is_corrupt(data, said):
    """No frame, a block of an unknown kind and a frame without pixels are corrupt."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


WHOLE = factories.gif(
    (8, 8), [(0, 0, 0), (255, 0, 0)], factories.gif_frame((0, 0, 8, 8), 1), factories.gif_frame((2, 2, 4, 4), 0)
)


@pytest.mark.parametrize(
    "data", [WHOLE[:-1], WHOLE[:-1] + bytes(5), WHOLE[:-1] + bytes(5) + b";", WHOLE[:-1] + b"\r\n"]
)
def test_a_gif_without_an_end_mark_is_whole(data):
    """No trailer, or zero bytes or a line end before or instead of it: every pixel is there, and a note says what was odd."""
    assert rendered(WHOLE).notes == ()
    assert rendered(data, animated=True).notes == (NO_END_MARK,)
    for (made, _), (whole, _) in zip(
        frames(output(data, animated=True)), frames(output(WHOLE, animated=True)), strict=True
    ):
        assert difference(made, whole) == 0


def test_a_gif_that_ends_within_a_block_is_truncated():
    """Cut anywhere but at the end of a frame, a GIF lacks pixels."""
    ends = {WHOLE.rindex(b"!"), len(WHOLE) - 1}
    for at in range(6, len(WHOLE)):
        if at not in ends:
            with pytest.raises(Truncated):
                rendered(WHOLE[:at])


def test_a_control_block_without_contents_is_ignored():
    """The frame after it has no delay and no transparency."""
    frame = factories.gif_frame((0, 0, 4, 4), 1)
    data = factories.gif((4, 4), [(0, 0, 0), (255, 0, 0)], b"!\xf9\x00", frame[frame.index(b",") :])
    assert pixel(picture(data)) == (255, 0, 0)


def test_zero_bytes_between_frames_are_damage():
    """Browsers end the animation there; what follows would be lost in silence."""
    frame = factories.gif_frame((0, 0, 4, 4), 0)
    with pytest.raises(CorruptImage, match="damaged"):
        rendered(factories.gif((4, 4), [], frame, bytes(2), frame))


def test_a_gif_of_countless_frames_is_refused():
    """More than 20,000 frames are refused."""
    frame = factories.gif_frame((0, 0, 1, 1), 0)
    with pytest.raises(TooLarge, match="frames"):
        rendered(factories.gif((1, 1), [], frame * (gif.MAX_FRAMES + 1)))


def test_a_first_frame_beyond_the_screen_makes_the_canvas_larger():
    """A first frame larger than the stated screen is not cropped, as in browsers."""
    data = factories.gif((1, 1), [(0, 0, 0), (255, 0, 0)], factories.gif_frame((0, 0, 5, 4), 1))
    assert rendered(data).source.width == 5
    assert pixel(picture(data).convert("RGB"), (4, 3)) == (255, 0, 0)


def test_a_palette_of_a_frame_s_own_is_used():
    """A frame with a local palette has its colours, one without the global ones."""
    data = factories.encode(
        Image.new("RGB", (8, 8), "red"), "GIF", save_all=True, append_images=[Image.new("RGB", (8, 8), "lime")]
    )
    shown = [pixel(frame) for frame, _ in frames(output(data, animated=True))]
    assert shown == [(255, 0, 0, 255), (0, 255, 0, 255)]


def test_interlaced_gifs_are_deinterlaced():
    """The rows of an interlaced GIF come in four passes."""
    image = factories.scene(40, 30).quantize(64)
    data = factories.encode(image, "GIF", interlace=1)
    assert difference(picture(data), image.convert("RGB")) == 0
