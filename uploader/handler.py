"""What Lambda calls: one request, one answer, one error shape. Importing it opens nothing.

The order is: a body that is too large, a path that is none, a method that is none, the access code, then the request
itself. Without an access code, a request learns only which paths exist.
"""

from __future__ import annotations

import json
import os
import secrets
import traceback
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from uploader.access import AccessCode, Token, access_of
from uploader.aws import s3_client
from uploader.errors import MethodNotAllowed, NotFound, Refusal
from uploader.images import Images
from uploader.log import ANSWERED, FAILED, REFUSED, log
from uploader.names import Upload
from uploader.request import Request
from uploader.settings import Settings
from uploader.uploads import Uploads
from uploader.visitor import visitor_in

if TYPE_CHECKING:
    from collections.abc import Mapping

UPLOADS: Final = "/api/uploads"
IMAGES: Final = "/api/images/"
_HEADERS: Final = {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
_OOPS: Final = "Something went wrong on our side. Try again in a minute."


def handle(event: Mapping[str, Any], context: Any) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes both
    """Answer one request of the HTTP API."""
    return _app().answer(event)


@dataclass(frozen=True)
class App:
    """The two routes, who may use them, and the hash of the key that the page's distribution sends."""

    access: AccessCode | Token
    uploads: Uploads
    images: Images
    origin: str

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer in API Gateway's form; never raises."""
        fields = _fields(event, self.origin)
        try:
            status, document = self._route(Request.from_event(event))
        except Refusal as refusal:
            log(REFUSED, **fields, status=refusal.status, code=refusal.code)
            return _answer(refusal.status, {"error": {"code": refusal.code, "message": refusal.message}})
        except Exception:  # noqa: BLE001 - the one place that catches everything: the caller learns nothing of it
            log(FAILED, **fields, status=500, trace=traceback.format_exc())
            return _answer(500, {"error": {"code": "internal-error", "message": _OOPS}})
        log(ANSWERED, **fields, status=status)
        return _answer(status, document)

    def _route(self, request: Request) -> tuple[int, dict[str, Any]]:
        if request.path == UPLOADS:
            _allow(request, "POST")
            self.access.check(request)
            return 201, self.uploads.sign(request.json())
        if request.path.startswith(IMAGES):
            _allow(request, "GET")
            self.access.check(request)
            return 200, self.images.status(Upload.from_id(request.path.removeprefix(IMAGES)))
        raise NotFound(f"There is nothing here. Ask POST {UPLOADS} or GET {IMAGES}<id>.")


@cache
def _app() -> App:
    settings = Settings.from_env(os.environ)
    s3 = s3_client()
    return App(
        access_of(settings.access),
        Uploads(s3, settings.source_bucket, settings.max_bytes, settings.upload_seconds, secrets.token_hex),
        Images(s3, settings.output_bucket, settings.link_seconds),
        settings.origin,
    )


def _allow(request: Request, method: str) -> None:
    if request.method != method:
        raise MethodNotAllowed(f"Only {method} is possible here.")


def _fields(event: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Return what is logged of a request: the route, not the path, because an id is a capability."""
    context = event.get("requestContext") or {}
    http = context.get("http") or {}
    return {
        "route": context.get("routeKey", ""),
        "method": http.get("method", ""),
        "visitor": visitor_in(event, origin),
        "source_ip": http.get("sourceIp", ""),
        "request_id": context.get("requestId", ""),
    }


def _answer(status: int, document: Mapping[str, Any]) -> dict[str, Any]:
    return {"statusCode": status, "headers": _HEADERS, "body": json.dumps(document), "isBase64Encoded": False}
