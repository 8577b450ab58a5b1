"""The upload page's files in a private bucket that only its distribution reads: `web/` as it is, no build step.

Everything but the first file lies in a folder named after a hash of it all, so that browsers may keep it for ever and
a page never mixes two versions; `index.html`, which names that folder, and `config.json` are asked for every time.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.access.kms_key import AWS_OWN
from infra.delivery.bucket_origin import readable_by
from infra.storage.private_bucket import BucketArgs, PrivateBucket

if TYPE_CHECKING:
    from collections.abc import Mapping

WEB: Final = Path(__file__).resolve().parents[2] / "web"
INDEX: Final = "index.html"
KEPT: Final = "public, max-age=31536000, immutable"
ASKED_FOR: Final = "no-cache"
_ASSETS: Final = "assets/"
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class File:
    """One object of the site; all of them are text."""

    key: str
    content: str
    cache_control: str

    @property
    def content_type(self) -> str:
        """By the key's ending; an ending that is not known is a mistake in `web/`."""
        return _TYPES[Path(self.key).suffix]


def read_site(web: Path = WEB) -> dict[str, File]:
    """Return the files of `web/` by their paths in it, under the keys that they are served from."""
    texts = {file.relative_to(web).as_posix(): file.read_text("utf-8") for file in sorted(web.rglob("*.*"))}
    folder = f"{_ASSETS}{_digest(texts)}/"
    files = {
        path: File(folder + path.removeprefix(_ASSETS), text, KEPT) for path, text in texts.items() if path != INDEX
    }
    return {**files, INDEX: File(INDEX, texts[INDEX].replace(f'"{_ASSETS}', f'"{folder}'), ASKED_FOR)}


def _digest(texts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()[:16]


class Site(PrivateBucket):
    """The bucket with the page in it. All of it is in the repository, so it is destroyed with the stack."""

    def __init__(
        self, name: str, prefix: str, settings: Mapping[str, object], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("Site", name, BucketArgs(prefix, force_destroy=True, kms_key=AWS_OWN), (), opts)
        self.domain = self.bucket.bucket_regional_domain_name
        files = read_site()
        index = files.pop(INDEX)
        settings_file = File("config.json", json.dumps(settings, sort_keys=True), ASKED_FOR)
        first = [self._put(path, file) for path, file in {**files, settings_file.key: settings_file}.items()]
        self._put(INDEX, index, after=first)
        self.register_outputs({"name": self.name})

    def accept_from(self, distribution_arn: pulumi.Input[str]) -> None:
        """Let one distribution alone read."""
        self._deny_plain_http(readable_by(distribution_arn, [self.objects]))

    def _put(self, path: str, file: File, after: list[pulumi.Resource] | None = None) -> pulumi.Resource:
        """Put one file; the first one waits for those that it names."""
        return aws.s3.BucketObjectv2(
            self.named(f"{self.label}-{path.replace('/', '-')}"),
            bucket=self.bucket.id,
            key=file.key,
            content=file.content,
            content_type=file.content_type,
            cache_control=file.cache_control,
            opts=pulumi.ResourceOptions(parent=self, depends_on=after or []),
        )
