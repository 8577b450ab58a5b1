from __future__ import annotations

import pytest
from PIL import Image

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, frames, output, picture, pixel, rendered
from worker.contracts.errors import CorruptImage, TooLarge
from worker.images.headers import gif


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.gif((4, 4), []), "no picture"),
        (factories.gif((4, 4), [], b"\x00\x00"), "damaged"),
        (factories.gif((4, 4), [], factories.gif_frame((0, 0, 4, 0), 0)), "without a size"),
    ],
)
def test_a_gif_without_a_picture_is_corrupt(data, said):
    """No frame, a block of an unknown kind and a frame without pixels are corrupt."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


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
