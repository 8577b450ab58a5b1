from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from ops.pictures.audit import Audit, Found
from ops.terminal.errors import OpsError
from tests.local.processes.waiting import eventually
from tests.worker.audit.fake_s3 import FakeS3
from tests.worker.audit.test_audit import lost_deletion, lost_upload, rendition_deleted_by_hand
from tests.worker.audit.ward import DAY, HOUR, OUTPUT, RED, SOURCE, Ward
from worker.audit.wounds import FINE, INCOMPLETE, MISSING, ORPHANED, TOO_YOUNG
from worker.contracts.events import keys_of


class Clients:
    """S3 alone."""

    endpoint_url = None

    def __init__(self, s3: FakeS3) -> None:
        self._s3 = s3

    def __call__(self, service: str) -> FakeS3:
        assert service == "s3"
        return self._s3


def audit(ward: Ward) -> Audit:
    """Return an audit of the ward."""
    stack: Any = SimpleNamespace(source_bucket=SOURCE, output_bucket=OUTPUT, expire_after=0)
    clients: Any = Clients(ward.s3)
    return Audit(clients, stack, ward.recipes, HOUR, ward.clock)


@pytest.fixture
def ward():
    """Three pictures that are ready, a day ago."""
    ward = Ward()
    for key in ("a.jpg", "cats/tom.jpg", "dogs/rex.jpg"):
        ward.put(key, RED)
    ward.clock += DAY
    return ward


def run(audit: Audit, prefix: str = "") -> tuple[list[str], Found]:
    """Return the keys of the hints, and what was found."""
    found = Found()
    bodies = list(audit.hints(prefix, found, lambda _count: None))
    return [key for body in bodies for key in keys_of(body, SOURCE)], found


def test_every_wound_is_counted_with_examples_and_hinted(ward):
    """By hand as on the schedule; what has just been written is left out."""
    lost_upload(ward)
    ward.remove("cats/tom.jpg", announced=False)
    rendition_deleted_by_hand(ward)
    ward.clock += DAY
    ward.put("just-now.jpg", RED, announced=False)
    keys, found = run(audit(ward))
    assert sorted(keys) == ["a.jpg", "b.jpg", "cats/tom.jpg"]
    assert found.counts == Counter({MISSING: 1, ORPHANED: 1, INCOMPLETE: 1, FINE: 1, TOO_YOUNG: 1})
    assert (found.wounds, found.examples[MISSING]) == (3, ["b.jpg"])


def test_a_prefix_is_of_the_pictures_keys(ward):
    """Outputs are looked for below each rendition's name."""
    lost_deletion(ward)
    ward.remove("cats/tom.jpg", announced=False)
    ward.clock += DAY
    assert run(audit(ward), "cats/")[0] == ["cats/tom.jpg"]


def test_the_manifest_of_every_picture_is_looked_at(ward):
    """The scheduled audit's state is neither read nor written: nothing is trusted."""
    before = {key: each.data for (_, key), each in ward.s3.objects.items()}
    ward.s3.requests.clear()
    run(audit(ward))
    assert ward.s3.requests.count("HEAD") == 3
    assert {key: each.data for (_, key), each in ward.s3.objects.items()} == before


def test_what_aws_refuses_is_a_sentence(ward):
    """Also what goes wrong in the middle of a listing."""

    class Refusing(FakeS3):
        def paginate(self, **how):
            yield from super().paginate(**how)
            self._found("no", "such")

    refusing = Ward()
    refusing.s3 = Refusing(refusing.s3.now)
    with pytest.raises(OpsError):
        run(replace(audit(refusing)))


@pytest.mark.stack
def test_an_audit_heals_what_no_event_came_for(bench):
    """On the embedded AWS: a dry run shows it, an audit has it healed, and then there is nothing to find."""
    for key in ("cats/a.jpg", "cats/b.jpg"):
        bench.upload(key)
    bench.wait_for("cats/a.jpg", "cats/b.jpg")
    outputs = ("web/cats/a.jpg.webp", "thumbnail/cats/b.jpg.webp", "web/cats/b.jpg.webp", "manifest/cats/b.jpg.json")
    for output in outputs:
        bench.client("s3").delete_object(Bucket=bench.stack["output_bucket"], Key=output)
    bench.run("audit", "--settled-after", "0", "--dry-run")
    assert bench.run("audit", "--settled-after", "0").status == 1
    bench.check_transcript("audit")
    assert eventually(lambda: not bench.run("audit", "--settled-after", "0", "--dry-run").status, 60)
    assert json.loads(bench.run("audit", "--json").out) == {
        "pictures": {TOO_YOUNG: 2},
        "examples": {},
        "enqueued": 0,
        "refused": {},
    }
    bench._transcript.clear()
