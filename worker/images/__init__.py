"""Picture in, renditions out: bytes and frozen specs in, bytes and facts out.

Pure: no I/O, no clock, no environment, and nothing of Pillow's global state is changed, because a warm Lambda would keep
it. `pipeline` has the order of the stages.
"""

from worker.images.pipeline import render
from worker.images.results import Rendered, Rendition, SourceFacts

__all__ = ["Rendered", "Rendition", "SourceFacts", "render"]
