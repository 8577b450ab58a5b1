"""Makes Pillow fail as no file on hand makes it fail: pictures of two sizes end or hang the process that decodes them.

Loaded into the worker by `entry.py`, and into its children by Python itself, as `sitecustomize.py` in the bundle's root.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any, Final

CRASHING: Final = (61, 67)
HANGING: Final = (67, 61)


def sabotage() -> None:
    """Have every decoder of Pillow check the size first."""
    from PIL import ImageFile  # noqa: PLC0415 - the names above are also for those who only draw the pictures

    load = ImageFile.ImageFile.load

    def loaded(self: ImageFile.ImageFile) -> Any:
        if self.size == CRASHING:
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.size == HANGING:
            _hang()
        return load(self)

    ImageFile.ImageFile.load = loaded  # type: ignore[method-assign]  # which is the point


def _hang() -> None:
    """Never return; an orphan ends itself, because outside of Lambda nothing else ends it."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.1)
    os._exit(1)
