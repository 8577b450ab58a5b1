"""A bucket and a queue, for what belongs to one."""

from __future__ import annotations

import pytest

from tests.local.provision.orders import BUCKET, QUEUE


@pytest.fixture
def bucket(shop):
    """Return the name of a bucket."""
    return shop.make(BUCKET, "bucket")["id"]


@pytest.fixture
def queue(shop):
    """Return the outputs of a queue."""
    return shop.make(QUEUE, "queue")
