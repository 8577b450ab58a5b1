"""A zip whose bytes follow from its members alone: those of a wheel are copied compressed, as its publisher compressed them.

Compressing here would give other bytes with another zlib (https://github.com/zlib-ng/zlib-ng/issues/2216), and the function would be
deployed anew from every other computer. The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_VERSION: Final = 20
"""Of the format, needed to read deflated members."""
_UNIX: Final = 3
_NAME_IS_UTF8: Final = 0x800
_FIRST_OF_1980: Final = 0x21
_MODE: Final = 0o100644
_LOCAL_HEADER: Final = 30
"""Bytes, before the name and the extra field."""


@dataclass(frozen=True)
class Member:
    """One file, as it is in the zip.

    Attributes:
        method: How `data` is compressed: `zipfile.ZIP_STORED` or `zipfile.ZIP_DEFLATED`.
        size: Bytes of the file itself.
        crc: Of the file itself.
    """

    method: int
    size: int
    crc: int
    data: bytes


def stored(content: bytes) -> Member:
    """Return a file that is not compressed."""
    return Member(zipfile.ZIP_STORED, len(content), zlib.crc32(content), content)


def members_of(wheel: Path) -> Iterator[tuple[str, Member]]:
    """Yield the files of a wheel under the names that pip would install them by, without scripts and headers.

    https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    with zipfile.ZipFile(wheel) as archive, wheel.open("rb") as stream:
        for entry in archive.infolist():
            name = _installed_as(entry.filename)
            if name and not entry.is_dir():
                yield name, Member(entry.compress_type, entry.file_size, entry.CRC, _raw(stream, entry))


def write_zip(members: Mapping[str, Member], stream: IO[bytes]) -> None:
    """Write the members in the order of their names, each readable by everybody, all of the same time."""
    directory = bytearray()
    for name, member in sorted(members.items()):
        path = name.encode()
        fields = (_VERSION, _NAME_IS_UTF8, member.method, 0, _FIRST_OF_1980, member.crc, len(member.data), member.size)
        common = struct.pack("<HHHHHIIIHH", *fields, len(path), 0)
        made_by = struct.pack("<H", _UNIX << 8 | _VERSION)
        place = struct.pack("<HHHII", 0, 0, 0, _MODE << 16, stream.tell())
        directory += b"PK\1\2" + made_by + common + place + path
        stream.write(b"PK\3\4" + common + path + member.data)
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), stream.tell(), 0)
    stream.write(directory + b"PK\5\6" + end)


def _installed_as(name: str) -> str:
    """Return where a wheel's file belongs; nothing for what is no module, such as a script."""
    top, _, rest = name.partition("/")
    if not top.endswith(".data"):
        return name
    kind, _, module = rest.partition("/")
    return module if kind in {"purelib", "platlib"} else ""


def _raw(stream: IO[bytes], entry: zipfile.ZipInfo) -> bytes:
    """Return the data of an entry as it is, compressed or not."""
    stream.seek(entry.header_offset)
    name, extra = struct.unpack("<HH", stream.read(_LOCAL_HEADER)[26:30])
    stream.seek(name + extra, 1)
    return stream.read(entry.compress_size)
