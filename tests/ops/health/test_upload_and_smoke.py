"""`upload` and `smoke` on the embedded AWS."""

from __future__ import annotations

import json
import re

import pytest

from local import ROOT
from ops.errors import Misuse
from ops.health.golden_set import broken, fault_in, golden_set
from ops.pictures.upload import Upload, uploads_of
from worker.contracts.errors import Truncated
from worker.contracts.recipe import DEFAULT_RENDITIONS
from worker.images import render


@pytest.mark.stack
def test_upload_follows_each_picture_to_its_end(bench):
    """A folder with good and bad files: each with what became of it, exit status 1 because of the bad ones."""
    samples = str(ROOT / "samples")
    ended = bench.run("upload", f"{samples}/rocket.jpg", f"{samples}/truncated.jpg", "--prefix", "new/", "--wait")
    assert ended.out == "ready     new/rocket.jpg\nrejected  new/truncated.jpg  truncated\n"
    assert ended.status == 1
    head = bench.client("s3").head_object(Bucket=bench.stack["source_bucket"], Key="new/rocket.jpg")
    assert head["ContentType"] == "image/jpeg"
    ended = bench.run("upload", f"{samples}/camera.png", "--json")
    assert json.loads(ended.out)["key"] == "camera.png"
    assert ended.status == 0
    ended = bench.run("upload", "nothing.jpg")
    assert (ended.status, ended.err) == (2, "Error: nothing.jpg is not there.\n")


def test_a_folder_s_files_are_named_by_their_path_in_it(tmp_path):
    """Nothing of the computer's own paths gets into a key."""
    (tmp_path / "cats" / "old").mkdir(parents=True)
    for name in ("cats/old/tom.jpg", "cats/a b.jpg", "dog.jpg"):
        (tmp_path / name).touch()
    found = uploads_of([tmp_path / "cats", tmp_path / "dog.jpg"], "p/")
    assert found == [
        Upload(tmp_path / "cats/a b.jpg", "p/a b.jpg"),
        Upload(tmp_path / "cats/old/tom.jpg", "p/old/tom.jpg"),
        Upload(tmp_path / "dog.jpg", "p/dog.jpg"),
    ]


def test_two_files_for_one_key_are_refused_before_anything_is_sent(tmp_path):
    """One would silently replace the other."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "tom.jpg").touch()
    with pytest.raises(Misuse, match=r"the key tom\.jpg"):
        uploads_of([tmp_path / "a", tmp_path / "b"], "")
    with pytest.raises(Misuse, match="no files"):
        uploads_of([], "")


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
