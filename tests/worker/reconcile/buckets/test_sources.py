from __future__ import annotations

import pytest

from worker.contracts.errors import Archived, Conflict
from worker.reconcile.sources import NotModified, S3Sources, Source, SourceHead


@pytest.fixture
def sources(s3):
    """Return the source bucket."""
    return S3Sources(s3, "pictures")


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


@pytest.mark.parametrize("how", [{}, {"StorageClass": "GLACIER"}])
@pytest.mark.parametrize(
    ("metadata", "mark"), [({}, ""), ({"focus": "0.30,0.7"}, "0.3,0.7"), ({"Focus": "top"}, "ignored")]
)
def test_the_focus_of_an_original_is_in_its_metadata(s3, sources, metadata, mark, how):
    """Both a download and a HEAD say it, of an archived original too."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345", Metadata=metadata, **how)
    assert sources.get("a", unless=None).focus == mark
    assert sources.head("a").focus == mark


def test_a_copy_in_place_changes_the_focus_and_not_the_etag(s3, sources):
    """So the ETag alone does not say whether outputs are current."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345")
    before = sources.head("a")
    s3.copy_object(
        Bucket="pictures", Key="a", CopySource={"Bucket": "pictures", "Key": "a"}, MetadataDirective="REPLACE",
        Metadata={"focus": "0,1"},
    )  # fmt: skip
    after = sources.head("a")
    assert (before.focus, after.focus) == ("", "0,1")
    assert before.etag == after.etag


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


def test_what_was_let_go_is_read_by_a_request_of_its_own(s3, sources):
    """A picture that waits for memory keeps no answer open; what it gets then is what it was told of."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345")
    source = sources.get("a", unless=None)
    source.let_go()
    source.let_go()
    assert source.read() == b"12345"


def test_a_source_that_changed_while_it_was_let_go_is_a_conflict(s3, sources):
    """And so another round, instead of the new picture under the old one's ETag."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345")
    source = sources.get("a", unless=None)
    source.let_go()
    s3.put_object(Bucket="pictures", Key="a", Body=b"67890")
    with pytest.raises(Conflict):
        source.read()


def test_a_source_that_was_let_go_and_is_gone_is_a_conflict(s3, sources):
    """The next round finds it gone."""
    s3.put_object(Bucket="pictures", Key="a", Body=b"12345")
    source = sources.get("a", unless=None)
    source.let_go()
    s3.delete_object(Bucket="pictures", Key="a")
    with pytest.raises(Conflict):
        source.read()
