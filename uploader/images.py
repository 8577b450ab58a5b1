"""`GET /api/images/{id}`: what became of a picture, from the manifest that the worker wrote last.

| status | when | besides |
|---|---|---|
| `queued` | there is no manifest yet | |
| `ready` | every rendition can be read | `source`, `picture`, `focus` if it was sent, `renditions` with links that end after a while, and `address` where it is delivered |
| `rejected` | it cannot be rendered as it is | `reason`, a code; `detail`, a sentence for a person |
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from uploader.names import Upload

_READY: Final = "image.ready"
_NOT_THERE: Final = frozenset({"NoSuchKey", "404", "AccessDenied", "403"})
"""S3 answers 403 instead of 404 to a role that may not list the bucket, which this one may not
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html)."""
_SHOWN: Final = ("name", "width", "height", "bytes", "content_type")
_DELIVERED: Final = {"version": "version", "url": "address"}
"""What a delivered rendition has besides, by its name in the manifest; `url` here is the link that ends."""


@dataclass(frozen=True)
class Images:
    """Reports the status of pictures.

    Attributes:
        s3: A boto3 client whose credentials may read the manifests and renditions of uploads.
        bucket: That those are in.
        seconds: That a link is good for.
    """

    s3: Any
    bucket: str
    seconds: int

    def status(self, upload: Upload) -> dict[str, Any]:
        """Return the status of one upload."""
        manifest = self._manifest(upload)
        if manifest is None:
            return {"status": "queued"}
        if manifest["type"] != _READY:
            return {"status": "rejected", "reason": manifest["reason"], "detail": manifest["detail"]}
        source = {name: manifest["source"][name] for name in ("bytes", "width", "height", "format")}
        renditions = [self._rendition(upload, entry) for entry in manifest["renditions"] if _belongs(entry, upload)]
        shown: dict[str, Any] = {"picture": manifest["picture"]} if "picture" in manifest else {}
        shown |= {"focus": manifest["source"]["focus"]} if "focus" in manifest["source"] else {}
        return {"status": "ready", "source": source, **shown, "renditions": renditions, "expires_in": self.seconds}

    def _manifest(self, upload: Upload) -> dict[str, Any] | None:
        try:
            body = self.s3.get_object(Bucket=self.bucket, Key=upload.manifest_key)["Body"]
        except ClientError as exc:
            # Of a key of KMS it says so: the manifest is there, and the page would wait for ever.
            if exc.response["Error"]["Code"] in _NOT_THERE and "kms:" not in str(exc):
                return None
            raise
        document: dict[str, Any] = json.loads(body.read())
        return document

    def _rendition(self, upload: Upload, entry: Mapping[str, Any]) -> dict[str, Any]:
        file_name = f"{PurePosixPath(upload.name).stem}-{entry['name']}{PurePosixPath(entry['key']).suffix}"
        saved = {"ResponseContentDisposition": f'attachment; filename="{file_name}"'}
        return {
            **{name: entry[name] for name in _SHOWN},
            **{shown: entry[name] for name, shown in _DELIVERED.items() if name in entry},
            "file_name": file_name,
            "url": self._link(entry["key"]),
            "download_url": self._link(entry["key"], **saved),
        }

    def _link(self, key: str, **overrides: str) -> str:
        params = {"Bucket": self.bucket, "Key": key, **overrides}
        link: str = self.s3.generate_presigned_url("get_object", Params=params, ExpiresIn=self.seconds)
        return link


def _belongs(entry: Mapping[str, Any], upload: Upload) -> bool:
    """Whether the rendition is of this very upload: nothing else is ever signed, whatever a manifest says."""
    return str(entry["key"]).startswith(f"{entry['name']}/{upload.key}.")
