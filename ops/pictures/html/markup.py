"""An `<img>` or a `<picture>` to paste, made from a picture's manifest.

`web/embed.js` makes the same in a browser; `tests/web/embed/test_embed.py` holds one against the other.
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.pictures.html.choice import Rendition, chosen_of, source_sets
from ops.terminal.errors import Misuse
from worker.contracts.addresses import address

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NO_LENGTH: Final = re.compile(r"%|(?:^|[\s,)])[\d.]*[1-9][\d.]*\s*(?:,|$)")
"""What people write for a length in `sizes`, where it takes units and no share of the parent."""
_HAS_ALPHA: Final = 0x80


@dataclass(frozen=True)
class Options:
    """How a page embeds a picture.

    Attributes:
        origin: Where pages find the renditions, such as `https://host`.
        sizes: How wide the page shows it, as the attribute says it; None: as wide as it is, or as the window.
        alt: What it says to those who do not see it.
        renditions: Names of those to use; empty: all that show the whole picture.
        is_picture: Make a `<picture>` even of one format.
        is_eager: Load it before the page is scrolled to it.
    """

    origin: str
    sizes: str | None = None
    alt: str = ""
    renditions: Sequence[str] = ()
    is_picture: bool = False
    is_eager: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that no browser takes.

        Raises:
            Misuse: They have no length, or one without a unit.
        """
        if self.sizes is not None and (not self.sizes.strip() or _NO_LENGTH.search(self.sizes)):
            raise Misuse(
                f"sizes takes lengths with a unit, such as '(min-width: 800px) 800px, 100vw', not {self.sizes!r};"
                " % is not one of its units: vw is a share of the window's width."
            )
        if self.is_eager and (self.sizes or "").startswith("auto"):
            raise Misuse("sizes=auto is for pictures that load lazily: leave --eager out, or name lengths.")


def html_of(manifest: Mapping[str, Any], options: Options) -> str:
    """Return an `<img>`, or a `<picture>` around it where the renditions' formats differ or one is asked for.

    Args:
        manifest: Of a picture that is ready.
        options: How the page embeds it.

    Raises:
        Misuse: It has not the renditions that are asked for, they are no choice, or no browser asks for its key.
    """
    key = manifest["source"]["key"]
    if {".", ".."} & set(key.split("/")):  # https://url.spec.whatwg.org/#double-dot-path-segment
        raise Misuse(
            "browsers resolve . and .. in an address, and would show another one: upload it under another key."
        )
    chosen = chosen_of(manifest, options.renditions)
    largest = chosen[-1]
    sizes = options.sizes or f"(min-width: {largest['width']}px) {largest['width']}px, 100vw"
    *better, (_, last) = source_sets(chosen)
    image = _tag(
        "img",
        alt=options.alt,
        width=largest["width"],
        height=largest["height"],
        loading="eager" if options.is_eager else "lazy",
        decoding="async",
        sizes=sizes,
        srcset=_srcset(last, options.origin),
        src=_address(last[-1], options.origin),
        style=_style(manifest.get("picture")),
    )
    if not better and not options.is_picture:
        return image
    sources = (
        _tag("source", type=type_, sizes=sizes, srcset=_srcset(renditions, options.origin))
        for type_, renditions in better
    )
    return f"<picture>{''.join(sources)}{image}</picture>"


def _srcset(renditions: Sequence[Rendition], origin: str) -> str:
    return ", ".join(f"{_address(each, origin)} {each['width']}w" for each in renditions)


def _address(rendition: Rendition, origin: str) -> str:
    return address(origin, rendition["key"], rendition.get("version"))


def _style(picture: Mapping[str, Any] | None) -> str:
    """Return what keeps a wide picture inside its parent and in shape, and what is seen before it has loaded."""
    fluid = "max-width:100%;height:auto"
    if picture is None or base64.b64decode(picture["thumbhash"])[2] & _HAS_ALPHA:
        return fluid  # A background would shine through what is transparent. https://evanw.github.io/thumbhash/
    return f'{fluid};background:{picture["color"]} url("{picture["placeholder"]}") center / cover no-repeat'


def _tag(name: str, **attributes: object) -> str:
    written = (f'{key}="{_escaped(str(value))}"' for key, value in attributes.items())
    return f"<{name} {' '.join(written)}>"


def _escaped(text: str) -> str:
    """Return a value on one line: a control character, which HTML has no way to write, is a space, and others go by number."""
    plain = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return "".join(c if c.isprintable() else f"&#{ord(c)};" for c in html.escape(plain))
