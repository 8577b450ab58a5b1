from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bench.function.cold_start import environment

ROOT = Path(__file__).parents[3]
MEMORY = 160
SIDE = 2000


def measured(memory: int, *files: Path) -> tuple[float, list[str]]:
    """Return the peak in MB of a function of `memory` MB, and the reasons of its dead letters."""
    variables = {
        **environment(),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "tests.worker.queue.batch_memory", *map(str, files)]
    done = subprocess.run(command, env=variables, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=300)
    answer = json.loads(done.stdout)
    return answer["megabytes"], answer["reasons"]


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Return a PNG of 12 MB, that takes some 60 more to be rendered."""
    path = tmp_path_factory.mktemp("pictures") / "large.png"
    Image.frombytes("RGB", (SIDE, SIDE), os.urandom(3 * SIDE**2)).save(path, compress_level=0)
    return path


def test_ten_large_pictures_at_once_stay_within_the_function_s_memory(large):
    """Ten files of 12 MB would fill most of it: reading ahead is limited in bytes, not in pictures."""
    megabytes, reasons = measured(MEMORY, large)
    assert reasons == []
    assert megabytes < MEMORY


def test_ten_large_pictures_that_are_rejected_leave_nothing_behind(large, tmp_path):
    """A verdict that is being published does not keep the picture, nor its renditions."""
    cut = tmp_path / "cut.png"
    cut.write_bytes(large.read_bytes()[:-4_000_000])
    megabytes, reasons = measured(MEMORY, cut)
    assert reasons == ["truncated"]
    assert megabytes < MEMORY
