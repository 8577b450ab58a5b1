"""Which renditions of a picture a browser may choose from, by width and format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ops.terminal.errors import Misuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FORMATS: Final = ("image/avif", "image/webp", "")
"""In the order in which a browser is offered them; the last one is of all others, which every browser shows."""

Rendition = dict[str, Any]
"""As the manifest has it."""


def chosen_of(manifest: Mapping[str, Any], names: Sequence[str]) -> list[Rendition]:
    """Return the renditions to choose from, of one shape and in ascending order.

    A browser takes one by its width alone: a crop among them would be shown because it is narrow.

    Args:
        manifest: Of a picture that is ready.
        names: Of those to use; empty: all that show the whole picture, or the largest crop and those like it.

    Raises:
        Misuse: One is not there, or they are of different shapes.
    """
    renditions = sorted(manifest["renditions"], key=lambda each: (each["width"], each["bytes"]))
    made = {each["name"]: each for each in renditions}
    if unknown := [name for name in names if name not in made]:
        raise Misuse(f"it has no rendition {unknown[0]}; it has {', '.join(sorted(made))}.")
    if names:
        named = [each for each in renditions if each["name"] in names]
        if others := [each["name"] for each in named if not _is_of_shape(each, named[-1])]:
            raise Misuse(
                f"its renditions {others[0]} and {named[-1]['name']} have different shapes, and a browser takes one by"
                " its width alone: name those of one shape."
            )
        return named
    whole = [each for each in renditions if _is_of_shape(each, manifest.get("picture") or manifest["source"])]
    return whole or [each for each in renditions if _is_of_shape(each, renditions[-1])]


def _is_of_shape(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether their ratios are the same, but for what rounding to whole pixels does to a side."""
    difference = one["width"] * other["height"] - one["height"] * other["width"]
    return bool(abs(difference) <= max(other["width"], other["height"]))


def source_sets(chosen: Sequence[Rendition]) -> list[tuple[str, list[Rendition]]]:
    """Return what a browser chooses from, by the best format that it knows, the best first.

    Of one width the lightest is taken. Widths that a format lacks come from those after it, which whoever knows it knows
    too: a browser takes the first format that it knows, and would otherwise load the largest picture for the smallest place.
    """
    sets: list[tuple[str, list[Rendition]]] = []
    by_width: dict[int, Rendition] = {}
    for type_ in reversed(_FORMATS):
        own = [each for each in reversed(chosen) if _format(each) == type_]
        if own:
            by_width |= {each["width"]: each for each in own}
            sets.insert(0, (type_, [by_width[width] for width in sorted(by_width)]))
    return sets


def _format(rendition: Rendition) -> str:
    return rendition["content_type"] if rendition["content_type"] in _FORMATS else ""
