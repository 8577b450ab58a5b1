from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.errors import Reject, leaves
from worker.contracts.keys import MAX_KEY_BYTES, in_reject_key, reject_key
from worker.reconcile.rejects import S3Rejects

REASONS = sorted(leaf.reason for leaf in leaves(Reject))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300), st.sampled_from(REASONS))
def test_an_entry_says_which_picture_and_why(key, reason):
    """Whatever the key; one for which S3 has no room has none."""
    entry = reject_key(key, reason)
    if len(key.encode()) > MAX_KEY_BYTES:
        assert entry is None
    if entry is not None:
        assert in_reject_key(entry) == (key, reason)


def test_an_entry_comes_and_goes(s3):
    """It can be forgotten twice, and noted twice."""
    rejects = S3Rejects(s3, "renditions")
    for _ in range(2):
        rejects.note("cats/tom & jerry.jpg", "truncated")
    (entry,) = s3.list_objects_v2(Bucket="renditions")["Contents"]
    assert (entry["Key"], entry["Size"]) == ("_rejected/truncated/cats/tom & jerry.jpg", 0)
    for _ in range(2):
        rejects.forget("cats/tom & jerry.jpg", "truncated")
    assert "Contents" not in s3.list_objects_v2(Bucket="renditions")


@pytest.mark.parametrize("key", ["k" * MAX_KEY_BYTES, "ä" * 510])
def test_a_key_for_which_there_is_no_room_is_left_out(s3, key):
    """Its manifest alone says so."""
    rejects = S3Rejects(s3, "renditions")
    rejects.note(key, "truncated")
    rejects.forget(key, "truncated")
    assert "Contents" not in s3.list_objects_v2(Bucket="renditions")
