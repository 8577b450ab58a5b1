"""The command around an erasure: what it asks, what it refuses, and its file."""

from __future__ import annotations

import json

import pytest

from tests.ops.pictures.erasure.world import World
from tests.ops.support.workbench import Keyboard

KEY = "cats/tom.jpg"


@pytest.fixture
def world(worlds):
    """Return a world with one picture and a letter about it."""
    world = World(worlds.directory)
    world.put(world.source, KEY)
    world.send("dead-letters", world.event(KEY))
    return world


def test_a_dry_run_changes_nothing_and_receives_from_no_queue_that_is_read(world):
    """That would count as an attempt."""
    world.send("queue", world.event("b.jpg"))
    before = world.things()

    ended = world.run("erase", KEY, "--dry-run", "--json")

    assert ended.status == 0
    plan = json.loads(ended.out)
    assert plan["pictures"][0]["key"] == KEY
    assert plan["to_look_at"]["queue"] == 1
    assert world.things() == before
    assert (
        world.sqs.receive_message(QueueUrl=world.urls["queue"], AttributeNames=["All"])["Messages"][0]["Attributes"][
            "ApproximateReceiveCount"
        ]
        == "1"
    )
    assert not list(world.directory.glob("erasure-*"))


@pytest.mark.parametrize(
    ("typed", "status", "is_gone"), [(f"{KEY}\n", 0, True), ("cats/tom\n", 0, False), ("\n", 0, False)]
)
def test_a_person_types_the_key(world, monkeypatch, typed, status, is_gone):
    """And nothing else will do, a mere y least of all."""
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    ended = world.run("erase", KEY, "--patience=0")
    assert ended.status == status
    assert (world.things_of(KEY) == set()) == is_gone
    assert is_gone or "Nothing was removed." in ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((KEY,), "Nobody is at the keyboard to type cats/tom.jpg once more: add --confirm"),
        ((KEY, "--confirm", "cats/tom"), "--confirm cats/tom is none of the keys"),
        ((KEY, "b.jpg", "--confirm", KEY), "Nobody is at the keyboard to type b.jpg once more"),
    ],
)
def test_a_program_names_each_key_again(world, words, said):
    """A wrong one is a mistake in one of both places."""
    before = world.things()
    ended = world.run("erase", *words)
    assert ended.status == 2
    assert said in ended.err
    assert world.things() == before


def test_a_receipt_never_replaces_another_file(world):
    """It may be the receipt of another erasure."""
    path = world.directory / "mine.json"
    path.write_text("{}")
    ended = world.erase(KEY, "--receipt", str(path))
    assert ended.status == 2
    assert "is there already" in ended.err
    assert path.read_text() == "{}"


def test_people_get_lines_and_the_name_of_the_receipt(world):
    """With several keys, each once."""
    world.put(world.source, "b.jpg")
    ended = world.run(
        "erase", KEY, "b.jpg", KEY, f"--confirm={KEY}", "--confirm=b.jpg", "--patience=0", "--receipt", "r.json"
    )
    assert ended.status == 0
    assert ended.out.splitlines()[:2] == [
        f"erased          {KEY}: 1 object, 1 message",
        "erased          b.jpg: 1 object, 0 messages",
    ]
    assert ended.out.splitlines()[-1] == "receipt         r.json"
    assert [each["key"] for each in json.loads((world.directory / "r.json").read_text())["pictures"]] == [KEY, "b.jpg"]


def test_a_key_that_nobody_has_is_erased_without_complaint(world):
    """There may be messages about it in queues that are read, which no plan looks at."""
    receipt = json.loads(world.erase("never.jpg").out)
    assert receipt["state"] == "done"
    assert receipt["pictures"] == [{"key": "never.jpg", "removed": {"objects": [], "messages": {}}, "stayed": []}]


def test_a_mention_in_a_file_is_counted_and_gone(world):
    """An export in this directory is found."""
    assert world.run("dlq", "export", "letters.jsonl").status == 0
    receipt = json.loads(world.erase(KEY).out)
    assert [*receipt["files"].values()] == [1]
    assert (world.directory / "letters.jsonl").read_bytes() == b""
