"""Asks Chromium what it shows of a file."""

from __future__ import annotations

import base64
import io
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from PIL import Image

from tests.web.chromium import chromium

if TYPE_CHECKING:
    from collections.abc import Sequence


_SCRIPT: Final = Path(__file__).with_name("judge.js").read_text("utf-8")
_ORIGIN: Final = "https://oracle.test/"
"""`ImageDecoder` exists in secure contexts only (https://developer.mozilla.org/docs/Web/API/ImageDecoder)."""
_OPAQUE: Final = 255
_LOWEST, _STEPS = 16, 219
"""Of the limited range of video: black, and how many steps above it white is (ITU-T H.273)."""
_PROBE: Final = 69
"""An alpha that limited and full range show differently."""


@dataclass(frozen=True)
class Frame:
    """Pixels as signed numbers, height x width x 4, with alpha multiplied in; a duration in microseconds, 0 of a still.

    A canvas multiplies alpha in: what that loses, nobody can see.
    """

    pixels: np.ndarray
    duration: int = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def on_white(self) -> Frame:
        """Return the frame without transparency, on what specs have behind a JPEG unless they say otherwise."""
        flat = self.pixels + (_OPAQUE - self.pixels[..., 3:])
        flat[..., 3] = _OPAQUE
        return replace(self, pixels=flat)

    def upright(self, orientation: int) -> Frame:
        """Return the frame turned as EXIF says, 1 to 8; other orientations turn nothing."""
        pixels = self.pixels if orientation not in (5, 6, 7, 8) else self.pixels.transpose(1, 0, 2)
        down, across = (-1 if orientation in turned else 1 for turned in ((3, 4, 7, 8), (2, 3, 6, 7)))
        return replace(self, pixels=pixels[::down, ::across])

    def with_alpha_of_video(self, *, multiplied: bool) -> Frame:
        """Return the frame as it is shown if its alpha is taken for one of limited range.

        The colours of a `multiplied` one are stored with alpha multiplied in.
        """
        alpha = self.pixels[..., 3:]
        taken = np.clip(np.rint((alpha - _LOWEST) * _OPAQUE / _STEPS), 0, _OPAQUE)
        colours = self.pixels[..., :3] if multiplied else np.rint(self.pixels[..., :3] * taken / np.maximum(alpha, 1))
        return replace(self, pixels=np.concatenate((colours, taken), axis=2).astype(int))


@dataclass(frozen=True)
class Shown:
    """What Chromium shows.

    Attributes:
        still: What `<img>` shows at first; None where it shows a broken picture.
        frames: What is shown one after the other; of a still, one.
        plays: How often, in total; 0 is forever.
        error: Why there is no picture.
    """

    still: Frame | None
    frames: tuple[Frame, ...] = ()
    plays: int = 1
    error: str = ""


class Judge:
    """One page of one browser, kept for many files: `with Judge() as judge`."""

    def __init__(self) -> None:
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        self._page = self._exits.enter_context(chromium()).new_page()
        self._page.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        self._page.goto(_ORIGIN)
        self._takes_alpha_for_video = self._alpha_of_avif(_PROBE) != _PROBE
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def shows(self, files: Sequence[tuple[bytes, str]]) -> list[Shown]:
        """Return what is shown of each file, given as bytes and Content-Type."""
        sent = [{"bytes": base64.b64encode(data).decode(), "type": kind} for data, kind in files]
        return [_shown(answer["still"], answer["film"]) for answer in self._page.evaluate(_SCRIPT, sent)]

    def as_avif(self, shown: Shown, *, multiplied: bool = False) -> Shown:
        """Return what is shown of the same pixels in a still AVIF.

        The alpha of an AVIF always has full range (https://aomediacodec.github.io/av1-avif/v1.1.0.html, 4.1).
        Chromium 156 takes that of a still one for limited range nevertheless, that of an animation not.
        """
        if not self._takes_alpha_for_video or shown.still is None:
            return shown
        still = shown.still.with_alpha_of_video(multiplied=multiplied)
        return replace(shown, still=still, frames=(still,))

    def _alpha_of_avif(self, alpha: int) -> int:
        out = io.BytesIO()
        Image.new("RGBA", (16, 16), (200, 100, 50, alpha)).save(out, "AVIF", quality=100)
        [shown] = self.shows([(out.getvalue(), "image/avif")])
        assert shown.still is not None
        return int(shown.still.pixels[8, 8, 3])


def _shown(still: dict[str, Any], film: dict[str, Any]) -> Shown:
    picture = None if "error" in still else _frame(still)
    frames = tuple(_frame(frame) for frame in film.get("frames", ()))
    if picture and len(frames) < 2:
        frames = (picture,)  # `ImageDecoder` scales chroma up in another way than <img>.
    return Shown(picture, frames, film.get("plays", 1), still.get("error", "") or film.get("error", ""))


def _frame(drawn: dict[str, Any]) -> Frame:
    shape = (drawn["height"], drawn["width"], 4)
    pixels = np.frombuffer(base64.b64decode(drawn["rgba"]), np.uint8).reshape(shape).astype(int)
    pixels[..., :3] = np.rint(pixels[..., :3] * pixels[..., 3:] / _OPAQUE)
    return Frame(pixels, drawn.get("duration") or 0)
