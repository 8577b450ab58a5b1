"""Whether a picture is let in, decided from its header before a pixel is decoded."""

from worker.images.estimate import BASE
from worker.images.limits import admit, admit_file

__all__ = ["BASE", "admit", "admit_file"]
