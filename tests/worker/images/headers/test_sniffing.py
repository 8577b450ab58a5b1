from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from tests.worker.images.pictures import factories
from worker.__main__ import main
from worker.contracts.errors import UnsupportedFormat
from worker.images import render
from worker.images.headers.reading import READERS
from worker.images.headers.sniffing import FORMATS, sniff

STRANGERS = {
    "an SVG drawing": b'<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a web page or another text": b"\xef\xbb\xbf <!DOCTYPE html><title>404</title>",
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "a PostScript file": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "a Photoshop document": b"8BPS\x00\x01" + bytes(20),
    "a FITS file": b"SIMPLE  =                    T",
    "an icon": b"\x00\x00\x01\x00\x01\x00" + bytes(20),
    "a JPEG 2000 picture": b"\x00\x00\x00\x0cjP  \r\n\x87\n",
    "a JPEG XL picture": b"\xff\x0a" + bytes(20),
    "a ZIP archive": b"PK\x03\x04" + bytes(20),
    "of an unknown format": b"no picture at all",
}
BINARY_TWINS = {
    "a PostScript file": b"\xc5\xd0\xd3\xc6" + bytes(28),
    "a JPEG XL picture": b"\x00\x00\x00\x0cJXL \r\n\x87\n",
}


def brands(*names: bytes) -> bytes:
    """Return an `ftyp` box with a major brand and compatible ones."""
    return factories.box(b"ftyp", names[0] + bytes(4) + b"".join(names[1:]))


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_of_the_list_is_known_by_its_bytes(name):
    """Every file of an allowed format is recognised by its first bytes."""
    assert sniff(factories.encode(factories.quarters(), name)) == name


def test_every_allowed_format_has_a_reader():
    """The allow-list and the readers are the same set."""
    assert set(READERS) == set(FORMATS)


@pytest.mark.parametrize("beginning", [b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"])
def test_tiff_comes_in_both_byte_orders_and_as_bigtiff(beginning):
    """All four signatures are TIFF."""
    assert sniff(beginning + bytes(20)) == "TIFF"


@pytest.mark.parametrize(("what", "data"), [*STRANGERS.items(), *BINARY_TWINS.items()])
def test_what_is_not_on_the_list_is_refused_by_name(what, data):
    """Each other format is `unsupported-format`; the detail says what it is and what to save instead."""
    with pytest.raises(UnsupportedFormat) as caught:
        sniff(data)
    assert what in caught.value.detail
    assert "save it as JPEG" in caught.value.detail


@pytest.mark.parametrize(
    ("names", "format_"),
    [
        ((b"heic", b"mif1", b"heic"), "HEIF"),
        ((b"heix",), "HEIF"),
        ((b"mif1", b"heic"), "HEIF"),
        ((b"avif", b"mif1", b"miaf"), "AVIF"),
        ((b"avis", b"avif"), "AVIF"),
        ((b"mif1", b"avif"), "AVIF"),
    ],
)
def test_heic_and_avif_are_distinguished_by_their_brands(names, format_):
    """AVIF and HEIC are distinguished by their brands, also if the major brand is the generic one."""
    assert sniff(brands(*names)) == format_


@pytest.mark.parametrize("names", [(b"isom", b"mp41"), (b"qt  ",), (b"crx ", b"isom"), (b"mif1",)])
def test_videos_and_raw_files_are_refused(names):
    """MP4, QuickTime and camera raw files, which have the same boxes, are refused."""
    with pytest.raises(UnsupportedFormat, match="film"):
        sniff(brands(*names))


def test_no_name_and_no_content_type_is_passed():
    """`render` takes bytes, specs, names of specs and a limit, and no name or Content-Type of the file."""
    assert list(inspect.signature(render).parameters) == ["data", "specs", "wanted", "memory_bytes", "make_room"]


def test_a_heic_named_jpg_is_rendered(tmp_path, capsys):
    """A HEIC that was renamed to .jpg is rendered as HEIC."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(factories.encode(factories.quarters(), "HEIF"))
    assert main([str(path), "--out", str(tmp_path / "out")]) == 0
    assert "96 x 64" in capsys.readouterr().out


@pytest.mark.parametrize("what", ["an SVG drawing", "a PDF document"])
def test_a_drawing_or_document_named_png_is_refused(what, tmp_path, capsys):
    """An SVG or PDF named .png is refused."""
    path = tmp_path / "logo.png"
    path.write_bytes(STRANGERS[what])
    assert main([str(path), "--out", str(tmp_path)]) == 1
    assert f"unsupported-format: The file is {what}" in capsys.readouterr().err


_CLEAN_PROCESS = """
import warnings
from PIL import Image, ImageFile
from tests.worker.images.pictures import factories
limits = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, ImageFile.MAXBLOCK, list(warnings.filters)
from worker.contracts.errors import Reject
from worker.images import render
from worker.images.headers.sniffing import FORMATS
from worker.contracts.recipes.specs import FORMATS as OUTPUTS, RenditionSpec
from PIL import Image
specs = [RenditionSpec(name, 9, 9, format=name, animated=True) for name in OUTPUTS]
names = [spec.name for spec in specs]
for data in [*(factories.encode(factories.quarters(), n) for n in FORMATS), factories.film("GIF")]:
    render(data, specs, wanted=names, memory_bytes=2**31)
for data in (b"%!PS-Adobe", b"%PDF-1.7", b"8BPS", b"SIMPLE  ="):
    try:
        render(data, specs, wanted=names, memory_bytes=2**31)
    except Reject:
        pass
assert limits == (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, ImageFile.MAXBLOCK, list(warnings.filters))
print(" ".join(sorted(Image.OPEN)))
"""


def test_pillow_s_global_state_is_unchanged_and_no_other_plugin_is_loaded():
    """After pictures of every format Pillow's limits and the filters of `warnings` are unchanged.

    EPS, PDF, PSD and FITS are not even imported.
    """
    done = subprocess.run([sys.executable, "-c", _CLEAN_PROCESS], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"JPEG", "PNG"} <= loaded
    assert not loaded & {"EPS", "PDF", "PSD", "FITS", "ICO", "JPEG2000", "WMF", "MPO"}
