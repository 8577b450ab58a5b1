"""With docs/operations.md alone, 50 dead letters of six kinds are brought to zero."""

from __future__ import annotations

import subprocess
import sys

import pytest

from local import ROOT
from tests.docs.test_runbook import RUNBOOK
from tests.worker.images.pictures.small import jpeg


def plant_fifty(bench):
    """Make 50 dead letters of six kinds; return the pictures that can be had again, by name."""
    good = [f"{kind}/{number}.jpg" for kind, count in (("busy", 12), ("silent", 8)) for number in range(count)]
    cut_off = [f"cut-off/{number}.jpg" for number in range(10)]
    texts = [f"texts/{number}.txt" for number in range(6)]
    for key in good:
        bench.upload(key)
    for key in cut_off:
        bench.upload(key, jpeg(400, 300)[:500])
    for key in texts:
        bench.upload(key, b"hello")
    bench.wait_for(*good)
    bench.wait_for_letters(16)
    for key in good:
        bench.client("s3").delete_object(Bucket=bench.stack["output_bucket"], Key=f"manifest/{key}.json")
        bench.plant(key, "throttled" if key.startswith("busy") else None)
    for number in range(8):
        bench.plant(f"gone/{number}.jpg", "service-unavailable")
    for _ in range(6):
        bench.plant("", "malformed-event", body="hello from somebody else")
    bench.wait_for_letters(50)
    return [key.partition("/")[2] for key in cut_off[:5]]


@pytest.mark.stack
def test_fifty_dead_letters_of_six_kinds_go_to_zero_with_the_commands_of_the_page(bench, tmp_path):
    """The round, verdict by verdict: what can become ready is ready, the rest is in files, and no letter is left."""
    new = tmp_path / "cats"
    new.mkdir()
    for name in plant_fifty(bench):
        (new / name).write_bytes(jpeg(400, 300))

    def typed(line, *, like=None):
        assert f"python -m ops --stack dev {like or line}" in RUNBOOK, line
        asks = line.startswith(("redrive", "dlq purge"))
        return bench.run(*line.split(), *(["--yes"] if asks else []))

    typed("dlq list")
    typed("redrive --verdict retry")
    typed("redrive --verdict no-answer")
    typed("upload cats --prefix cut-off/ --wait", like="upload tom.jpg --prefix cats/ --wait")
    typed("dlq purge --verdict already-ready --export ready.jsonl")
    typed("dlq purge --verdict source-gone --export gone.jsonl")
    typed("dlq purge --verdict permanent --export permanent.jsonl")
    assert typed("dlq list").status == 0
    bench.check_transcript("newcomer")
    assert bench.depth("dead_letter_queue_url") == (0, 0)
    purged = sum(len((tmp_path / f"{name}.jsonl").read_text().splitlines()) for name in ("ready", "gone", "permanent"))
    assert purged == 50 - 20
    ready = {key for key in bench.keys("output_bucket") if key.startswith("thumbnail/")}
    assert len(ready) == 20 + 5


@pytest.mark.soak
def test_a_hundred_thousand_letters_are_listed_in_under_200_mb():
    """Every one, given back every one; measured in a process of its own."""
    command = [sys.executable, "-m", "tests.ops.support.listing_of_many", "100000"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    seen, given_back, peak = map(int, ended.stdout.split())
    assert (seen, given_back) == (100_000, 100_000)
    assert peak < 200
