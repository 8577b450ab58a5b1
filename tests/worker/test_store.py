from __future__ import annotations

import pytest

from worker.errors import Conflict, Unexpected
from worker.store import Head, NotModified, S3Outputs, S3Sources, Source


@pytest.fixture
def sources(s3):
    """Return the source bucket."""
    return S3Sources(s3, "pictures")


@pytest.fixture
def outputs(s3):
    """Return the output bucket."""
    return S3Outputs(s3, "renditions", "public, max-age=60")


def put(outputs, key="k", data=b"data", expected=None):
    """Write an output."""
    outputs.put(key, data, "image/webp", {"source-etag": '"1"'}, expected=expected)


def test_a_source_is_read_as_it_is_now(s3, sources):
    """A source comes with its ETag, its size and its bytes."""
    s3.put_object(Bucket="pictures", Key="a b+ä.jpg", Body=b"12345")
    source = sources.get("a b+ä.jpg", unless=None)
    assert isinstance(source, Source)
    assert (source.size, source.read()) == (5, b"12345")


def test_a_known_source_is_not_downloaded(s3, sources):
    """The ETag that the caller knows makes the answer NotModified, any other the source."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345")
    etag = s3.head_object(Bucket="pictures", Key="a")["ETag"]
    assert isinstance(sources.get("a", unless=etag), NotModified)
    assert isinstance(sources.get("a", unless='"other"'), Source)


def test_a_missing_source_is_none(sources):
    """A source that is gone is an answer, not an error."""
    assert sources.get("never", unless=None) is None


def test_a_missing_bucket_is_an_error(s3):
    """What should exist and does not is an unexpected error that names the request."""
    with pytest.raises(Unexpected, match=r"s3:PutObject k: .*bucket"):
        put(S3Outputs(s3, "no-such-bucket", "public"))


def test_an_output_says_what_was_written(outputs, s3):
    """A head tells size and user metadata; Content-Type and Cache-Control are set."""
    assert outputs.head("k") is None
    put(outputs)
    head = outputs.head("k")
    assert (head.size, head.metadata) == (4, {"source-etag": '"1"'})
    stored = s3.head_object(Bucket="renditions", Key="k")
    assert (stored["ContentType"], stored["CacheControl"]) == ("image/webp", "public, max-age=60")


def test_a_write_where_something_appeared_is_a_conflict(outputs):
    """Who saw nothing may not overwrite what came since."""
    put(outputs)
    with pytest.raises(Conflict):
        put(outputs, data=b"late")


def test_a_write_over_what_changed_is_a_conflict(outputs):
    """Who saw an older output may not overwrite the newer one; who saw this one may."""
    put(outputs)
    seen = outputs.head("k")
    put(outputs, data=b"newer", expected=seen)
    with pytest.raises(Conflict):
        put(outputs, data=b"late", expected=seen)
    assert outputs.head("k").size == 5


def test_a_write_over_what_vanished_is_a_conflict(outputs):
    """Who saw an output that was deleted since starts again."""
    with pytest.raises(Conflict):
        put(outputs, expected=Head('"gone"', 1, {}))


def test_an_output_can_be_deleted(outputs):
    """An output that is as it was seen is deleted."""
    put(outputs)
    outputs.delete("k", expected=outputs.head("k"))
    assert outputs.head("k") is None
