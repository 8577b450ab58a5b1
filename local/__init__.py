"""The pipeline on this computer: the repository's own Pulumi program on an embedded AWS. `python -m local --help`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
"""Of the repository."""
