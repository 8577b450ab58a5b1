"""Both resamplers on the same pictures; without the wheel, what is left of it: Pillow does the work."""

from __future__ import annotations

import builtins
import random
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from infra.worker.wheels import ROOT
from tests.worker.images.pictures import factories
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import leave_to_pillow, render, resampler_in_use
from worker.images.pixels import resampler as module
from worker.images.pixels.resampler import PILLOW, SIMD, by_pillow, resampler
from worker.images.planning.fit import fit

MODES = ("L", "LA", "RGB", "RGBA", "CMYK")
SAMPLES = ROOT / "samples"
PHOTOGRAPHS = (
    "astronaut-on-her-side.jpg",
    "camera.png",
    "coffee.png",
    "hubble-deep-field.jpg",
    "retina.jpg",
    "rocket.jpg",
)
LEVELS = 2
"""Of 255, with alpha multiplied in: how far any channel of any pixel may be apart where nothing is clipped between the passes."""

CASES = {
    "both sides": ((300, 200), (180, 120), (0, 0, 300, 200)),
    "odd sizes": ((101, 83), (50, 41), (0, 0, 101, 83)),
    "the width alone": ((101, 83), (50, 83), (0, 0, 101, 83)),
    "the height alone": ((101, 83), (101, 41), (0, 0, 101, 83)),
    "hardly": ((300, 200), (299, 199), (0, 0, 300, 200)),
    "a crop between pixels": ((101, 83), (50, 41), (3.3, 4.7, 90.2, 77.1)),
    "a crop at whole pixels": ((300, 200), (100, 50), (50, 50, 250, 150)),
    "a crop that is not scaled": ((300, 200), (200, 100), (50.5, 50, 250.5, 150)),
    "a reduced JPEG": ((151, 101), (100, 67), (0, 0, 150.5, 100.25)),
    "a picture of one pixel's width": ((1, 80), (1, 29), (0, 0, 1, 80)),
    "a picture of one pixel's height": ((80, 1), (29, 1), (0, 0, 80, 1)),
    "to one pixel": ((3, 3), (1, 1), (0, 0, 3, 3)),
    "one pixel": ((1, 1), (1, 1), (0.25, 0.25, 0.75, 0.75)),
    "more rows than fit into one block of Pillow's": ((64, 70_000), (32, 35_000), (0, 0, 64, 70_000)),
}
"""Size, size after, box. The sides shrink by less than four: by more, Pillow alone reduces the picture first."""


@pytest.fixture
def simd():
    """Return what resamples with SIMD."""
    pytest.importorskip("cykooz_resizer")
    made = resampler()
    assert (made.name, made.fault) == (SIMD, None)
    return made.resize


@pytest.fixture
def anew():
    """Let the resampler be chosen anew, in the test and after it."""
    resampler.cache_clear()
    yield
    resampler.cache_clear()


def grain(size: tuple[int, int], mode: str, low: int = 80, high: int = 176) -> Image.Image:
    """Return noise: every pixel counts. The contrast leaves room for what sharp filters overshoot."""
    values = np.random.default_rng(1).integers(low, high, (size[1], size[0], len(Image.new(mode, (1, 1)).getbands())))
    return Image.frombytes(mode, size, values.astype(np.uint8).tobytes())


def apart(one: Image.Image, other: Image.Image):
    """Return the differences in levels, channel by channel, with alpha multiplied in: what is transparent is not seen."""
    assert (one.mode, one.size) == (other.mode, other.size)
    if one.mode in ("LA", "RGBA"):
        one, other = (image.convert("RGBA").convert("RGBa") for image in (one, other))
    return np.abs(np.asarray(one).astype(int) - np.asarray(other))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("mode", MODES)
def test_both_make_the_same_picture(simd, mode, case):
    """In every mode and geometry, all pixels of one are within two levels of the other's: no shift, no edge of its own."""
    size, after, box = CASES[case]
    picture = grain(size, mode)
    assert apart(simd(picture, after, box, lossy=False), by_pillow(picture, after, box, lossy=False)).max() <= LEVELS


@pytest.mark.parametrize(("lossy", "levels"), [(False, 1), (True, 2.5)], ids=["", "from a JPEG"])
@pytest.mark.parametrize("factor", [1.3, 2, 4, 8])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_both_make_photographs_look_alike(simd, name, mode, factor, lossy, levels):
    """On average within a level, though sharp edges are clipped, and Pillow first reduces by whole factors from four on.

    Within two and a half where it takes bicubic.
    """
    with Image.open(SAMPLES / name) as opened:
        picture = opened.convert("RGB").convert(mode)
    if mode in ("LA", "RGBA"):
        picture.putalpha(Image.radial_gradient("L").resize(picture.size))
    after, box = (int(picture.width / factor), int(picture.height / factor)), (0, 0, *picture.size)
    difference = apart(simd(picture, after, box, lossy=lossy), by_pillow(picture, after, box, lossy=lossy))
    assert difference.mean() <= levels


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_one_colour_stays_that_colour(simd, mode):
    """However much it is scaled down, also from the longest side that there is."""
    colour = (200, 100, 50, 128)[: len(mode)] if mode != "L" else 200
    for size, after in (((65_500, 2), (1, 1)), ((2, 65_500), (1, 3)), ((999, 777), (5, 4)), ((50, 50), (49, 49))):
        made = simd(Image.new(mode, size, colour), after, (0, 0, *size), lossy=False)
        pixels = np.asarray(made).reshape(-1, len(mode))
        assert np.abs(pixels.astype(int) - np.atleast_1d(colour)).max() <= 1


def test_transparent_pixels_leave_no_fringe(simd):
    """The colour below what is transparent does not show: alpha is multiplied in before."""
    picture = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (0, 0, 32, 64))
    made = np.asarray(simd(picture, (23, 23), (0, 0, 64, 64), lossy=False).convert("RGBa")).astype(int)
    assert made[..., 0].max() == 0


def test_any_crop_that_a_plan_asks_for_is_taken(simd):
    """No box is refused for a rounding error: 2,000 plans drawn at random, and the boxes of reduced JPEGs."""
    rng = random.Random(3)
    for _ in range(2_000):
        size = rng.randrange(1, 400), rng.randrange(1, 400)
        spec = RenditionSpec("a", rng.randrange(1, 60), rng.randrange(1, 60), fit="cover")
        target = fit(size, spec)
        assert simd(Image.new("L", size), target.size, target.box(size), lossy=False).size == target.size
        scale = rng.choice((2, 4, 8))
        reduced = Image.new("L", (-(-size[0] // scale), -(-size[1] // scale)))
        simd(reduced, (1, 1), (0, 0, size[0] / scale, size[1] / scale), lossy=False)


def test_the_source_stays_as_it_was(simd):
    """Other renditions are made from it."""
    picture = grain((60, 40), "RGBA")
    before = picture.tobytes()
    simd(picture, (30, 20), (0, 0, 60, 40), lossy=False)
    assert picture.tobytes() == before
    assert picture.mode == "RGBA"


def test_the_wheel_is_loaded_by_the_first_picture_that_is_scaled():
    """Not by the import, and not by a picture of its rendition's size; then it is known what does the work."""
    script = """
import sys
from infra.worker.wheels import ROOT
from tests.worker.images.pictures import factories
from worker.contracts.recipes.specs import RenditionSpec
from worker.images import leave_to_pillow, render, resampler_in_use
data = factories.encode(factories.scene(64, 48), "PNG")
for side in (64, 32):
    render(data, [RenditionSpec("a", side, side)], wanted=["a"], memory_bytes=1 << 29)
    print("cykooz_resizer" in sys.modules, resampler_in_use() and resampler_in_use().name)
"""
    there = bool(pytest.importorskip("cykooz_resizer"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False None", f"{there} {SIMD}"]


def test_another_architecture_renders_nothing_anew():
    """The recipe's fingerprint, which decides what is outdated, does not know the processor nor what resamples."""
    script = """
import platform, sys
platform.machine = lambda: sys.argv[1]
if sys.argv[1] == "aarch64":
    sys.modules["cykooz_resizer"] = None
from worker.contracts.recipes.by_prefix import Recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS
from worker.images.pixels.resampler import resampler
print(resampler().name, Recipe(DEFAULT_RENDITIONS).fingerprint)
"""
    pytest.importorskip("cykooz_resizer")
    printed = [
        subprocess.run(
            [sys.executable, "-c", script, machine], capture_output=True, text=True, check=True
        ).stdout.split()
        for machine in ("x86_64", "aarch64")
    ]
    assert [name for name, _ in printed] == [SIMD, PILLOW]
    assert printed[0][1] == printed[1][1]


def test_a_process_may_leave_the_work_to_pillow(anew, monkeypatch):
    """A suspect's does: what ended the worker may have been the wheel. That is no fault to report."""
    monkeypatch.setitem(sys.modules, "cykooz_resizer", pytest.importorskip("cykooz_resizer"))
    leave_to_pillow()
    assert resampler() == module.Resampler(PILLOW, by_pillow)


def test_without_a_wheel_pillow_does_the_work(anew, monkeypatch):
    """Nothing is wrong then: there is none for this platform."""
    monkeypatch.setitem(sys.modules, "cykooz_resizer", None)
    assert rendered() == (40, 30)
    assert resampler_in_use() == module.Resampler(PILLOW, by_pillow)


@pytest.mark.parametrize(
    "fault",
    [
        ImportError("rust_lib.so: undefined symbol: PyUnicode_New"),
        OSError("rust_lib.so: cannot map"),
        AttributeError("'ImagingCore' has no attribute 'getim'"),
        ModuleNotFoundError("No module named 'cykooz_resizer.rust_lib'", name="cykooz_resizer.rust_lib"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_wheel_that_does_not_load_leaves_the_work_to_pillow(anew, monkeypatch, fault):
    """The picture is rendered, and what was wrong is known to whoever asks."""
    real = builtins.__import__

    def broken(name, *args, **kwargs):
        if name.startswith("cykooz"):
            raise fault
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", broken)
    assert rendered() == (40, 30)
    assert resampler_in_use() == module.Resampler(PILLOW, by_pillow, fault=f"{type(fault).__name__}: {fault}")


def test_a_wheel_that_misreads_pillow_s_pixels_leaves_the_work_to_pillow(anew, monkeypatch):
    """It reads the memory of Pillow's pictures, whose layout is Pillow's own: it is tried once before it is trusted."""
    cykooz = pytest.importorskip("cykooz_resizer")
    monkeypatch.setattr(cykooz.Resizer, "resize_pil", lambda *_: None)
    made = resampler()
    assert (made.name, made.fault) == (PILLOW, "ValueError: it does not read the pixels of this Pillow")


def rendered() -> tuple[int, int]:
    """Render a picture half as large; return the rendition's size."""
    data = factories.encode(factories.scene(80, 60), "PNG")
    [made] = render(data, [RenditionSpec("a", 40, 40)], wanted=["a"], memory_bytes=1 << 29).renditions
    return made.width, made.height


def test_what_was_scaled_before_leaves_no_trace(simd):
    """Memory is kept from picture to picture, and is not cleared: it holds the pixels of the last."""
    sizes = [((640, 480), (200, 150)), ((64, 48), (40, 30)), ((900, 20), (300, 7)), ((20, 900), (7, 300))]
    pictures = [(grain(size, mode), after) for mode in ("RGB", "L", "RGBA", "CMYK") for size, after in sizes]

    def scaled(order):
        return {
            index: simd(pictures[index][0], pictures[index][1], (0, 0, *pictures[index][0].size), lossy=False).tobytes()
            for index in order
        }

    order = random.Random(1).sample(range(len(pictures)), len(pictures))
    assert scaled(order) == scaled(reversed(order))
