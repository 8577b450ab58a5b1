"""What `render` returns."""

from __future__ import annotations

from dataclasses import dataclass


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
    """Facts about the source, the wanted renditions, and notes for the manifest."""

    source: SourceFacts
    renditions: tuple[Rendition, ...]
    notes: tuple[str, ...] = ()
