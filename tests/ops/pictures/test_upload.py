"""`upload`: keys of files, and outcomes on the embedded AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import ROOT
from ops.pictures.upload import QUEUED, READY, Sent, Upload, outcomes_of, uploads_of
from ops.terminal.errors import Misuse
from tests.ops.dead_letters.test_verdict import MemoryPictures, ready


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


@pytest.mark.stack
def test_what_would_be_replaced_is_said_first_and_a_dry_run_replaces_nothing(bench):
    """Two files, one of them over a picture: the plan is the same with and without --dry-run."""
    samples = str(ROOT / "samples")
    bench.run("upload", f"{samples}/rocket.jpg")
    paths = (f"{samples}/rocket.jpg", f"{samples}/camera.png")
    plan = "2 to upload: 1 replace pictures that are there, such as rocket.jpg.\n"
    dry = bench.run("upload", *paths, "--dry-run")
    assert (dry.status, dry.out, dry.err) == (0, "", f"{plan}Nothing was uploaded.\n")
    told = json.loads(bench.run("upload", *paths, "--dry-run", "--json").out)
    assert told == {"uploads": 2, "replaces": ["rocket.jpg"]}
    assert bench.keys("source_bucket") == {"rocket.jpg"}
    assert bench.run("upload", *paths).err == f"{plan}2 uploaded.\n"


@pytest.mark.stack
def test_what_is_uploaded_gets_its_focus(bench):
    """As user metadata of each original; one that is none is refused before anything is sent."""
    samples = str(ROOT / "samples")
    assert bench.run("upload", f"{samples}/rocket.jpg", "--focus", ".50, 0.2").status == 0
    head = bench.client("s3").head_object(Bucket=bench.stack["source_bucket"], Key="rocket.jpg")
    assert head["Metadata"] == {"focus": "0.5,0.2"}
    bucket = bench.stack["source_bucket"]
    bench.client("s3").copy_object(
        Bucket=bucket, Key="rocket.jpg", CopySource={"Bucket": bucket, "Key": "rocket.jpg"},
        MetadataDirective="REPLACE", Metadata={"focus": "1,1"},
    )  # fmt: skip
    after = json.loads(bench.run("where", "rocket.jpg", "--json").out)["source"]
    assert (after["focus"], after["etag"]) == ("1,1", head["ETag"].strip('"'))
    ended = bench.run("upload", f"{samples}/camera.png", "--focus", "top")
    assert ended.status == 2
    assert "Invalid value for '--focus': 'top' is no focus; it takes two decimal numbers from 0 to 1" in ended.err
    assert "Contents" not in bench.client("s3").list_objects_v2(
        Bucket=bench.stack["source_bucket"], Prefix="camera.png"
    )


@pytest.mark.parametrize(("made", "state"), [("0,1", READY), (None, QUEUED)])
def test_a_picture_is_waited_for_until_it_is_made_by_its_focus(made, state):
    """The same file sent again with another focus has the ETag that it had, and so a manifest that fits but for it."""
    there: Any = MemoryPictures(manifests={"a.jpg": ready(focus=made)})
    (outcome,) = outcomes_of(there, [Sent("a.jpg", "e1", focus="0,1")], 0)
    assert outcome.state == state


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
