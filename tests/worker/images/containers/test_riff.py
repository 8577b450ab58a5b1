from __future__ import annotations

from tests.worker.images.pictures import factories
from worker.images.containers.riff import mark_alpha


def test_a_still_webp_has_no_alpha_flag_to_set():
    """Only extended WebP files have flags."""
    plain = factories.encode(factories.quarters(), "WEBP")
    assert plain[12:16] == b"VP8 "
    assert mark_alpha(plain) == plain
