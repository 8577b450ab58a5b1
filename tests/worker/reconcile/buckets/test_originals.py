from __future__ import annotations

import json

import boto3
import pytest
from botocore.stub import Stubber

from worker.contracts.errors import AccessDenied, Conflict
from worker.reconcile.originals import MOST, TaggedOriginals

READY = {"Key": "pipeline", "Value": "ready"}


@pytest.fixture
def originals(s3):
    """Return the source bucket, with versions."""
    s3.put_bucket_versioning(Bucket="pictures", VersioningConfiguration={"Status": "Enabled"})
    return TaggedOriginals(s3, "pictures")


def put(s3, *tags):
    """Store a picture with tags; return its version."""
    tagging = "&".join(f"{tag['Key']}={tag['Value']}" for tag in tags)
    return s3.put_object(Bucket="pictures", Key="a", Body=b"x", Tagging=tagging)["VersionId"]


def tags(s3, version):
    """Return the tags of a version."""
    return s3.get_object_tagging(Bucket="pictures", Key="a", VersionId=version)["TagSet"]


def other(number):
    """Return a tag of an uploader's."""
    return {"Key": f"k{number}", "Value": "v"}


def test_the_version_is_tagged_and_no_other(s3, originals):
    """A picture that came since is another version: it is not ready yet."""
    old, new = put(s3), put(s3)
    originals.mark("a", old)
    assert (tags(s3, old), tags(s3, new)) == ([READY], [])


def test_an_uploader_s_tags_stay(s3, originals):
    """All tags are written at once, so they are read first."""
    version = put(s3, other(1), other(2))
    originals.mark("a", version)
    assert sorted(tags(s3, version), key=lambda tag: tag["Key"]) == [other(1), other(2), READY]
    originals.unmark("a", version)
    assert tags(s3, version) == [other(1), other(2)]


def test_another_value_of_the_tag_is_replaced(s3, originals):
    """The tag is the pipeline's own."""
    version = put(s3, {"Key": "pipeline", "Value": "draft"})
    originals.mark("a", version)
    assert tags(s3, version) == [READY]


def test_ten_tags_of_others_leave_the_original_where_it_is(s3, originals, capsys):
    """S3 takes no eleventh; that the picture will not be archived is logged, and is no failure."""
    version = put(s3, *(other(number) for number in range(MOST)))
    originals.mark("a", version)
    assert READY not in tags(s3, version)
    line = json.loads(capsys.readouterr().out)
    assert (line["event"], line["key"], line["version"]) == ("original.not-tagged", "a", version)


def test_what_is_marked_already_is_not_written_again(s3, originals):
    """Nor is anything taken from what has no mark: a duplicate costs one read."""
    marked, plain = put(s3, READY), put(s3, other(1))
    s3.meta.events.register("before-call.s3.PutObjectTagging", lambda **_: pytest.fail("written"))
    originals.mark("a", marked)
    originals.unmark("a", plain)


def test_a_version_that_was_deleted_is_a_conflict(s3, originals):
    """The worker starts again, and reads what is there now."""
    version = put(s3)
    s3.delete_object(Bucket="pictures", Key="a", VersionId=version)
    with pytest.raises(Conflict):
        originals.mark("a", version)


def test_a_missing_permission_is_an_error_that_names_the_request():
    """The first picture shows that the role may not tag."""
    client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        stub.add_client_error("get_object_tagging", "AccessDenied", http_status_code=403)
        with pytest.raises(AccessDenied, match="s3:GetObjectTagging a"):
            TaggedOriginals(client, "pictures").mark("a", "v")
