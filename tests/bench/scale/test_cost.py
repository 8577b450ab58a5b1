from __future__ import annotations

import json

import pytest

from bench.scale import capacity, cost
from ops.pictures.cost.design import Design


def test_what_was_counted_is_what_is_priced(tmp_path, monkeypatch):
    """Requests by kind and CPU come from the files that the measurements leave."""
    monkeypatch.setattr(cost, "BUILD", tmp_path)
    with pytest.raises(SystemExit, match=r"python -m bench\.race\.render"):
        cost.designs()
    (tmp_path / "render-webp.json").write_text(
        json.dumps({name: {"cpu": cpu} for name, cpu in (("worker", 0.3), ("pillow", 0.4), ("plain", 0.7))})
    )
    counted = {"s3:PutObject": 3.0, "s3:GetObject": 1.0, "s3:HeadObject": 4.0, "sns:Publish": 1.0}
    (tmp_path / "requests.json").write_text(json.dumps(counted))
    assert cost.designs() == {
        "x86_64": Design(0.3, 3, 5, 1, queued=True),
        "arm64": Design(0.4, 3, 5, 1, queued=True),
        cost.FIRST: Design(0.7, 2, 1, round_trips=3),
    }


def test_the_simulation_reads_a_source_as_often_as_was_counted(monkeypatch):
    """Of a new picture's four reads, three are of the source: of its outputs only the manifest gets a HEAD."""
    monkeypatch.setattr(capacity, "designs", lambda: {"arm64": Design(0.3, puts=3, gets=4)})
    assert capacity.source_reads() == 3
    assert {setting.reads for setting in capacity.settings(1.0, 3).values()} == {3}
