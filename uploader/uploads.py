"""`POST /api/uploads`: a presigned POST for exactly one picture of exactly one size, under a key of its own.

With the ticket of an earlier answer, the key is the same: the page sends a picture again to give it another focus.

S3 itself enforces what is signed: the key, the size, the type and the time
(https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from uploader.errors import MalformedRequest, PictureTooLarge, UnsupportedType
from uploader.names import Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TYPE: Final = re.compile(r"image/[a-z0-9][a-z0-9.+-]{0,60}|application/octet-stream")
"""What browsers call pictures, and what they call a file that they do not know, such as HEIC on some systems. The
worker reads the bytes; this keeps files that are no pictures by their own type away from it and from the dead letters."""
_TICKET: Final = re.compile(r"[0-9a-f]{32}")
_NUMBER: Final = r"(?:0|1|0\.[0-9]{1,4})"
_FOCUS: Final = re.compile(f"{_NUMBER},{_NUMBER}")
"""Part of what `worker.contracts.recipes.focus` takes, with which a test compares it: no form is signed whose focus the worker ignores."""
_LONGEST_NAME: Final = 255
_LONGEST_TYPE: Final = 255


@dataclass(frozen=True)
class Uploads:
    """Signs uploads.

    Attributes:
        s3: A boto3 client whose credentials may put objects under `uploads/`, and nothing else.
        bucket: That they go to.
        max_bytes: Of one picture.
        seconds: That an upload may be started in.
        random: Given a number of bytes, returns them in hexadecimal.
    """

    s3: Any
    bucket: str
    max_bytes: int
    seconds: int
    random: Callable[[int], str]

    def sign(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the id, the ticket that signs for it again, and the URL and the fields of a form that uploads this picture.

        Raises:
            MalformedRequest: `document` is not {name, size, type}, with a `ticket` and a `focus` or without.
            PictureTooLarge: More bytes than are taken.
            UnsupportedType: A type that is no picture's.
        """
        ticket = _ticket(document) or self.random(16)
        upload = Upload.of_ticket(ticket, _name(document))
        size, fields = self._size(document), {"Content-Type": _type(document), "success_action_status": "201"}
        if focus := _focus(document):
            fields["x-amz-meta-focus"] = focus
        form = self.s3.generate_presigned_post(
            self.bucket,
            upload.key,
            Fields=fields,
            Conditions=[
                ["eq", "$key", upload.key],
                *(["eq", f"${name}", value] for name, value in fields.items()),
                ["content-length-range", size, size],
            ],
            ExpiresIn=self.seconds,
        )
        return {"id": upload.id, "ticket": ticket, "upload": form, "expires_in": self.seconds}

    def _size(self, document: Mapping[str, Any]) -> int:
        size = document.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise MalformedRequest("size is not the picture's number of bytes; an empty file cannot be uploaded.")
        if size > self.max_bytes:
            limit = self.max_bytes // (1024 * 1024)
            raise PictureTooLarge(f"The picture has more than {limit} MB. Make it smaller and upload it again.")
        return size


def _name(document: Mapping[str, Any]) -> str:
    name = document.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_NAME:
        raise MalformedRequest(f"name is not the file's name of 1 to {_LONGEST_NAME} characters.")
    return name


def _type(document: Mapping[str, Any]) -> str:
    type_ = document.get("type")
    if not isinstance(type_, str) or len(type_) > _LONGEST_TYPE:
        raise MalformedRequest("type is not the file's MIME type, such as image/jpeg.")
    if not _TYPE.fullmatch(type_):
        raise UnsupportedType("This is not a picture. Choose a JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP file.")
    return type_


def _ticket(document: Mapping[str, Any]) -> str | None:
    ticket = document.get("ticket")
    if ticket is not None and not (isinstance(ticket, str) and _TICKET.fullmatch(ticket)):
        raise MalformedRequest("ticket is none that an earlier answer had; leave it out for a new picture.")
    return ticket


def _focus(document: Mapping[str, Any]) -> str | None:
    focus = document.get("focus")
    if focus is not None and not (isinstance(focus, str) and _FOCUS.fullmatch(focus)):
        raise MalformedRequest('focus is not "x,y", two numbers from 0 to 1 such as "0.3,0.75".')
    return focus
