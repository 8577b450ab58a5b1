"""Who asked: the visitor's address, of a request that the page's own distribution has sent, and of no other.

The API can be called around the distribution, where X-Forwarded-For says what the caller likes. The distribution
therefore adds a header with a key that only it has; the function knows the key's hash.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER: Final = "x-origin-verify"
"""What a visitor sends under this name is overwritten:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html"""


def key_hash(key: str) -> str:
    """Return what the function gets of the distribution's key, which is random: no salt and no slow hash are needed."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def visitor_in(event: Mapping[str, Any], origin: str) -> str:
    """Return the address of who asked CloudFront; nothing where that is not certain. `origin` is the hash of its key.

    CloudFront puts the address of its peer at the end of X-Forwarded-For; API Gateway adds its own peer's, which is
    CloudFront (https://github.com/asfadmin/thin-egress-app/issues/380). What stands before is the visitor's to choose.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#RequestCustomIPAddresses
    """
    headers = event.get("headers") or {}
    if not hmac.compare_digest(key_hash(str(headers.get(HEADER, ""))), origin):
        return ""
    peer = str(((event.get("requestContext") or {}).get("http") or {}).get("sourceIp", ""))
    hops = [hop.strip() for hop in str(headers.get("x-forwarded-for", "")).split(",")]
    if hops[-1] == peer:  # Only this one: the same address before it is a visitor's, as on the loopback.
        hops.pop()
    try:
        return str(ipaddress.ip_address(hops[-1])) if hops else ""
    except ValueError:
        return ""
