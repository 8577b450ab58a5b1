"""Whether a picture fits into the worker's memory, decided from its header and plan before a pixel is decoded.

Must never decode or encode anything: it adds up bytes.
"""

from worker.images.admission.limits import admit, admit_file

__all__ = ["admit", "admit_file"]
