"""Where a page finds a rendition: one rule for the worker and the operators. Pure."""

from __future__ import annotations

from urllib.parse import quote


def address(origin: str, key: str, version: str | None) -> str:
    """Return the address of one version of a rendition; without a version, of whichever there is.

    Args:
        origin: Of what delivers, such as `https://host`, without a slash at the end.
        key: In the output bucket, as it is.
        version: As its manifest says.
    """
    return f"{origin}/{quote(key)}" + (f"?v={version}" if version else "")
