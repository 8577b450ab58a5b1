"""A pipeline over a bucket that exists, with all that others have set on it."""

from __future__ import annotations

import sys
from pathlib import Path

import pulumi

# The pipeline's repository. Where it is a submodule of yours: Path(__file__).resolve().parent / "image-pipeline".
sys.path.append(str(Path(__file__).resolve().parents[2]))

from image_pipeline import ImagePipeline

photos = ImagePipeline("photos", {"source": {"bucket": pulumi.Config().require("bucket"), "prefix": "photos/"}})

pulumi.export("photos", photos.outputs)
