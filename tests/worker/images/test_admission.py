from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import MEBIBYTE, rendered
from worker.contracts.errors import TooLarge
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, RenditionSpec
from worker.images.admission import admit
from worker.images.admission import estimate as estimation
from worker.images.admission.estimate import estimate
from worker.images.admission.limits import MAX_MEMORY
from worker.images.headers.header import Header
from worker.images.headers.reading import read_header
from worker.images.headers.sniffing import FORMATS
from worker.images.pixels import decoding
from worker.images.planning.plan import plan

CAMERA = 12_000_000
"""Bytes of a large camera JPEG."""


def judged(header: Header, memory: int, file_bytes: int = CAMERA, specs=DEFAULT_RENDITIONS) -> None:
    """Admit the header's picture into `memory` MB or raise."""
    admit(plan(header, specs), file_bytes, memory * MEBIBYTE)


def needed(header: Header, file_bytes: int = CAMERA, specs=DEFAULT_RENDITIONS) -> int:
    """Return the estimate in bytes."""
    return estimate(plan(header, specs), file_bytes)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize(("width", "height"), [(6000, 4000), (8256, 5504), (8688, 5792)])
def test_camera_photos_fit_into_the_smallest_function(width, height, progressive):
    """JPEGs of 24, 45 and 50 megapixels pass at 512 MB with the default renditions, progressive ones too."""
    judged(read_header(factories.jpeg_header(width, height, progressive=progressive)), 512)


@pytest.mark.parametrize(("size", "file_bytes"), [((4032, 3024), 3_000_000), ((4284, 5712), 5_000_000)])
def test_phone_photos_in_heic_fit_into_the_smallest_function(size, file_bytes):
    """HEICs of 12 and 24 megapixels pass at 512 MB."""
    header = Header("HEIF", size[0], size[1], "RGB", bytes(1), buffers=5 * size[0] * size[1])
    judged(header, 512, file_bytes)


@pytest.mark.parametrize(("memory", "fits"), [(512, False), (1769, True)])
def test_a_200_megapixel_progressive_jpeg_needs_the_larger_function(memory, fits):
    """Its coefficients alone are 600 MB: refused at 512 MB, taken at 1769 MB."""
    header = read_header(factories.jpeg_header(16_320, 12_240, progressive=True))
    if fits:
        judged(header, memory)
    else:
        with pytest.raises(TooLarge):
            judged(header, memory)


def test_a_200_megapixel_baseline_jpeg_is_decoded_reduced():
    """Decoded at an eighth, the largest phone photo fits into 512 MB."""
    judged(read_header(factories.jpeg_header(16_320, 12_240)), 512)


def test_a_jpeg_of_many_scans_is_held_whole_like_a_progressive_one():
    """A baseline JPEG whose channels come in scans of their own needs its coefficients too."""
    one = factories.jpeg_header(6000, 4000)
    split = one.replace(b"\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00", b"\xff\xda\x00\x08\x01\x01\x00")
    assert read_header(one).buffers == 0
    assert read_header(split).buffers == read_header(factories.jpeg_header(6000, 4000, progressive=True)).buffers > 0


def test_the_refusal_names_the_estimate_the_limit_and_what_would_be_enough():
    """`too-large` names the megabytes needed and available, the memory to set, and the alternative."""
    header = Header("PNG", 20_000, 20_000, "RGBA", b"", transparent=True)
    with pytest.raises(TooLarge) as caught:
        judged(header, 512, 200_000)
    detail = caught.value.detail
    assert re.search(r"The PNG of 20000 x 20000 pixels needs about [\d]+ MB, the worker has 512 MB", detail)
    assert re.search(r"set worker\.memory to \d+ \(MB\) or upload a smaller picture", detail)


@given(
    st.sampled_from(("JPEG", "PNG", "TIFF", "WEBP")),
    st.integers(1, 20_000),
    st.integers(1, 20_000),
    st.sampled_from(("1", "L", "LA", "RGB", "RGBA", "P", "I;16")),
    st.integers(0, 10**9),
)
def test_the_memory_that_a_refusal_names_is_enough_and_not_too_much(format_, width, height, mode, buffers):
    """With `worker.memory` as the detail says the picture is admitted; with one step less it is not."""
    header = Header(format_, width, height, mode, b"", buffers=buffers)
    try:
        judged(header, 512)
    except TooLarge as exc:
        advice = re.search(r"set worker\.memory to (\d+)", exc.detail)
        if advice is None:
            with pytest.raises(TooLarge):
                judged(header, MAX_MEMORY)
        else:
            judged(header, int(advice[1]))
            with pytest.raises(TooLarge):
                judged(header, int(advice[1]) - 65)


def test_no_memory_is_named_beyond_what_lambda_gives():
    """If not even 10,240 MB would be enough, the only advice is a smaller picture."""
    with pytest.raises(TooLarge) as caught:
        judged(Header("PNG", 60_000, 60_000, "RGBA", b""), 512)
    assert "worker.memory" not in caught.value.detail
    assert caught.value.detail.endswith("upload a smaller picture.")


@pytest.mark.parametrize(
    "data",
    [
        factories.png(65_000, 65_000, 16, 6, b""),
        factories.png(65_000, 65_000, 1, 0, b""),
        factories.jpeg_header(65_500, 65_500, progressive=True),
        factories.gif((65_535, 65_535), [(0, 0, 0)], factories.gif_frame((0, 0, 1, 1), 0)),
        factories.gif(
            (9, 9), [(0, 0, 0)], factories.gif_frame((0, 0, 9, 9), 0), factories.gif_frame((0, 0, 65_535, 10), 0)
        ).replace(b"\xff\xff\x0a\x00\x00\x07", b"\xff\xff\xff\xff\x00\x07"),
        factories.tiff((65_000, 65_000), 1, 1, bytes(9), tags={259: (3, [4])}),
    ],
    ids=["png", "png-bilevel", "jpeg", "gif", "gif-frame", "tiff"],
)
def test_a_bomb_is_refused_before_a_pixel_is_decoded(data, monkeypatch):
    """A small file that states an enormous picture is `too-large` by its header; no decoder is called."""
    monkeypatch.setattr(decoding, "_open", None)
    monkeypatch.setattr(decoding, "frames_of", None)
    with pytest.raises(TooLarge):
        rendered(data, memory=512, width=256, height=256, format="webp", animated=True)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_goes_through_admission(name):
    """With no memory at all nothing is decoded, whatever the format."""
    with pytest.raises(TooLarge, match=r"worker\.memory"):
        rendered(factories.encode(factories.quarters(), name), memory=1)


def test_a_file_that_does_not_fit_twice_is_refused_before_it_is_read(monkeypatch):
    """A file that would not fit into memory twice is `too-large`; the detail names the memory that would be enough."""
    monkeypatch.setattr("worker.images.pipeline.read_header", None)
    with pytest.raises(TooLarge, match=r"The file has 12,582,912 bytes.* set worker\.memory to 128"):
        rendered(bytes(12 * MEBIBYTE), memory=100)


def test_renditions_that_are_not_wanted_count_too():
    """The estimate is of the whole recipe, so that the verdict on a picture does not depend on what is missing."""
    assert needed(Header("PNG", 3000, 3000, "RGB", b"")) > needed(
        Header("PNG", 3000, 3000, "RGB", b""), specs=(RenditionSpec("x", 9, 9),)
    )


def test_the_costliest_step_decides():
    """An AVIF rendition of a large picture costs more than a WebP, an animated APNG more with every frame."""
    still = Header("PNG", 4000, 4000, "RGB", b"")
    webp, avif = (needed(still, specs=(RenditionSpec("x", 4000, 4000, format=name),)) for name in ("webp", "avif"))
    assert webp < avif
    moving = [
        needed(
            Header("GIF", 500, 500, "RGBA", b"", frames=count),
            specs=(RenditionSpec("x", 500, 500, format="png", animated=True),),
        )
        for count in (10, 1000)
    ]
    assert moving[1] - moving[0] > 990 * 500 * 500 * estimation._HELD_FRAME


@pytest.mark.parametrize("name", ["GIF", "PNG"])
def test_composing_an_animation_counts(name):
    """The canvas and the largest frame are in the estimate of an animation, and not in that of a still picture."""
    frames = [factories.scene(320, 240, seed=seed).quantize(64) for seed in (1, 2)]
    film = read_header(factories.encode(frames[0], name, save_all=True, append_images=frames[1:], duration=100))
    assert (film.frames, film.buffers) == (2, (4 + 6) * 320 * 240)
    assert read_header(factories.encode(frames[0], name)).buffers == 0
