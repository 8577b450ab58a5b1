"""The pictures that a report shows: as they are where a browser shows them and they are small, else made smaller here.

A picture that killed the worker's decoder is decoded in a process of its own, within the function's memory.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Final

from ops.stack.worker_here import render_here, run_limited
from ops.terminal.errors import Refusal
from worker.contracts.recipes.specs import RenditionSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ops.stack.buckets import Pictures
    from ops.stack.deployment import Deployment

SIDE: Final = 320
"""Pixels of a picture that is made smaller."""
AS_IT_IS: Final = 48 * 1024
"""Bytes of a picture that is shown as it is."""
MOST_READ: Final = 64 * 1024 * 1024
"""Bytes of an original that is read."""
MOST: Final = 9 * 1024 * 1024
"""Bytes of all pictures on a page: 12 MB of it, as text."""
_SECONDS: Final = 30
_TYPES: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_SPEC: Final = RenditionSpec("report", SIDE, SIDE)


@dataclass(frozen=True)
class Shown:
    """A picture's `data:` address, or words for why there is none."""

    address: str = ""
    words: str = ""


@dataclass
class Gallery:
    """Fetches pictures of one stack into `folder`, and gives up none of its room for one that is not shown; for several threads."""

    pictures: Pictures
    deployment: Deployment
    folder: Path
    left: int = MOST
    _lock: Lock = field(default_factory=Lock)
    _numbers: Iterator[int] = field(default_factory=count)

    def pair(self, key: str) -> tuple[Shown, Shown]:
        """Return what the source bucket has now, and the smallest rendition that there is; what AWS refuses is said in its place."""
        return _or_words(self._original, key), _or_words(self._last_good, key)

    def _original(self, key: str) -> Shown:
        source = self.pictures.source(key)
        if source is None:
            return Shown(words="The original is deleted.")
        if source.is_archived:
            return Shown(words="The original is archived, and cannot be read before it is restored.")
        if not source.size:
            return Shown(words="The original is empty.")
        if source.size > MOST_READ:
            return Shown(words=f"The original has {source.size:,} bytes; up to {MOST_READ:,} are read for a page.")
        path = self._file()
        try:
            self.pictures.download(key, path)
            return self._shown(path)
        finally:
            path.unlink(missing_ok=True)

    def _last_good(self, key: str) -> Shown:
        specs = sorted(self.deployment.recipes.of(key).specs, key=lambda spec: spec.width * spec.height)
        for spec in specs:
            found = self.pictures.rendition(spec, key)
            if found.size is not None:
                path = self._file()
                try:
                    self.pictures.download_output(found.key, path)
                    return self._shown(path)
                finally:
                    path.unlink(missing_ok=True)
        return Shown(words="There is no rendition of it.")

    def _shown(self, path: Path) -> Shown:
        data = path.read_bytes()
        type_ = type_of(data)
        if type_ is None or len(data) > AS_IT_IS:
            data, type_ = self._smaller(path, is_known=type_ is not None), "image/webp"
        if not data:
            return Shown(words="Nothing of it can be decoded.")
        address = f"data:{type_};base64,{base64.b64encode(data).decode()}"
        with self._lock:
            if len(address) > self.left:
                return Shown(words="The page is full; filters, such as --reason, show fewer letters and more of each.")
            self.left -= len(address)
        return Shown(address)

    def _smaller(self, path: Path, *, is_known: bool) -> bytes:
        """Return it within `SIDE`, nothing where it cannot be decoded: what browsers do not show, by the worker's own renderer."""
        memory = self.deployment.memory
        if not is_known:
            made = render_here(path, [_SPEC], path.parent, memory=memory, timeout=_SECONDS).renditions
            return _taken(made[0].path) if made else b""
        out = path.with_suffix(".webp")
        arguments = [str(path), str(out), str(SIDE)]
        run_limited("ops.dead_letters.report.shrink", arguments, memory=memory, timeout=_SECONDS)
        return _taken(out)

    def _file(self) -> Path:
        return self.folder / f"{next(self._numbers)}.picture"


def _or_words(picture: Callable[[str], Shown], key: str) -> Shown:
    try:
        return picture(key)
    except Refusal as exc:
        return Shown(words=str(exc))


def type_of(data: bytes) -> str | None:
    """Return the media type, by its first bytes, of a picture that every browser shows."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:12] in {b"ftypavif", b"ftypavis"}:
        return "image/avif"
    return next((type_ for start, type_ in _TYPES if data.startswith(start)), None)


def _taken(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    finally:
        path.unlink(missing_ok=True)
