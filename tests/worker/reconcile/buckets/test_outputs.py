from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from worker.contracts.errors import Conflict, Unexpected
from worker.reconcile.outputs import Head, S3Outputs

ANY_DELETE = {"Bucket": "renditions", "Key": "k", "IfMatch": '"seen"'}


@pytest.fixture
def outputs(s3):
    """Return the output bucket."""
    return S3Outputs(s3, "renditions", "public, max-age=60")


def put(outputs, key="k", data=b"data", expected=None):
    """Write an output."""
    outputs.put(key, data, "image/webp", {"source-etag": '"1"'}, expected=expected)


def test_an_output_says_what_was_written(outputs, s3):
    """A head has size and user metadata; Content-Type and Cache-Control are set."""
    assert outputs.head("k") is None
    put(outputs)
    head = outputs.head("k")
    assert (head.size, head.metadata) == (4, {"source-etag": '"1"'})
    stored = s3.head_object(Bucket="renditions", Key="k")
    assert (stored["ContentType"], stored["CacheControl"]) == ("image/webp", "public, max-age=60")


def test_a_write_where_something_appeared_is_a_conflict(outputs):
    """A writer whose HEAD found no output may not overwrite one that was written since."""
    put(outputs)
    with pytest.raises(Conflict):
        put(outputs, data=b"late")


def test_a_write_over_what_changed_is_a_conflict(outputs):
    """A writer that saw an older output may not overwrite the newer one; one that saw this one may."""
    put(outputs)
    seen = outputs.head("k")
    put(outputs, data=b"newer", expected=seen)
    with pytest.raises(Conflict):
        put(outputs, data=b"late", expected=seen)
    assert outputs.head("k").size == 5


def test_a_write_over_what_vanished_is_a_conflict(outputs):
    """A writer whose HEAD found an output that was deleted since gets a conflict, and starts again."""
    with pytest.raises(Conflict):
        put(outputs, expected=Head('"gone"', 1, {}))


def test_an_output_can_be_deleted(outputs):
    """An output that is as it was seen is deleted."""
    put(outputs)
    outputs.delete("k", expected=outputs.head("k"))
    assert outputs.head("k") is None


@pytest.mark.parametrize("expected", ["seen", "newer"])
def test_a_delete_of_what_changed_or_vanished_is_a_conflict(expected):
    """S3 answers 412 where something else is, and 404 where nothing is (moto knows no conditional delete)."""
    status, code = {"newer": (412, "PreconditionFailed"), "seen": (404, "NoSuchKey")}[expected]
    client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        stub.add_client_error("delete_object", code, http_status_code=status, expected_params=ANY_DELETE)
        with pytest.raises(Conflict):
            S3Outputs(client, "renditions", "public").delete("k", expected=Head('"seen"', 1, {}))


def test_a_missing_bucket_is_an_error(s3):
    """What should exist and does not is an unexpected error that names the request."""
    with pytest.raises(Unexpected, match=r"s3:PutObject k: .*bucket"):
        put(S3Outputs(s3, "no-such-bucket", "public"))
