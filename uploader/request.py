"""One request, as API Gateway's HTTP API hands it over, and the JSON in it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html (format 2.0)
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from uploader.errors import BodyTooLarge, MalformedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST_BODY: Final = 2048
"""Bytes; a name of 255 characters of four bytes each fits."""


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Attributes:
        method: Such as `POST`.
        path: Such as `/api/uploads`.
        headers: By name in lower case.
        body: As it was sent.
        claims: Of the token that API Gateway has checked; empty without an authorizer.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    claims: Mapping[str, Any]

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Request:
        """Read an event; what is missing in it is empty, so that a stray invocation is a 404 like any other.

        Raises:
            BodyTooLarge: Before any of the body is decoded.
            MalformedRequest: The body says that it is base64 and is not.
        """
        context = event.get("requestContext", {})
        return cls(
            method=context.get("http", {}).get("method", ""),
            path=event.get("rawPath", ""),
            headers={name.lower(): value for name, value in event.get("headers", {}).items()},
            body=_body(event),
            claims=context.get("authorizer", {}).get("jwt", {}).get("claims", {}),
        )

    def header(self, name: str) -> str:
        """Return a header's value, or nothing."""
        return self.headers.get(name, "")

    def json(self) -> dict[str, Any]:
        """Return the body's JSON object.

        Raises:
            MalformedRequest: It is none.
        """
        try:
            document = json.loads(self.body)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise MalformedRequest('The body is no JSON object; send {"name": ..., "size": ..., "type": ...}.')
        return document


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    encoded = bool(event.get("isBase64Encoded"))
    # Four characters of base64 are three bytes.
    if len(text) > (LARGEST_BODY * 4 // 3 + 4 if encoded else LARGEST_BODY):
        raise BodyTooLarge(f"The body is larger than {LARGEST_BODY} bytes; pictures are not sent here.")
    try:
        body = base64.b64decode(text, validate=True) if encoded else text.encode(errors="replace")
    except binascii.Error as exc:
        raise MalformedRequest("The body is not the base64 that it is said to be.") from exc
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge(f"The body is larger than {LARGEST_BODY} bytes; pictures are not sent here.")
    return body
