"""`POST /api/uploads`: a presigned POST for exactly one picture of exactly one size, under a key of its own.

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
        """Return the id, and the URL and the fields of a form that uploads this picture.

        Raises:
            MalformedRequest: `document` is not {name, size, type}.
            PictureTooLarge: More bytes than are taken.
            UnsupportedType: A type that is no picture's.
        """
        upload = Upload.new(_name(document), self.random)
        size, type_ = self._size(document), _type(document)
        form = self.s3.generate_presigned_post(
            self.bucket,
            upload.key,
            Fields={"Content-Type": type_, "success_action_status": "201"},
            Conditions=[
                ["eq", "$key", upload.key],
                ["eq", "$Content-Type", type_],
                ["eq", "$success_action_status", "201"],
                ["content-length-range", size, size],
            ],
            ExpiresIn=self.seconds,
        )
        return {"id": upload.id, "upload": form, "expires_in": self.seconds}

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
