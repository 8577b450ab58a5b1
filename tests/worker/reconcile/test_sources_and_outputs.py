from __future__ import annotations

import boto3
import pytest
from botocore.stub import Stubber

from worker.contracts.errors import Archived, Conflict, Unexpected
from worker.reconcile.outputs import Head, S3Outputs
from worker.reconcile.sources import NotModified, S3Sources, Source, SourceHead

ANY_DELETE = {"Bucket": "renditions", "Key": "k", "IfMatch": '"seen"'}


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


def test_etag_and_version_are_what_a_source_is_known_by(s3, sources):
    """It costs no download; a source that is gone has none."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345")
    assert sources.head("a") == SourceHead(s3.head_object(Bucket="pictures", Key="a")["ETag"], None)
    assert sources.head("never") is None


def test_a_delete_marker_is_no_source(s3, sources):
    """In a bucket with versions, a deleted picture is gone although its versions are kept."""
    s3.put_bucket_versioning(Bucket="pictures", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345")
    s3.delete_object(Bucket="pictures", Key="a")
    assert sources.get("a", unless=None) is None
    assert sources.head("a") is None


def test_a_source_in_an_archive_can_be_known_and_not_read(s3, sources):
    """Its facts come from a HEAD; reading it says what has to be done first."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345", StorageClass="GLACIER")
    source = sources.get("a", unless=None)
    assert isinstance(source, Source)
    assert (source.size, source.etag) == (5, sources.head("a").etag)
    with pytest.raises(Archived, match="s3:GetObject a"):
        source.read()


def test_a_known_source_in_an_archive_need_not_be_read(s3, sources):
    """A picture that moved to the archive after its renditions were made is as current as before."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345", StorageClass="GLACIER")
    assert isinstance(sources.get("a", unless=sources.head("a").etag), NotModified)


def test_a_source_that_vanishes_from_the_archive_is_none(s3, sources):
    """Between the refusal and the HEAD it may be deleted."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345", StorageClass="GLACIER")

    def vanish(**_: object) -> None:
        s3.delete_object(Bucket="pictures", Key="a")

    s3.meta.events.register("before-call.s3.HeadObject", vanish)
    assert sources.get("a", unless=None) is None


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
