"""What is to be made of every picture: the rendition specs, and the recipe that fingerprints them.

Pure values, no Pillow, no I/O: `infra` validates the stack's configuration with the very same parser. The JSON form
(camelCase keys, as people write them in `Pulumi.<stack>.yaml`) is also what the function's environment carries.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from worker.contracts.recipes.focus import IGNORED, TAKES, Focus, FocusError

RENDERER_VERSION: Final = 2
"""Raise it when the same spec and the same picture would give different pixels: it makes every output outdated. What
resamples, which depends on the processor, is no part of it: a stack that changes its architecture keeps its outputs."""

FORMATS: Final[Mapping[str, str]] = {
    "webp": "image/webp",
    "avif": "image/avif",
    "jpeg": "image/jpeg",
    "png": "image/png",
}
"""Output formats and their Content-Type. The name is also the file extension that a rendition's key ends in."""

FITS: Final = ("inside", "cover")
MAX_SIDE: Final = 16_383
"""Pixels; WebP's own limit (https://developers.google.com/speed/webp/faq), the lowest of the four formats'."""

QUALITIES: Final = (1, 100)
EFFORTS: Final = (0, 6)
MANIFEST: Final = "manifest"
"""The one name that no rendition can have: manifests are below it."""
RENDITION_NAME: Final = "[a-z0-9][a-z0-9-]{0,31}"
COLOUR: Final = "#[0-9a-f]{6}"
FIELDS: Final = {
    "name": "name",
    "width": "width",
    "height": "height",
    "fit": "fit",
    "focus": "focus",
    "format": "format",
    "quality": "quality",
    "effort": "effort",
    "animated": "animated",
    "background": "background",
    "keepCopyright": "keep_copyright",
}
"""By the key of the JSON form, the attribute of `RenditionSpec`."""


class SpecError(ValueError):
    """A list of renditions says something that no rendition can be."""


@dataclass(frozen=True)
class RenditionSpec:
    """One output to make of every picture.

    Attributes:
        name: First segment of the rendition's key: lower-case letters, digits and hyphens; not `manifest`.
        width: Of the box, in pixels, 1 to 16,383.
        height: Of the box, in pixels, 1 to 16,383.
        fit: `inside` keeps the whole picture within the box, `cover` fills the box and crops what sticks out.
            Neither ever enlarges.
        focus: What `cover` keeps as near to the middle as the picture's edges allow; None: the centre.
        format: `webp`, `avif`, `jpeg` or `png`.
        quality: 1 to 100; PNG has none and ignores it.
        effort: 0 (fast) to 6 (small); each encoder's own scale is mapped onto it.
        animated: Keep every frame of an animation where the format can; otherwise the first frame is taken.
        background: `#rrggbb` that transparency is flattened onto where the format has none.
        keep_copyright: Keep the copyright and artist fields; all other metadata goes in any case.
    """

    name: str
    width: int
    height: int
    fit: str = "inside"
    format: str = "webp"
    quality: int = 80
    effort: int = 4
    animated: bool = False
    background: str = "#ffffff"
    keep_copyright: bool = False
    focus: Focus | None = None

    def __post_init__(self) -> None:
        """Refuse what no rendition can be, naming the field and what it takes.

        Raises:
            SpecError: A field is of the wrong type or out of its range.
        """
        named = re.fullmatch(RENDITION_NAME, self.name) is not None and self.name != MANIFEST
        _check(named, "name", self.name, f"1 to 32 of a-z, 0-9 and -, not starting with -, and not {MANIFEST}")
        _check(self.fit in FITS, "fit", self.fit, " or ".join(FITS))
        _check(
            self.focus is None or self.crops,
            "focus",
            str(self.focus),
            "nothing unless fit is cover: only a crop has one",
        )
        _check(self.format in FORMATS, "format", self.format, ", ".join(FORMATS))
        _check_integer("width", self.width, 1, MAX_SIDE)
        _check_integer("height", self.height, 1, MAX_SIDE)
        _check_integer("quality", self.quality, *QUALITIES)
        _check_integer("effort", self.effort, *EFFORTS)
        _check(
            re.fullmatch(COLOUR, self.background) is not None, "background", self.background, "#rrggbb in lower case"
        )

    @property
    def crops(self) -> bool:
        """Whether parts of the picture may be cut off."""
        return self.fit == "cover"

    @property
    def content_type(self) -> str:
        """MIME type of the rendition, such as `image/webp`."""
        return FORMATS[self.format]

    @classmethod
    def from_json(cls, document: Any) -> RenditionSpec:
        """Build a spec from its JSON form.

        Raises:
            SpecError: Not an object, an unknown or missing key, or a value that the field does not take.
        """
        if not isinstance(document, Mapping):
            raise SpecError(f"a rendition is an object with a name, width and height, not {document!r}")
        for key in sorted(set(document) - set(FIELDS)):
            raise SpecError(f"unknown key {key!r}; the keys are {', '.join(FIELDS)}")
        for key in ("name", "width", "height"):
            if key not in document:
                raise SpecError(f"{key} is missing")
        for key in ("name", "fit", "focus", "format", "background"):
            _check(isinstance(document.get(key, ""), str), key, document.get(key), "a string")
        for key in ("animated", "keepCopyright"):
            _check(isinstance(document.get(key, False), bool), key, document.get(key), "true or false")
        focus = {"focus": _focus(document["focus"])} if "focus" in document else {}
        return cls(**{FIELDS[key]: _integral(value) for key, value in document.items()} | focus)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, complete, so that a later change of a default is a change of the recipe.

        But for a focus that is not set: recipes are older than it is, and have to stay the same.
        """
        known = {key: getattr(self, field) for key, field in FIELDS.items() if key != "focus"}
        return {**known, "focus": str(self.focus)} if self.focus else known


def parse_renditions(document: Any) -> tuple[RenditionSpec, ...]:
    """Build the specs from a JSON list.

    Raises:
        SpecError: Not a list, empty, a name that occurs twice, or a rendition that is none.
    """
    if not isinstance(document, Sequence) or isinstance(document, str) or not document:
        raise SpecError("renditions is a list of at least one rendition")
    specs = tuple(_parse_rendition(index, entry) for index, entry in enumerate(document))
    names = [spec.name for spec in specs]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise SpecError(f"renditions[{index}]: two are named {name!r}; names are unique")
    return specs


def _parse_rendition(index: int, entry: Any) -> RenditionSpec:
    try:
        return RenditionSpec.from_json(entry)
    except SpecError as exc:
        raise SpecError(f"renditions[{index}]: {exc}") from None


def focused(specs: Sequence[RenditionSpec], mark: str) -> tuple[RenditionSpec, ...]:
    """Return the specs for an original whose focus has this mark (`focus.mark_of`): its own wins over the recipe's."""
    if mark in {"", IGNORED}:
        return tuple(specs)
    own = Focus.parse(mark)
    return tuple(replace(spec, focus=own) if spec.crops else spec for spec in specs)


def dump_renditions(specs: Sequence[RenditionSpec]) -> str:
    """Return the specs as compact JSON, the inverse of `parse_renditions(json.loads(...))`."""
    return json.dumps([spec.to_json() for spec in specs], separators=(",", ":"))


def recipe_of(specs: Sequence[RenditionSpec]) -> str:
    """Return the recipe: 16 hexadecimal digits that change when the specs or the renderer change."""
    canonical = json.dumps(
        [RENDERER_VERSION, sorted((s.to_json() for s in specs), key=lambda s: str(s["name"]))], sort_keys=True
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _focus(text: str) -> Focus:
    try:
        return Focus.parse(text)
    except FocusError:
        raise SpecError(f"focus is {text!r}; it takes {TAKES}") from None


def _integral(value: Any) -> Any:
    """Pulumi's engine hands numbers over as floats; a whole one is the integer that was written."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_integer(field: str, value: Any, low: int, high: int) -> None:
    _check(
        isinstance(value, int) and not isinstance(value, bool) and low <= value <= high,
        field,
        value,
        f"{low} to {high}",
    )


def _check(holds: bool, field: str, value: Any, takes: str) -> None:
    if not holds:
        raise SpecError(f"{field} is {value!r}; it takes {takes}")


DEFAULT_RENDITIONS: Final = (
    RenditionSpec(name="thumbnail", width=256, height=256),
    RenditionSpec(name="web", width=1600, height=1600),
)
