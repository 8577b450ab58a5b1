"""The pictures of `bench.race.render`: real ones from two Debian packages, and screenshots that are drawn here.

The packages are downloaded once into build/bench and checked against the sums that Debian's signed index states; nothing
of them is committed.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from local import ROOT

BUILD: Final = ROOT / "build" / "bench"
POOL: Final = "https://deb.debian.org/debian/pool/main/"
PACKAGES: Final = {
    "m/mate-backgrounds/mate-backgrounds_1.26.0-1_all.deb": (
        "7bf4c2209f34b4f61ba6d24c8b58c28b361e82e4b943aae6d42c030169af9e04"
    ),
    "p/plasma-workspace-wallpapers/plasma-workspace-wallpapers_5.27.5-2_all.deb": (
        "32cd18b71c8c938a18b3b351f217c02ac590e323caa3cf322fbb875ce8892f8b"
    ),
}
_SCREENS: Final = 4
_MEMBER: Final = 60
"""Bytes of a member's header in an `ar` archive (https://manpages.debian.org/bookworm/dpkg-dev/deb.5.en.html)."""


def photographs() -> list[Path]:
    """Return the JPEGs of 4 megapixels and more, in a fixed order."""
    folder = BUILD / "pictures"
    if not folder.is_dir():
        _unpack_all(folder)
    return sorted(folder.glob("*.jpg"))


def screenshots() -> list[Path]:
    """Return PNGs as screens show them: flat colours, sharp edges, small letters."""
    folder = BUILD / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"screen-{index}.png" for index in range(_SCREENS)]
    for index, path in enumerate(paths):
        if not path.is_file():
            _draw_screen(index).save(path)
    return paths


def _draw_screen(index: int) -> Image.Image:
    """Draw a screen of 2880 x 1800 pixels with a window of text and a bar."""
    screen = Image.new("RGB", (2880, 1800), (236 - 40 * index, 239, 244))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 2880, 60), (46, 52, 64))
    draw.rounded_rectangle((200, 140, 2680, 1700), 24, "white", (216, 222, 233), 3)
    for line in range(44):
        words = " ".join(f"line-{line}-word-{(line * 7 + word * index) % 97}" for word in range(12))
        draw.text((240, 170 + 34 * line), words, (59, 66, 82), font_size=24)
    return screen


def _unpack_all(folder: Path) -> None:
    temporary = folder.with_suffix(".new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name, digest in PACKAGES.items():
        _unpack(_fetch(name, digest), temporary)
    temporary.rename(folder)


def _fetch(name: str, digest: str) -> bytes:
    """Return the package, from build/bench or from Debian's mirror.

    Raises:
        SystemExit: The mirror's file is another one.
    """
    file = BUILD / Path(name).name
    if not file.is_file():
        sys.stderr.write(f"downloading {POOL}{name}\n")
        with urllib.request.urlopen(POOL + name, timeout=120) as answer:  # noqa: S310 - the scheme is in POOL.
            file.write_bytes(answer.read())
    data = file.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        file.unlink()
        raise SystemExit(f"{POOL}{name} is not the file that was measured; start again, or mend PACKAGES")
    return data


def _unpack(package: bytes, folder: Path) -> None:
    """Write each JPEG of 4 megapixels and more into `folder`, under a name made of its path."""
    with tarfile.open(fileobj=io.BytesIO(_payload(package))) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".jpg"):
                data = archive.extractfile(member).read()  # type: ignore[union-attr]  # it is a file
                with Image.open(io.BytesIO(data)) as image:
                    if image.width * image.height >= 4_000_000:
                        (folder / "-".join(Path(member.name).parts[3:])).write_bytes(data)


def _payload(package: bytes) -> bytes:
    at = 8
    while at + _MEMBER <= len(package):
        name, size = package[at : at + 16].decode().strip(), int(package[at + 48 : at + 58])
        if name.startswith("data.tar"):
            return package[at + _MEMBER : at + _MEMBER + size]
        at += _MEMBER + size + size % 2
    raise ValueError("the package holds no data.tar")
