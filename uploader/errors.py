"""The closed family of everything that the uploader answers besides what was asked for.

    Refusal
    ├── MalformedRequest     400 malformed-request
    ├── Unauthorized         401 wrong-access-code
    ├── NotFound             404 not-found
    ├── MethodNotAllowed     405 method-not-allowed
    ├── BodyTooLarge         413 body-too-large
    ├── PictureTooLarge      413 picture-too-large
    └── UnsupportedType      415 unsupported-type

Each is answered as `{"error": {"code", "message"}}`; the message is for a person and says what to do. Whatever is not of
the family is answered by `uploader/handler.py` as 500 `internal-error`, with nothing of what it was.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """Root of the family; only its leaves are raised.

    Attributes:
        status: Of HTTP.
        code: In kebab case, one per class; for programs.
        message: What is wrong and what to do.
    """

    status: ClassVar[int]
    code: ClassVar[str]

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MalformedRequest(Refusal):
    """The body or the id is not of its form."""

    status, code = 400, "malformed-request"


class Unauthorized(Refusal):
    """No access code, or not the right one."""

    status, code = 401, "wrong-access-code"


class NotFound(Refusal):
    """There is nothing at this path."""

    status, code = 404, "not-found"


class MethodNotAllowed(Refusal):
    """The path is right, the method is not."""

    status, code = 405, "method-not-allowed"


class BodyTooLarge(Refusal):
    """The JSON is larger than any right one."""

    status, code = 413, "body-too-large"


class PictureTooLarge(Refusal):
    """The picture has more bytes than may be uploaded."""

    status, code = 413, "picture-too-large"


class UnsupportedType(Refusal):
    """What is to be uploaded is, by its own word, no picture."""

    status, code = 415, "unsupported-type"
