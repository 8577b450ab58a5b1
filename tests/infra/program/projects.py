"""Pulumi projects of other people's, for the tests of the component."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
import pulumi
import pulumi_aws as aws
from image_pipeline import ImagePipeline
"""


def project(root: Path, program: str) -> Path:
    """Write a project with the program, below the usual imports, and return its folder."""
    (root / "Pulumi.yaml").write_text("name: other\nruntime: python\n")
    (root / "__main__.py").write_text(HEAD + program)
    return root
