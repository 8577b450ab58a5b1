"""Writes one JSON line per outcome. Lambda forwards standard output to CloudWatch Logs."""

from __future__ import annotations

import json
import sys
from typing import Any


def log(event: str, **fields: Any) -> None:
    """Write one line; fields that are None are left out."""
    document = {"event": event, **{name: value for name, value in fields.items() if value is not None}}
    line = json.dumps(document, ensure_ascii=False)
    # A lone surrogate, which JSON can spell, is in no encoding of a stream: it stays spelt.
    sys.stdout.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
    sys.stdout.flush()
