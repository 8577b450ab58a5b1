"""The source's keys: S3's rules for the name of a bucket that exists, and what does not go with one."""

from __future__ import annotations

import pytest

from infra.config.problems import ConfigError
from infra.storage.adopted_bucket import AdoptedBucketArgs
from infra.storage.source_bucket import SourceBucketArgs
from tests.infra.config.stack_files import load


def test_the_program_makes_a_bucket_unless_one_is_named():
    """Prefix and suffixes are those of the configuration in both cases."""
    filters = {"prefix": "photos/", "suffixes": [".jpg"]}
    own, adopted = (load(source={**filters, **more}).pipeline.source for more in ({}, {"bucket": "team-pictures"}))
    assert isinstance(own, SourceBucketArgs)
    assert adopted == AdoptedBucketArgs("team-pictures", "photos/", (".jpg",))
    assert (own.key_prefix, own.key_suffixes) == (adopted.key_prefix, adopted.key_suffixes)


@pytest.mark.parametrize("name", ["abc", "a" * 63, "123", "1.2.3.4a", "team.pictures", "a--b", "xn-x"])
def test_whatever_s3_takes_for_a_name_is_accepted(name):
    """Three to 63 characters, dots and digits included."""
    source = load(source={"bucket": name}).pipeline.source
    assert isinstance(source, AdoptedBucketArgs)
    assert source.bucket == name


@pytest.mark.parametrize(
    "name",
    ["ab", "a" * 64, "-abc", "abc-", "a..b", "192.168.5.4", "xn--abc", "sthree-abc", "amzn-s3-demo-abc", "abc-s3alias",
     "abc--ol-s3", "abc.mrap", "abc--use1-az4--x-s3", "abc--table-s3", "Abc", "a_b", "a b", "abc\n", ["abc"], {"name": "abc"}],
)  # fmt: skip
def test_whatever_s3_does_not_take_for_a_name_is_refused(name):
    """Nor what names something else: an access point, or a bucket of a kind that sends no events."""
    with pytest.raises(ConfigError) as caught:
        load(source={"bucket": name})
    assert [problem.path for problem in caught.value.problems] == [("source", "bucket")]
