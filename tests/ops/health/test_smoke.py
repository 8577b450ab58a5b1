"""`smoke` on the embedded AWS, and its golden set through the worker's own renderer."""

from __future__ import annotations

import json
import re

import pytest

from ops.health.golden_set import broken, fault_in, golden_set
from worker.contracts.errors import Truncated
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS
from worker.images import render


@pytest.mark.stack
def test_smoke_proves_a_deployment_and_leaves_nothing(bench):
    """All checks are good on a good stack, and neither pictures, outputs nor letters stay, but for other people's."""
    bench.plant("somebody-else's.jpg", "throttled")
    ended = bench.run("smoke", "--json")
    report = json.loads(ended.out)
    assert report["is_good"], report
    assert ended.status == 0
    names = [check["name"] for check in report["checks"]]
    assert "on its side.jpg: thumbnail" in names
    assert names[-5:] == [
        "broken.jpg: rejected",
        "broken.jpg: dead letter",
        "broken.jpg: replaced",
        "broken.jpg: redriven",
        "clean up: outputs removed",
    ]
    assert report["checks"][-2]["detail"] == "ready 1, failed again 0, still queued 0"
    assert bench.keys("source_bucket") == set()
    assert bench.depth("dead_letter_queue_url") == (1, 0)


@pytest.mark.stack
def test_smoke_reports_what_is_wrong(bench, monkeypatch):
    """A stack whose pictures are not what they should be does not pass, and is cleaned up all the same."""
    monkeypatch.setattr("ops.health.smoke.broken", lambda: golden_set()[0].data)
    ended = bench.run("smoke", "--patience", "3")
    assert ended.status == 1
    assert re.search(r"broken\.jpg: rejected +.? WRONG +.? ready", ended.out)
    assert bench.keys("source_bucket") == set()


@pytest.mark.parametrize("golden", golden_set(), ids=lambda golden: golden.name)
def test_every_golden_picture_comes_out_right(golden):
    """The worker's own renderer passes the check that smoke makes."""
    names = [spec.name for spec in DEFAULT_RENDITIONS]
    rendered = render(golden.data, DEFAULT_RENDITIONS, wanted=names, memory_bytes=2**29)
    assert [fault_in(rendition.data) for rendition in rendered.renditions] == [None, None]


def test_a_picture_on_its_side_is_not_right():
    """The check sees what it is there for: a renderer that ignores the orientation, and one that swaps colours."""
    lying = next(golden for golden in golden_set() if golden.name == "on its side.jpg")
    assert "another shape" in str(fault_in(lying.data))
    assert fault_in(golden_set()[0].data) is None


def test_the_broken_picture_is_truncated():
    """The reason that smoke expects is the one that the worker gives."""
    with pytest.raises(Truncated):
        render(broken(), DEFAULT_RENDITIONS, wanted=["thumbnail"], memory_bytes=2**29)
