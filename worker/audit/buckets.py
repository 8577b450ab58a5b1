"""What the listings of both buckets say, and the marks of single outputs. Raises botocore's errors as they are.

Needs s3:ListBucket on both, s3:GetObject on outputs for their marks, and on originals for their foci where something is cropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from worker.audit.side_by_side import Item, Listed, of_output, of_source
from worker.contracts.names import ARCHIVES
from worker.contracts.recipes.focus import METADATA, mark_of
from worker.contracts.recipes.specs import RENDITION_NAME
from worker.process.aws import NOT_FOUND, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from worker.audit.side_by_side import Items

_NAME: Final = re.compile(RENDITION_NAME)


@dataclass(frozen=True)
class Buckets:
    """The two buckets of one stack.

    Attributes:
        scope: What all source keys begin with that are anybody's business here; others are not listed.
    """

    client: Any
    source: str
    output: str
    scope: str = ""

    def streams(self, after: str = "", prefix: str = "") -> list[Items]:
        """Return a stream of the source bucket and one of each rendition's outputs, of what comes behind the place `after`.

        Which renditions there are the output bucket says: a former recipe may have had others.
        """
        return [self._sources(after, prefix), *(self._outputs(name, after, prefix) for name in self._names())]

    def marks(self, key: str) -> Mapping[str, str] | None:
        """Return an output's metadata, None where there is no such output."""
        return self._metadata(self.output, key)

    def focus(self, key: str) -> str | None:
        """Return the mark of an original's focus, None where there is no such original."""
        metadata = self._metadata(self.source, key)
        return None if metadata is None else mark_of(metadata.get(METADATA))

    def _metadata(self, bucket: str, key: str) -> Mapping[str, str] | None:
        try:
            return dict(self.client.head_object(Bucket=bucket, Key=key)["Metadata"])
        except ClientError as exc:
            if status_of(exc) == NOT_FOUND:
                return None
            raise

    def _names(self) -> list[str]:
        found = (
            entry["Prefix"].removesuffix("/")
            for page in self._pages(self.output, "", "", Delimiter="/")
            for entry in page.get("CommonPrefixes", [])
        )
        return [name for name in found if _NAME.fullmatch(name)]

    def _sources(self, after: str, prefix: str) -> Iterator[Item]:
        narrower, wider = sorted((prefix, self.scope), key=len, reverse=True)
        listed = self._listed(self.source, narrower, after) if narrower.startswith(wider) else ()
        return (of_source(each) for each in listed)

    def _outputs(self, name: str, after: str, prefix: str) -> Iterator[Item]:
        behind = f"{name}/{after}" if after else ""
        for listed in self._listed(self.output, f"{name}/{prefix}", behind):
            item = of_output(name, listed)
            if item is not None:
                yield item

    def _listed(self, bucket: str, prefix: str, after: str) -> Iterator[Listed]:
        for page in self._pages(bucket, prefix, after):
            for entry in page.get("Contents", []):
                is_archived = entry.get("StorageClass") in ARCHIVES
                yield Listed(entry["Key"], entry["LastModified"].timestamp(), entry["ETag"].strip('"'), is_archived)

    def _pages(self, bucket: str, prefix: str, after: str, **more: Any) -> Iterator[dict[str, Any]]:
        pages = self.client.get_paginator("list_objects_v2")
        yield from pages.paginate(Bucket=bucket, Prefix=prefix, StartAfter=after, **more)
