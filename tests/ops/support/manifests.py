"""Manifests of ready pictures, drawn: what the worker's own arithmetic makes of any size, under any key."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from worker.contracts.keys import rendition_key
from worker.contracts.manifest import READY
from worker.contracts.recipes.specs import FITS, FORMATS, RenditionSpec
from worker.images.planning.fit import fit

if TYPE_CHECKING:
    from collections.abc import Callable

ORIGIN: Final = "https://pictures.example.org"
ODD: Final = "a/ b,'\"<>&?#%;:=+()[]{}*!~@$^`|\\é🙂\u200d中"
_SIDES: Final = st.integers(1, 6000)
_BOXES: Final = st.sampled_from([1, 2, 96, 256, 700, 1600, 2400])
_KEYS: Final = st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


def can_be_addressed(key: str) -> bool:
    """Whether a browser keeps the key as it is: it resolves `.` and `..` (https://url.spec.whatwg.org/#path-state)."""
    return not {".", ".."} & set(key.split("/"))


@st.composite
def manifests(draw: Callable[..., Any]) -> dict[str, Any]:
    """Return one, in its JSON form."""
    key, size = draw(_KEYS.filter(can_be_addressed)), (draw(_SIDES), draw(_SIDES))
    names = draw(st.lists(st.sampled_from(["thumbnail", "web", "hero", "square", "x"]), min_size=1, unique=True))
    return manifest(key, size, [draw(renditions(key, size, name)) for name in names], draw(looks(size)))


def manifest(
    key: str, size: tuple[int, int], made: list[dict[str, Any]], look: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the manifest of a picture that is ready; without a look, as a former worker wrote it."""
    source = {"bucket": "s", "key": key, "etag": "e", "version_id": None, "bytes": 9, "format": "JPEG"}
    return {
        "version": 1,
        "type": READY,
        "source": {**source, "width": size[0], "height": size[1]},
        "renditions": made,
        **({"picture": look} if look else {}),
    }


@st.composite
def renditions(draw: Callable[..., Any], key: str, size: tuple[int, int], name: str) -> dict[str, Any]:
    """Return what the manifest says of a rendition."""
    drawn = (draw(st.sampled_from(options)) for options in (FITS, tuple(FORMATS)))
    spec = RenditionSpec(name, draw(_BOXES), draw(_BOXES), *drawn)
    versions = draw(st.none() | st.text("0123456789abcdef", min_size=16, max_size=16))
    return entry(key, size, spec, draw(st.integers(1, 3)), versions)


def entry(
    key: str, size: tuple[int, int], spec: RenditionSpec, weight: int = 1, version: str | None = None
) -> dict[str, Any]:
    """Return the entry of what the worker makes of a picture of this size."""
    width, height = fit(size, spec).size
    return {
        "name": spec.name,
        "key": rendition_key(spec, key),
        "width": width,
        "height": height,
        "bytes": weight,
        "content_type": spec.content_type,
        **({"version": version} if version else {}),
    }


@st.composite
def looks(draw: Callable[..., Any], size: tuple[int, int]) -> dict[str, Any] | None:
    """Return what a page needs before the picture has loaded, or None."""
    if draw(st.booleans()):
        return None
    return look(size, draw(st.binary(min_size=5, max_size=25)), draw(st.binary(max_size=190)))


def look(size: tuple[int, int], thumbhash: bytes, placeholder: bytes = b"tiny") -> dict[str, Any]:
    """Return it with these bytes."""
    return {
        "width": size[0],
        "height": size[1],
        "color": "#a1b2c3",
        "placeholder": f"data:image/webp;base64,{base64.b64encode(placeholder).decode()}",
        "thumbhash": base64.b64encode(thumbhash).decode(),
    }
