"""The uploader on moto's S3, with a clock-free source of randomness and one right access code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from uploader.access import AccessCode, hashed
from uploader.aws import s3_client
from uploader.handler import App
from uploader.images import Images
from uploader.names import Upload
from uploader.uploads import Uploads
from uploader.visitor import HEADER, key_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGIN_KEY = "the-key-of-the-distribution"
CODE = "correct-horse-battery-staple"
REGION = "eu-central-1"
TICKET = "0123456789abcdef" * 2
SECRET = Upload.of_ticket(TICKET, "cat.jpg").secret
"""Of the one upload with this ticket that is called so."""
STORED = hashed(CODE, "images-source")
"""Hashed once for all tests: it is slow on purpose."""


@dataclass(frozen=True)
class Caller:
    """Asks the app as API Gateway would."""

    app: App
    s3: Any

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """Return the status and the document of an answer; `authorization` is the right code unless given."""
        event = {
            "rawPath": path,
            "headers": {"authorization": f"Bearer {CODE}", HEADER: ORIGIN_KEY, **headers},
            "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.1"}},
        }
        if body is not None:
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        answer = self.app.answer(event)
        assert answer["headers"]["Cache-Control"] == "no-store"
        return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """Return a client of an S3 with both buckets."""
    environment = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": REGION}
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        client = s3_client()
        for bucket in ("images-source", "images-output"):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield client


@pytest.fixture
def caller(s3: Any) -> Caller:
    """Return the whole app, with one possible id, of which there is nothing yet."""
    s3.delete_object(Bucket="images-output", Key=f"manifest/uploads/{SECRET}/cat.jpg.json")
    uploads = Uploads(s3, "images-source", 1024 * 1024, 300, lambda size: TICKET[: 2 * size])
    return Caller(App(AccessCode(STORED), uploads, Images(s3, "images-output", 900), key_hash(ORIGIN_KEY)), s3)
