"""Where a page finds what the output bucket has: the address of a key at the stack's delivery. Pure."""

from __future__ import annotations

from urllib.parse import quote


def address(origin: str, key: str, version: str | None) -> str:
    """Return the address of an output's version, which can be cached for ever; without a version, that of the present one.

    Args:
        origin: Of the delivery, such as `https://images.example.com`.
        key: In the output bucket, as it is. All but letters, digits, `/` and `-._~` is encoded: a page may put it into a
            `srcset`, where a comma or a space ends an address (https://html.spec.whatwg.org/multipage/images.html#srcset-attributes).
        version: Of the rendition, as in its manifest.
    """
    query = f"?v={quote(version, safe='')}" if version else ""
    return f"{origin}/{quote(key)}{query}"
