"""CloudFront's lists, which say how long they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def counted(items: Sequence[Any]) -> dict[str, Any]:
    """Return a list as CloudFront takes it."""
    return {"Quantity": len(items), "Items": list(items)}
