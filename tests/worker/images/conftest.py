from __future__ import annotations

from typing import Any

import pytest

from worker.images.encoding import encoders


@pytest.fixture
def qualities(monkeypatch) -> list[int]:
    """Return the qualities that the WebP and JPEG encoders are called with, in order."""
    asked: list[int] = []

    def listening(real: Any) -> Any:
        def options(spec: Any, quality: int, mode: str) -> Any:
            asked.append(quality)
            return real(spec, quality, mode)

        return options

    for name in ("webp", "jpeg"):
        monkeypatch.setitem(encoders._OPTIONS, name, listening(encoders._OPTIONS[name]))
    return asked
