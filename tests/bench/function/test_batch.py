from __future__ import annotations

import pytest

from bench.function import batch
from tests.worker.images.pictures.small import jpeg


@pytest.mark.parametrize("overlapped", [True, False])
def test_a_batch_is_rendered_with_the_requests_that_the_worker_makes(monkeypatch, overlapped):
    """Side by side or one after the other: the same requests, counted by kind, and every picture rendered."""
    monkeypatch.setattr(batch, "DELAY", 0.0)
    wall, cpu, counts = batch.run([jpeg(), jpeg(60, 40)], overlapped=overlapped)
    assert 0 < cpu < wall
    assert counts == {"s3:HeadObject": 6, "s3:GetObject": 2, "s3:PutObject": 6, "sns:Publish": 2}


def test_a_batch_that_does_not_succeed_is_no_measurement(monkeypatch):
    """A picture that is rejected would make the rest look fast."""
    monkeypatch.setattr(batch, "DELAY", 0.0)
    with pytest.raises(RuntimeError, match="did not succeed"):
        batch.run([b"no picture", jpeg()])
