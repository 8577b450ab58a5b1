from __future__ import annotations

import struct

from worker.images.containers.boxes import boxes


def test_64_bit_boxes_and_the_last_box_are_measured():
    """A size of 1 means that 64 bits follow, a size of 0 that the box reaches to the end."""
    data = struct.pack(">I4sQ", 1, b"wide", 20) + b"abcd" + struct.pack(">I4s", 0, b"last") + b"xy"
    assert list(boxes(data, 0, len(data))) == [(b"wide", 16, 20), (b"last", 28, 30)]
