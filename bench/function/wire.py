"""What the worker's requests meet in a benchmark: S3 and SNS that answer after a fixed time, and take no processor to do so.

botocore builds, signs and parses as ever; only what would go over the network is answered here, at its `before-send` event
(https://docs.aws.amazon.com/boto3/latest/guide/events.html). There is nothing in the output bucket, and it takes whatever comes.
"""

from __future__ import annotations

import time
from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ETAG: Final = '"0cc175b9c0f1b6a831c399e269772661"'
_PUBLISHED: Final = (
    b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult>'
    b"</PublishResponse>"
)


class _Body(BytesIO):
    """A body as urllib3 has it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        """Yield all of it."""
        yield self.read()


class Wire:
    """Answers, and counts by service and operation.

    Attributes:
        counts: Requests so far.
    """

    def __init__(self, sources: Mapping[str, bytes], source_bucket: str, delay: float) -> None:
        """Hold `sources` by key in `source_bucket`; S3 answers after `delay` seconds."""
        self.counts: Counter[str] = Counter()
        self._sources, self._source_bucket, self._delay = sources, source_bucket, delay

    def __call__(self, **event: Any) -> Any:
        """Return the answer to the request of an event, whose name ends in service and operation."""
        service, operation = event["event_name"].split(".")[1:]
        self.counts[f"{service}:{operation}"] += 1
        if service == "s3":
            time.sleep(self._delay)
            return self._stored(event["request"].url, operation)
        return _answer(event["request"].url, 200, _PUBLISHED)

    def _stored(self, url: str, operation: str) -> AWSResponse:
        if operation == "PutObject":
            return _answer(url, 200, ETag=_ETAG)
        place = urlsplit(url)
        found = self._sources.get(place.path[1:]) if place.netloc.startswith(f"{self._source_bucket}.") else None
        if found is None:
            return _answer(url, 404)
        size = {"Content-Length": str(len(found))}
        return _answer(url, 200, found if operation == "GetObject" else b"", ETag=_ETAG, **size)


def _answer(url: str, status: int, body: bytes = b"", **headers: str) -> AWSResponse:
    found = HTTPHeaders()
    for name, value in headers.items():
        found[name] = value
    return AWSResponse(url, status, found, _Body(body))
