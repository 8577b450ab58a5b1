"""Who may use the page: users with the access code, or with a token that API Gateway has checked.

The code itself is nowhere but in the stack's encrypted configuration: the function knows a slow, salted hash of it.
Guessing is bounded twice: by the hash, which takes a good part of a second at the function's share of a core, and by
the API's throttling of each route.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from uploader.errors import Unauthorized

if TYPE_CHECKING:
    from uploader.request import Request

BY_TOKEN: Final = "jwt"  # noqa: S105 - the word for a token is none
"""In place of a hash, where a JWT authorizer checks a token before the function is called."""
_COST: Final = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}
"""16 MB and about 50 ms of a whole core; RFC 7914's figures for interactive use
(https://www.rfc-editor.org/rfc/rfc7914#section-2)."""
_SCHEME: Final = "scrypt"


def hashed(code: str, salt: str) -> str:
    """Return the hash of the code that the function gets: `scrypt:<salt>:<hex>`. The same for the same input."""
    return f"{_SCHEME}:{salt}:{_digest(code, salt)}"


class AccessCode:
    """Admits requests with `Authorization: Bearer <code>`."""

    def __init__(self, stored: str) -> None:
        scheme, self._salt, self._expected = stored.split(":")
        assert scheme == _SCHEME, f"the access code is hashed with {scheme}; this code knows {_SCHEME}"
        self._key = secrets.token_bytes(32)
        self._known: bytes | None = None

    def check(self, request: Request) -> None:
        """Return if the request carries the code.

        Raises:
            Unauthorized: It carries none, or another one. The answer does not say which.
        """
        scheme, _, code = request.header("authorization").partition(" ")
        if scheme.lower() != "bearer" or not self._admits(code.strip()):
            raise Unauthorized("The access code is missing or wrong. Enter the code that you were given.")

    def _admits(self, code: str) -> bool:
        """Compare in constant time. The right code is hashed slowly once in a warm function, a wrong one every time."""
        quick = hmac.digest(self._key, _bytes(code), "sha256")
        if self._known is not None and hmac.compare_digest(quick, self._known):
            return True
        if not hmac.compare_digest(_digest(code, self._salt), self._expected):
            return False
        self._known = quick
        return True


class Token:
    """Admits requests whose token API Gateway's authorizer has checked; none if there is no authorizer."""

    def check(self, request: Request) -> None:
        """Return if API Gateway says whose token it was.

        Raises:
            Unauthorized: It does not: the function was reached some other way.
        """
        if not request.claims:
            raise Unauthorized("The access token is missing. Sign in again.")


def access_of(setting: str) -> AccessCode | Token:
    """Return what checks requests, given `Settings.access`."""
    return Token() if setting == BY_TOKEN else AccessCode(setting)


def _digest(code: str, salt: str) -> str:
    return hashlib.scrypt(_bytes(code), salt=salt.encode(), **_COST).hex()


def _bytes(code: str) -> bytes:
    return code.encode(errors="replace")  # A header may hold anything; what is no text is a wrong code.
