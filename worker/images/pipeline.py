"""Calls the stages of a rendering in their order; what they return together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.contracts.errors import EmptyFile
from worker.contracts.notes import BLANK
from worker.images.admission import admit, admit_file
from worker.images.headers.reading import read_header
from worker.images.pixels.blank import holds_more
from worker.images.pixels.colour import Colours
from worker.images.planning.plan import plan
from worker.images.renditions.animated import render_animated
from worker.images.renditions.made import Made
from worker.images.renditions.still import render_still

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from worker.contracts.recipes.specs import RenditionSpec
    from worker.images.look import Look


@dataclass(frozen=True)
class SourceFacts:
    """The format of the source, as Pillow names it, and its upright size in pixels."""

    format: str
    width: int
    height: int


@dataclass(frozen=True)
class Rendition:
    """One encoded output, with its size in pixels."""

    name: str
    data: bytes
    width: int
    height: int
    content_type: str


@dataclass(frozen=True)
class Rendered:
    """Facts about the source, the wanted renditions, the look, and the codes of `worker.contracts.notes` for the manifest."""

    source: SourceFacts
    renditions: tuple[Rendition, ...]
    look: Look
    notes: tuple[str, ...] = ()


def render(
    data: bytes,
    specs: Sequence[RenditionSpec],
    *,
    wanted: Collection[str],
    memory_bytes: int,
    make_room: Callable[[int], None] = lambda _: None,
) -> Rendered:
    """Render the `wanted` of `specs` from the picture in `data`.

    Args:
        data: The source file.
        specs: Every spec of the recipe, so that a rendition's pixels do not depend on which others are wanted.
        wanted: Names of the specs to encode; none for the look alone.
        memory_bytes: The memory of the whole process. A picture that would need more is refused before it is decoded.
        make_room: Called before a pixel is decoded, with the bytes that the whole process may take.

    Raises:
        Reject: One of its leaves in `worker.contracts.errors`, with a detail that says what a person can do.
    """
    if not data:
        raise EmptyFile("The file has no bytes; upload it again.")
    admit_file(len(data), memory_bytes)
    header = read_header(data)
    colours = Colours(header.icc)
    planned = plan(header, specs)
    make_room(admit(planned, len(data), memory_bytes))
    made = Made()
    render_still(planned, colours, wanted, len(data), made)
    render_animated(planned, colours, wanted, len(data), made)
    if made.files and made.blank and holds_more(header):
        made.notes.add(BLANK)
    assert made.look, "a recipe has a rendition, and each of them a picture"
    return Rendered(
        SourceFacts(header.format, *header.upright_size),
        tuple(
            Rendition(target.spec.name, made.files[target.spec.name], *target.size, target.spec.content_type)
            for target in planned.targets
            if target.spec.name in made.files
        ),
        made.look,
        tuple(sorted({*header.notes, *colours.notes, *made.notes})),
    )
