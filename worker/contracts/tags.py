"""The tag of an original whose renditions are ready: the source bucket's lifecycle archives those and no others."""

from __future__ import annotations

from typing import Final

KEY: Final = "pipeline"
VALUE: Final = "ready"
