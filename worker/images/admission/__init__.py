"""Whether a picture is let in, decided from its header before a pixel is decoded."""

from worker.images.admission.estimate import BASE
from worker.images.admission.limits import admit, admit_file

__all__ = ["BASE", "admit", "admit_file"]
