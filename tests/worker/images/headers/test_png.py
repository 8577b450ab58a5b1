from __future__ import annotations

import pytest

from bench.pictures.bombs import png_with
from tests.worker.images.pictures import factories
from tests.worker.images.rendering import difference, picture, rendered
from worker.contracts.errors import CorruptImage
from worker.contracts.notes import PROFILE_IGNORED

PNG = factories.encode(factories.scene(64, 48), "PNG")


def test_a_png_with_a_wrong_checksum_is_corrupt():
    """A flipped bit in the pixels is found by the checksum, before anything is decoded."""
    at = PNG.index(b"IDAT") + 30
    with pytest.raises(CorruptImage, match="checksum"):
        rendered(PNG[:at] + bytes((PNG[at] ^ 1,)) + PNG[at + 1 :])


def test_a_wrong_checksum_of_what_is_dropped_does_not_matter():
    """Damaged text chunks are dropped like valid ones."""
    text = bytearray(factories.chunk(b"tEXt", b"Comment\x00hello"))
    text[-1] ^= 1
    at = PNG.index(b"IDAT") - 4
    assert difference(picture(PNG[:at] + bytes(text) + PNG[at:]), picture(PNG)) == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (factories.png(0, 9, 8, 2, b""), "no size"),
        (factories.png(9, 9, 8, 5, b""), "header is damaged"),
        (b"\x89PNG\r\n\x1a\n" + factories.chunk(b"IEND", b""), "header is damaged"),
    ],
)
def test_a_png_without_a_valid_header_is_corrupt(data, said):
    """No size, an unknown colour type and a missing header are corrupt."""
    with pytest.raises(CorruptImage, match=said):
        rendered(data)


def test_a_bomb_in_a_profile_is_ignored_with_a_note():
    """A decompression bomb in iCCP is inflated only up to the limit of a profile; the picture is rendered."""
    assert rendered(png_with(b"iCCP", b"icc\x00\x00", 32)).notes == (PROFILE_IGNORED,)


@pytest.mark.parametrize(("name", "prefix"), [(b"zTXt", b"t\x00\x00"), (b"iTXt", b"t\x00\x01\x00\x00\x00")])
def test_text_chunks_are_never_decompressed(name, prefix):
    """Text chunks are dropped without being decompressed."""
    assert rendered(png_with(name, prefix, 32)).renditions[0].width == 64


def test_a_damaged_profile_of_a_png_is_ignored_with_a_note():
    """A profile that does not decompress is ignored with a note."""
    profile = factories.chunk(b"iCCP", b"icc\x00\x00" + b"no zlib stream")
    at = PNG.index(b"IDAT") - 4
    assert len(rendered(PNG[:at] + profile + PNG[at:]).notes) == 1
