"""The recipes of a run: those that it begins with, and the changes that are deployed in its middle.

Boxes are smaller than the pictures, or a change would show in no pixel. Each prefix of the plan has its turn: a recipe of its
own, left alone, rendered again; renditions come, go, and come back.
"""

from __future__ import annotations

from typing import Final

from worker.contracts.recipes.by_prefix import Recipes
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, RenditionSpec

_THUMBNAIL, _WEB = DEFAULT_RENDITIONS
_SMALL: Final = RenditionSpec("thumbnail", 32, 32)
_SQUARE: Final = RenditionSpec("thumbnail", 16, 16, fit="cover")
_LOSSLESS: Final = RenditionSpec("thumbnail", 24, 24, format="png")
_HERO: Final = RenditionSpec("hero", 40, 20, fit="cover", format="jpeg")
_NARROW: Final = RenditionSpec("web", 40, 40)

BEGINNING: Final = Recipes({"": DEFAULT_RENDITIONS})
"""The program's own."""
CHANGES: Final = (
    Recipes({"": (_SMALL, _WEB)}),
    Recipes({"": (_SMALL, _WEB, _HERO), "cats/": (_SQUARE,)}),
    Recipes({"": (_SMALL, _WEB, _HERO), "cats/": (_SQUARE,), "deep/": ()}),
    Recipes({"": (_SMALL, _HERO), "deep/": (_LOSSLESS,)}),
    BEGINNING,
    Recipes({"": (_THUMBNAIL, _NARROW), "cats/": (_SQUARE, _HERO), "deep/": ()}),
)
"""In the order in which they are deployed; the last ones where a run has fewer. The fifth rolls everything back."""
ALL: Final = (BEGINNING, *CHANGES)
EXTENSIONS: Final = {(spec.name, spec.format) for recipes in ALL for recipe in recipes.all for spec in recipe.specs}
"""Name and extension of every rendition that any of them makes."""
