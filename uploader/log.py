"""One JSON line per answer, under a constant event name. Never an access code, a token, a signature or an id's secret."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

ANSWERED: Final = "request.answered"
REFUSED: Final = "request.refused"
FAILED: Final = "request.failed"


def log(event: str, **fields: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()
