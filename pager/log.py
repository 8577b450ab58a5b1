"""One JSON line per change of an alarm, under a constant event name."""

from __future__ import annotations

import json
import sys
from typing import Any, Final

TOLD: Final = "alarm.told"
SILENT: Final = "alarm.silent"
FAILED: Final = "story.failed"


def log(event: str, **fields: Any) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()
