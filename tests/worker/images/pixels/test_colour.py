from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageChops, ImageCms

from tests.worker.images.pictures import factories, profiles
from tests.worker.images.rendering import difference, distance, output, picture, pixel, pixels, rendered
from tests.worker.reconcile.scene import World
from worker.contracts.notes import PROFILE_IGNORED
from worker.contracts.recipes.specs import RenditionSpec
from worker.images.headers.header import MAX_PROFILE

WIDE = ("p3", "adobe", "prophoto")
CARRIERS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "TIFF": {},
    "WEBP": {"lossless": True, "exact": True},
    "JPEG": {"quality": 100, "subsampling": 0},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
    "HEIF": {"quality": 100, "chroma": 444},
}


def patches() -> Image.Image:
    """Return flat patches of colours from the whole RGB cube, most of them inside sRGB in every space."""
    levels = (48, 96, 144, 192)
    image = Image.new("RGB", (8 * 16, 8 * 4))
    for index, colour in enumerate((r, g, b) for r in levels for g in levels for b in levels):
        image.paste(colour, (index % 16 * 8, index // 16 * 8, index % 16 * 8 + 8, index // 16 * 8 + 8))
    return image


def by_littlecms(image: Image.Image, profile: bytes) -> Image.Image:
    """Return what littleCMS alone makes of the picture, in sRGB."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert made is not None
    return made


def decoded(data: bytes, name: str) -> Image.Image:
    """Return the pixels as they are in the file, decoded without the worker."""
    if name == "HEIF":
        return pillow_heif.open_heif(data).to_pillow()
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")


def by_arithmetic(image: Image.Image, name: str) -> np.ndarray:
    """Return what the published primaries and curves give, without any colour library."""
    values = np.asarray(image) / 255
    gamma = profiles.GAMMAS.get(name)
    linear = values**gamma if gamma else np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array(profiles.primaries(name))
    out = np.clip(xyz @ np.linalg.inv(np.array(profiles.primaries("srgb"))), 0, 1)
    encoded: np.ndarray = 255 * np.where(out <= 0.0031308, out * 12.92, 1.055 * out ** (1 / 2.4) - 0.055)
    return encoded


@pytest.mark.parametrize("name", WIDE)
def test_littlecms_and_the_published_numbers_agree_on_our_profiles(name):
    """The reference itself is right: littleCMS is within 2 of 255 of plain arithmetic with the published primaries."""
    reference = by_littlecms(patches(), profiles.rgb_profile(name))
    assert np.abs(pixels(reference) - by_arithmetic(patches(), name)).max() <= 2


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_wide_gamut_pictures_become_srgb(carrier, name):
    """Display P3, Adobe RGB and ProPhoto become exactly the sRGB that littleCMS makes of the decoded pixels.

    From every format that can have a profile; no output has one.
    """
    profile = profiles.rgb_profile(name)
    data = factories.encode(patches(), carrier, icc_profile=profile, **CARRIERS[carrier])
    made = picture(data)
    assert difference(made, by_littlecms(decoded(data, carrier), profile)) == 0
    assert "icc_profile" not in made.info
    assert rendered(data).notes == ()


@pytest.mark.parametrize("format_", ["webp", "avif", "jpeg"])
def test_colours_are_converted_for_every_output_format(format_):
    """A saturated P3 red is the sRGB red in each output; none carries a profile that only some programs would read."""
    image = Image.new("RGB", (32, 32), (200, 60, 60))
    data = factories.encode(image, "PNG", icc_profile=profiles.rgb_profile("p3"))
    made = picture(data, format=format_, quality=100)
    expected = pixel(by_littlecms(image, profiles.rgb_profile("p3")))
    assert expected[0] > 205
    assert distance(pixel(made.convert("RGB"), (16, 16)), expected) <= 4
    assert not made.info.get("icc_profile")


def test_a_profile_that_is_srgb_changes_no_pixel():
    """A picture whose profile is sRGB under another name keeps its values."""
    data = factories.encode(patches(), "PNG", icc_profile=profiles.rgb_profile("srgb"))
    assert difference(picture(data), patches()) == 0


def test_alpha_survives_the_conversion():
    """Colours are converted, the alpha channel is not."""
    image = patches()
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    data = factories.encode(image, "PNG", icc_profile=profiles.rgb_profile("adobe"))
    made = picture(data)
    assert difference(made.getchannel("A"), image.getchannel("A")) == 0
    assert difference(made.convert("RGB"), by_littlecms(patches(), profiles.rgb_profile("adobe"))) == 0


@pytest.mark.parametrize("mode", ["L", "LA"])
@pytest.mark.parametrize(("carrier", "options"), [("PNG", {}), ("AVIF", {"subsampling": "4:0:0", "quality": 100})])
def test_a_grey_profile_is_applied(mode, carrier, options):
    """Grey of gamma 1.0 comes out as much lighter sRGB, alpha untouched; Pillow has a grey AVIF with alpha as RGBA."""
    grey = Image.new(mode, (8, 8), 64 if mode == "L" else (64, 100))
    if carrier == "AVIF" and mode == "LA":
        grey = grey.convert("RGBA")
    made = picture(factories.encode(grey, carrier, icc_profile=profiles.grey_profile(1.0), **options))
    expected = 255 * (1.055 * (64 / 255) ** (1 / 2.4) - 0.055)
    assert abs(pixel(made)[0] - expected) <= 1
    assert mode == "L" or made.getchannel("A").getextrema() == (100, 100)


@pytest.mark.parametrize("mode", ["L", "LA"])
@pytest.mark.parametrize("name", ["adobe", "prophoto"])
def test_a_profile_of_colours_is_applied_to_grey_pixels_too(mode, name):
    """As browsers do: grey is a colour. One that is sRGB changes nothing, and the picture stays grey."""
    grey = Image.new(mode, (8, 8), 64 if mode == "L" else (64, 100))
    made = picture(factories.encode(grey, "PNG", icc_profile=profiles.rgb_profile(name)))
    expected = pixel(by_littlecms(Image.new("RGB", (8, 8), (64, 64, 64)), profiles.rgb_profile(name)))
    assert distance(pixel(made)[:3], expected) <= 1
    assert mode == "L" or made.getchannel("A").getextrema() == (100, 100)
    assert picture(factories.encode(grey, "PNG", icc_profile=profiles.rgb_profile("srgb"))).mode == mode


def broken(profile: bytes) -> dict[str, bytes]:
    """Return broken profiles."""
    return {
        "cut off": profile[:200],
        "empty": b"",
        "no profile at all": b"not a profile" * 20,
        "a profile of tables that are not there": profile[:132] + b"\xff" * (len(profile) - 132),
        "for grey pixels": profiles.grey_profile(2.2),
        "for print": profiles.cmyk_profile(),
        "too large": profile + bytes(MAX_PROFILE),
    }


@pytest.mark.parametrize("what", broken(profiles.rgb_profile("p3")))
def test_a_broken_profile_is_ignored_with_a_note(what):
    """A profile that is damaged or meant for other pixels changes nothing, and the notes say so."""
    data = factories.encode(patches(), "TIFF", icc_profile=broken(profiles.rgb_profile("p3"))[what] or b"\x00")
    made = rendered(data)
    assert difference(picture(data), patches()) == 0
    assert made.notes == (PROFILE_IGNORED,)


def test_the_manifest_notes_an_ignored_profile():
    """An ignored profile is in the manifest's `notes`."""
    world = World(specs=(RenditionSpec("x", 9, 9),))
    world.sources.objects["a.jpg"] = factories.encode(patches(), "JPEG", icc_profile=b"no profile")
    world.reconcile()
    assert json.loads(world.outputs.objects["manifest/a.jpg.json"].data)["notes"] == [PROFILE_IGNORED]


def test_a_profile_in_several_jpeg_segments_is_joined():
    """A profile larger than a segment comes in pieces; without the last one it is broken."""
    profile = profiles.rgb_profile("p3")
    big = profile + bytes(70_000)
    data = factories.encode(patches(), "JPEG", quality=100, subsampling=0, icc_profile=big)
    assert rendered(data).notes == ()
    second = data.index(b"ICC_PROFILE\x00\x02") - 4
    length = int.from_bytes(data[second + 2 : second + 4], "big")
    assert rendered(data[:second] + data[second + 2 + length :]).notes


# Print ----------------------------------------------------------------------------------------------------------------


def inks() -> Image.Image:
    """Return flat patches of inks, as plain CMYK: 255 is full ink."""
    image = Image.new("CMYK", (64, 64))
    for index in range(16):
        x, y = index % 4 * 16, index // 4 * 16
        colour = tuple(255 * (index >> bit & 1) // (2 if bit == 3 else 1) for bit in range(4))
        image.paste(colour, (x, y, x + 16, y + 16))
    return image


def as_a_browser(image: Image.Image) -> np.ndarray:
    """Return the picture as browsers show CMYK without a profile: by multiplication."""
    cmyk = np.asarray(image).astype(float)
    lights: np.ndarray = (255 - cmyk[..., :3]) * (255 - cmyk[..., 3:]) / 255
    return lights


def test_cmyk_without_a_profile_looks_as_in_a_browser():
    """A CMYK JPEG, which is stored inverted, is converted by multiplication within 3 of 255."""
    data = factories.encode(inks(), "JPEG", quality=100, subsampling=0)
    made = picture(data)
    assert made.mode == "RGB"
    assert np.abs(pixels(made)[4::16, 4::16] - as_a_browser(inks())[4::16, 4::16]).max() <= 3


def ycck(image: Image.Image) -> bytes:
    """Return a YCCK JPEG: cyan, magenta and yellow as YCbCr, black separately, and the Adobe segment that states it."""
    cyan, magenta, yellow, black = image.split()
    ycc = Image.merge("RGB", (cyan, magenta, yellow)).convert("YCbCr").split()
    # Pillow stores CMYK inverted, as Adobe does; libjpeg inverts only the first three channels again.
    raw = Image.merge("CMYK", [*(ImageChops.invert(channel) for channel in ycc), black])
    data = factories.encode(raw, "JPEG", quality=100, subsampling=0)
    at = data.index(b"Adobe\x00")
    assert data[at + 11] == 0
    return data[: at + 11] + b"\x02" + data[at + 12 :]


def test_ycck_looks_like_the_same_inks_in_cmyk():
    """Photoshop's YCCK JPEGs become the CMYK that they were made from, within 5 of 255."""
    made = picture(ycck(inks()))
    assert np.abs(pixels(made)[4::16, 4::16] - as_a_browser(inks())[4::16, 4::16]).max() <= 5


@pytest.mark.parametrize("write", [ycck, lambda image: factories.encode(image, "JPEG", quality=100, subsampling=0)])
def test_cmyk_with_a_profile_is_converted_by_it(write):
    """A print profile decides how inks look: littleCMS's values, not those of multiplication."""
    profile = profiles.cmyk_profile()
    data = write(inks())
    head = b"\xff\xe2" + (len(profile) + 16).to_bytes(2, "big") + b"ICC_PROFILE\x00\x01\x01" + profile
    made = picture(data[:2] + head + data[2:])
    reference = by_littlecms(inks(), profile)
    assert np.abs(pixels(made)[4::16, 4::16] - pixels(reference)[4::16, 4::16]).max() <= 6
    assert np.abs(pixels(reference) - as_a_browser(inks())).max() > 40


def test_cmyk_tiff_is_not_inverted():
    """In TIFF, inks are stored as they are."""
    made = picture(factories.encode(inks(), "TIFF"))
    assert np.abs(pixels(made) - as_a_browser(inks())).max() <= 1


def test_cmyk_becomes_png_too():
    """PNG has no CMYK: the output is RGB."""
    assert output(factories.encode(inks(), "JPEG"), format="png")[:4] == b"\x89PNG"


def test_an_rgb_jpeg_that_says_so_is_not_taken_for_ycbcr():
    """An Adobe segment with transform 0 means RGB; the colours are kept."""
    image = factories.quarters()
    data = factories.encode(image, "JPEG", quality=100, subsampling=0, keep_rgb=True)
    assert difference(picture(data).reduce(8), image.reduce(8)) <= 3
