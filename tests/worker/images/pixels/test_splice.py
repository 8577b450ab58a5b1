from __future__ import annotations

import io

from tests.worker.images.pictures import factories
from worker.images.headers.reading import read_header
from worker.images.pixels.splice import Splice

PIECES = (b"abc", b"", memoryview(b"defgh"), b"i")


def test_pieces_read_as_one_file():
    """Reads of any size, across the borders of pieces, return each byte once."""
    for size in range(1, 11):
        file = io.BufferedReader(Splice(*PIECES), 4)
        assert [file.read(size) for _ in range(10)] == [
            b"abcdefghi"[at : at + size] for at in range(0, 10 * size, size)
        ]


def test_a_splice_is_sought_like_any_file():
    """After seeking from the beginning, the position or the end it reads the same as from the joined bytes."""
    file, joined = Splice(*PIECES), io.BytesIO(b"".join(PIECES))
    for offset, whence in ((4, io.SEEK_SET), (2, io.SEEK_CUR), (-3, io.SEEK_END), (0, io.SEEK_SET), (5, io.SEEK_END)):
        assert file.seek(offset, whence) == joined.seek(offset, whence)
        assert file.read() == joined.read()


def test_the_scans_of_a_jpeg_are_not_copied():
    """The decoder reads the scans from the source's bytes: a copy would take nearly the file's size again."""
    data = factories.encode(factories.scene(64, 48), "JPEG")
    header = read_header(data)
    assert header.rest.obj is data
    assert header.payload + header.rest == data
