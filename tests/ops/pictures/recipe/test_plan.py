"""`recipe plan` on the embedded AWS: a deployed stack, and a configuration that is not deployed yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worker.images.pictures import factories
from tests.worker.images.pictures.small import jpeg

CHANGED = """config:
  image-pipeline:renditions:
    thumbnail: {width: 16, height: 16, fit: cover}
    web: {quality: 30}
  image-pipeline:recipes:
    avatars/: {web: false}
    raw/: false
"""


@pytest.fixture
def stack(bench):
    """Return the stack with a few originals, one of them archived, one no picture, and a changed configuration beside it."""
    Path("Pulumi.dev.yaml").write_text(CHANGED)
    bench.upload("a.jpg")
    bench.upload("avatars/b.png", factories.encode(factories.scene(64, 48), "PNG"))
    bench.upload("raw/c.jpg")
    bench.upload("broken.jpg", jpeg()[:200])
    bench.upload("cold.jpg", StorageClass="GLACIER")
    bench.wait_for("a.jpg", "avatars/b.png", "raw/c.jpg", "broken.jpg", "cold.jpg")
    return bench


@pytest.mark.stack
def test_a_plan_shows_what_would_change_and_writes_nothing(stack):
    """Counts, figures and the page; the buckets and the queues are as before."""
    before = stack.keys("source_bucket"), stack.keys("output_bucket")
    ended = stack.run("recipe", "plan", "--config", "Pulumi.dev.yaml", "--html", "plan.html")
    assert ended.status == 0
    stack.check_transcript("recipe-plan")
    assert (stack.keys("source_bucket"), stack.keys("output_bucket")) == before
    assert stack.depth("queue_url") == stack.depth("backfill_queue_url") == (0, 0)
    page = Path("plan.html").read_text()
    assert page.count("<img ") == 4 + 3
    assert "broken.jpg" in page
    document = json.loads(stack.run("recipe", "plan", "--config", "Pulumi.dev.yaml", "--sample", "2", "--json").out)
    assert (document["pictures"], document["outdated"], document["archived"]) == (5, 5, 1)
    assert document["deletes"] == {"thumbnail": 1, "web": 2}
    assert len(document["sample"]) == 2
    assert not {"cold.jpg", "raw/c.jpg"} & set(document["sample"])


@pytest.mark.stack
def test_what_is_deployed_already_changes_nothing(stack):
    """Exit status 0, nothing is listed, and no page is written."""
    Path("same.yaml").write_text("config: {}\n")
    ended = stack.run("recipe", "plan", "--config", "same.yaml", "--html", "plan.html")
    assert (ended.status, ended.out) == (0, "")
    assert "nothing would change" in ended.err
    assert not Path("plan.html").exists()


@pytest.mark.stack
def test_what_cannot_be_planned_is_said_before_anything_is_listed(stack):
    """No configuration, a wrong one, no pictures to try it on, no place for the page."""
    Path("wrong.yaml").write_text("config: {image-pipeline:renditions: {web: {width: 0}}}\n")
    for words, said in (
        ((), "--config"),
        (("--config", "none.yaml"), "none.yaml cannot be read"),
        (("--config", "wrong.yaml"), "renditions.web.width 1"),
        (("--config", "Pulumi.dev.yaml", "--sample", "0"), "--sample"),
        (("--config", "Pulumi.dev.yaml", "--html", "no/such/plan.html"), "no/such/plan.html"),
    ):
        ended = stack.run("recipe", "plan", *words)
        assert ended.status == 2, words
        assert said in ended.err, words
        assert "this is a bug" not in ended.err
