"""Renders one picture: the bytes of its file and the rendition specs in, encoded renditions and facts out.

No I/O, no clock, no environment: this room must never know S3, queues or the time that is left. It changes nothing of
Pillow's global state, because a warm Lambda would keep the change for the next picture. `pipeline` calls the stages in
their order; each is a room:

    headers -> planning -> admission -> renditions (pixels -> encoding, look)

`containers` reads and writes the structures that files consist of. Exceptions of Pillow and of the decoders become ours
in `translation` and nowhere else.
"""

from worker.images.look import Look
from worker.images.pipeline import Rendered, Rendition, SourceFacts, render
from worker.images.pixels.resampler import Resampler, leave_to_pillow, resampler_in_use

__all__ = ["Look", "Rendered", "Rendition", "Resampler", "SourceFacts", "leave_to_pillow", "render", "resampler_in_use"]
