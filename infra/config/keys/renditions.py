"""The renditions of the configuration, an object by name, laid over the default's; and those of key prefixes, laid over these.

`false` takes one away, or leaves a folder alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from infra.config.nearest import closest, fits
from infra.config.overlay import laid_over
from infra.config.problems import Change
from worker.contracts.recipes.by_prefix import Recipes
from worker.contracts.recipes.focus import CENTRE, PATTERN, TAKES, Focus
from worker.contracts.recipes.specs import (
    COLOUR,
    EFFORTS,
    FIELDS,
    FITS,
    FORMATS,
    MANIFEST,
    MAX_SIDE,
    QUALITIES,
    RENDITION_NAME,
    RenditionSpec,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from infra.config.place import Place

_DEFAULTS: Final = RenditionSpec(name="any", width=1, height=1).to_json()
_FITS_ELSEWHERE: Final = {
    "crop": "cover",
    "fill": "cover",
    "outside": "cover",
    "contain": "inside",
    "scale-down": "inside",
}
"""Of CSS, and of image servers."""
_SIDE: Final = 1600
"""Pixels, proposed where neither side is a number."""
_CHARACTERS: Final = "A-Za-z0-9/!_.'()-"
_PREFIX: Final = rf"[{_CHARACTERS}]{{1,512}}"
_RANGES: Final = {"quality": QUALITIES, "effort": EFFORTS}
_FOCI: Final = {"top": "0.5,0", "bottom": "0.5,1", "left": "0,0.5", "right": "1,0.5"}
_NUMBER: Final = re.compile(r"(-?[0-9]{0,20}\.?[0-9]{1,20})(%?)")
_COLOURS: Final = {"white": "#ffffff", "black": "#000000"}


def read_recipes(config: Place) -> Recipes:
    """Return what to make of which key: of those that no event is sent for, nothing."""
    renditions = read_renditions(config.at("renditions"))
    source, recipes = config.at("source"), config.at("recipes")
    own = {
        str(entry.path[-1]): _read_folder(entry, renditions)
        for entry in recipes.parts()
        if _is_announced(entry, source.at("prefix").text, recipes.value)
    }
    suffixes = tuple(suffix.text for suffix in source.at("suffixes").parts())
    return Recipes({source.at("prefix").text: renditions, **own}, suffixes)


def _read_folder(entry: Place, renditions: tuple[RenditionSpec, ...]) -> tuple[RenditionSpec, ...]:
    if entry.value is False:
        return ()
    if not isinstance(entry.value, dict):
        entry.refuse("an object of renditions by name, or false", nearest=False)
        return renditions
    stack = {spec.name: _inherited(spec, entry.value.get(spec.name)) for spec in renditions}
    own = replace(entry, default=stack)
    return read_renditions(replace(own, value=laid_over(own)))


def _inherited(spec: RenditionSpec, own: Any) -> dict[str, Any]:
    """Return what a folder's rendition is laid over: without the focus where the folder's crops nothing."""
    keeps_focus = not isinstance(own, dict) or own.get("fit") in (None, "cover")
    return {key: value for key, value in spec.to_json().items() if key != "name" and (key != "focus" or keeps_focus)}


def _is_announced(entry: Place, prefix: str, taken: Collection[str]) -> bool:
    """Return whether events are sent for keys that begin with the entry's name; refuse a name for which none ever is."""
    name = str(entry.path[-1])
    if not re.fullmatch(_PREFIX, name):
        plain = re.sub(f"[^{_CHARACTERS}]", "", name)[:512]
        entry.renamed("1 to 512 letters, digits and / ! _ . ' ( ) -", plain or f"{prefix}folder/", taken)
        return False
    if not name.startswith(prefix):
        moved = entry.moved_to((*entry.path[:-1], prefix + name.lstrip("/")))
        entry.refuse_for(
            f"is not within source.prefix, {prefix!r}: no event is sent for it", Change(entry.path), *moved
        )
        return False
    return True


def read_renditions(place: Place) -> tuple[RenditionSpec, ...]:
    """Return the specs, in the order of their names in `Pulumi.yaml` and then in the stack's file."""
    entries = place.parts()
    if entries and all(entry.value is False for entry in entries):
        place.refuse_for("leaves nothing to make; it takes one rendition at least", Change(entries[0].path))
    return tuple(filter(None, (_read(entry, place) for entry in entries)))


def _read(entry: Place, all_: Place) -> RenditionSpec | None:
    if entry.value is False:
        _check_it_is_there(entry, all_.default)
        return None
    if not isinstance(entry.value, dict):
        entry.refuse("an object with a width and a height, or false")
        return None
    like = closest(str(entry.path[-1]), all_.default)
    if entry.default is None and like and not {"width", "height"} <= set(entry.value):
        moved = entry.moved_to((*entry.path[:-1], like)) if fits(entry.value, all_.default[like]) else []
        entry.refuse_for(f"has no width and height of its own; did you mean {like}?", Change(entry.path), *moved)
        return None
    before = len(entry.problems)
    entry = _by_its_name(entry, str(entry.path[-1]), all_.value)
    entry.refuse_unknown([field for field in FIELDS if field != "name"])
    values = _read_fields(entry)
    right = len(entry.problems) == before
    return RenditionSpec.from_json({"name": entry.path[-1], **values}) if right else None


def _read_fields(entry: Place) -> dict[str, Any]:
    """Return every field that is set; a missing side is proposed as long as the other one."""
    width, height = entry.at("width"), entry.at("height")
    sides = {
        "width": width.integer(1, MAX_SIDE, otherwise=_side(height)),
        "height": height.integer(1, MAX_SIDE, otherwise=_side(width)),
    }
    others = [field for field in FIELDS if field not in {"name", *sides} and entry.value.get(field) is not None]
    if "focus" in others and entry.value.get("fit") in (None, "inside"):
        entry.at("fit").refuse("cover beside a focus, since inside crops nothing", "cover")
    return {**sides, **{field: _read_field(entry.at(field)) for field in others}}


def _side(place: Place) -> int:
    value = place.value
    return value if isinstance(value, int) and 1 <= value <= MAX_SIDE else _SIDE


def _read_field(place: Place) -> Any:
    match place.path[-1]:
        case "quality" | "effort" as field:
            return place.integer(*_RANGES[field], otherwise=_DEFAULTS[field])
        case "fit":
            return place.choice(FITS, _FITS_ELSEWHERE)
        case "focus":
            return place.matching(PATTERN, TAKES, _nearest_focus(place))
        case "format":
            return place.choice(list(FORMATS))
        case "background":
            return place.matching(COLOUR, "#rrggbb in lower case", _nearest_colour(place.text))
        case _:
            return place.flag()


def _nearest_focus(place: Place) -> str:
    """Return the focus of two numbers or per cents that stand there in another form, or of a side's name."""
    found = [min(1.0, max(0.0, float(n) / (100 if percent else 1))) for n, percent in _NUMBER.findall(place.text)]
    if len(found) == 2:  # noqa: PLR2004 - x and y
        return str(Focus.at(*found))
    return _FOCI.get(place.text.lower(), str(CENTRE))


def _nearest_colour(text: str) -> str:
    lower = "#" + text.lower().lstrip("#")
    return lower if re.fullmatch(COLOUR, lower) else _COLOURS.get(text.lower(), str(_DEFAULTS["background"]))


def _by_its_name(entry: Place, name: str, taken: Collection[str]) -> Place:
    """Return the entry, by the nearest name that can be: what else is wrong with it is corrected there."""
    if name == MANIFEST:
        return entry.renamed("any other: manifests have that one", f"{MANIFEST}-picture", taken)
    if not re.fullmatch(RENDITION_NAME, name):
        plain = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:28].strip("-")
        return entry.renamed("1 to 32 of a-z, 0-9 and hyphen, not starting with a hyphen", plain or "picture", taken)
    return entry


def _check_it_is_there(entry: Place, names: Collection[str]) -> None:
    """A name that is taken away, but is no default's, is most likely misspelt: the one that was meant would stay."""
    name = str(entry.path[-1])
    if name in names:
        return
    near = closest(name, names)
    meant = f"; did you mean {near}?" if near else ""
    away = [Change((*entry.path[:-1], near), value=False)] if near else []
    entry.refuse_for(f"is false, but there is no rendition of that name to take away{meant}", Change(entry.path), *away)
