from __future__ import annotations

import pytest

from ops.health.throughput import Throughput


@pytest.mark.parametrize(
    ("simd", "said"),
    [
        (None, "0 throttled"),
        (1.0, "0 throttled, resampled with SIMD"),
        (0.0, "0 throttled, resampled by Pillow"),
        (0.25, "0 throttled, resampled with SIMD in 25 % of the batches"),
    ],
)
def test_the_throughput_says_what_resampled(simd, said):
    """With SIMD or by Pillow, or how often where both did; nothing where no picture was scaled."""
    assert Throughput(7, 4, 0, 0, simd).line().endswith(said)


def test_what_is_tried_again_is_told():
    """Pictures that fail at every attempt are not the worker's being busy."""
    assert "7 messages handled, 12 tried again, 4 batches" in Throughput(7, 4, 0, 0, None, 12).line()
