from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from tests.worker.images.pictures import factories
from tests.worker.images.rendering import output
from worker.contracts.recipes.specs import FORMATS
from worker.images.containers.exif import Exif, read_exif, write_exif

ARTIST, COPYRIGHT = "Zoe Artist", "(c) 2026 Somebody"
SECRETS = (b"SecretCamera", b"SecretComment", b"SecretXmp", b"SecretText", b"SecretThumbnail", b"GPS")
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><gps>SecretXmp</gps></x:xmpmeta>'


def _block() -> bytes:
    """Return EXIF with a camera, a position, a thumbnail, an artist and a copyright."""
    return (
        factories.exif(1, artist=ARTIST, copyright=COPYRIGHT)
        + b"SecretThumbnail"
        + factories.encode(factories.quarters(), "JPEG")
    )


def _carriers() -> dict[str, bytes]:
    image, block = factories.scene(48, 32), _block()
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "SecretText")
    texts.add_text("Description", "SecretText", zip=False)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return {
        "JPEG": factories.encode(image, "JPEG", exif=block, comment=b"SecretComment", xmp=XMP),
        "PNG": factories.encode(image, "PNG", exif=block, pnginfo=texts),
        "WEBP": factories.encode(image, "WEBP", exif=block, xmp=XMP),
        "AVIF": factories.encode(image, "AVIF", exif=block, xmp=XMP),
        "HEIF": factories.encode(image, "HEIF", exif=block, xmp=XMP),
        "TIFF": factories.encode(
            image, "TIFF", tiffinfo={270: "SecretText", 271: "SecretCamera", 315: ARTIST, 33432: COPYRIGHT, 700: XMP}
        ),
        "GIF": factories.encode(image.quantize(), "GIF", comment=b"SecretComment"),
        "GIF film": factories.film("GIF", comment=b"SecretComment"),
        "WEBP film": factories.film("WEBP", exif=block, xmp=XMP),
    }


CARRIERS = _carriers()


@pytest.mark.parametrize("name", CARRIERS)
def test_every_carrier_contains_metadata(name):
    """The files of the tests below contain metadata."""
    assert any(secret in CARRIERS[name] for secret in SECRETS)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", CARRIERS)
def test_no_metadata_is_kept(name, format_, keep):
    """No EXIF, GPS, XMP, thumbnail, text or comment is in any output's bytes, for every input and output format."""
    made = output(CARRIERS[name], format=format_, animated=True, keep_copyright=keep)
    assert [secret for secret in SECRETS if secret in made] == []
    assert b"xmpmeta" not in made
    if not keep:
        assert b"Artist" not in made
        assert b"Somebody" not in made
        with Image.open(io.BytesIO(made)) as image:
            assert dict(image.getexif()) == {}
            assert not {"comment", "xmp", "icc_profile", "exif"} & image.info.keys()


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", [name for name in CARRIERS if not name.startswith("GIF")])
def test_copyright_is_kept_where_it_is_asked_for(name, format_):
    """With `keepCopyright` the artist and copyright fields survive in every format, and no other field does."""
    made = output(CARRIERS[name], format=format_, keep_copyright=True)
    with Image.open(io.BytesIO(made)) as image:
        assert dict(image.getexif()) == {0x013B: ARTIST, 0x8298: COPYRIGHT}


def test_copyright_beyond_ascii_is_kept_byte_for_byte():
    """A name in UTF-8 keeps its bytes."""
    block = write_exif(Exif(artist="Zoë".encode(), copyright="© Łukasz".encode()))
    assert (read_exif(block).artist, read_exif(block).copyright) == ("Zoë".encode(), "© Łukasz".encode())


def test_no_copyright_makes_no_block():
    """A source without the two fields gets no empty EXIF."""
    assert write_exif(Exif()) == b""
    assert b"Exif" not in output(factories.encode(factories.quarters(), "JPEG"), format="jpeg", keep_copyright=True)


def test_a_text_without_end_is_cut():
    """At most 1,000 bytes of a copyright field are kept, so that metadata cannot make an output large."""
    assert len(read_exif(write_exif(Exif(artist=b"a" * 5_000))).artist) == 1_000


def test_a_prefix_written_twice_is_read():
    """Some programs write the `Exif` prefix into PNG and WebP, where it does not belong."""
    block = write_exif(Exif(artist=b"A"))
    assert read_exif(b"Exif\x00\x00" + block) == read_exif(block) == read_exif(block[6:])
