from __future__ import annotations

import json
from contextlib import closing

import pytest

from ops.pictures.backfill.journal import BackfillJournal, interrupted, latest, mark_of
from ops.terminal.errors import Misuse
from tests.ops.dead_letters.test_verdict import RECIPES
from worker.contracts.recipes.by_prefix import Recipes

BUCKET = "pictures"


def begin(directory, at="1", *, prefix="", recipes=RECIPES, outdated=2500):
    """Begin a journal of a backfill of 4,000 pictures."""
    head = {
        "source_bucket": BUCKET,
        "prefix": prefix,
        "only_outdated": True,
        "looks": False,
        "recipes": mark_of(recipes),
        "listed": 4010,
        "pictures": 4000,
        "outdated": outdated,
    }
    return closing(BackfillJournal.start(directory, at, head))


def send(journal, count, *, under_way=0, batch=10):
    """Have so many keys sent, in batches, and as many more asked for."""
    keys = journal.noting(f"{number:05}.jpg" for number in range(count + under_way))
    for _first in range(0, count, batch):
        for _ in range(batch):
            next(keys)
        journal.sent(batch)
    for _ in range(under_way):
        next(keys)


def test_what_was_sent_is_known_while_it_is_sent(tmp_path):
    """A thousand keys a line; those of the last line when it ends, however it ends; none that is only under way."""
    with begin(tmp_path) as journal:
        send(journal, 2100, under_way=7)
        there = latest(tmp_path, BUCKET, RECIPES)
        assert there is not None
        assert (there.sent, there.to_go(0)) == (2000, 500)
    ended = latest(tmp_path, BUCKET, RECIPES)
    assert ended is not None
    assert (ended.pictures, ended.sent) == (4000, 2100)


def test_what_waits_in_the_queue_is_not_current(tmp_path):
    """Nor what was not sent; and never more than was outdated, whatever else is in the queue."""
    with begin(tmp_path) as journal:
        send(journal, 2500)
        journal.finish(refused=3)
    found = latest(tmp_path, BUCKET, RECIPES)
    assert found is not None
    assert [found.to_go(waiting) for waiting in (0, 10, 9999)] == [3, 13, 2500]


@pytest.mark.parametrize(
    "other",
    [{"prefix": "a/"}, {"recipes": Recipes(RECIPES.by_prefix, generation=7)}, {"recipes": Recipes({"": ()})}],
)
def test_a_backfill_of_a_part_or_by_other_recipes_says_nothing_of_all(tmp_path, other):
    """The journal of another generation is of another deployment, even where it rolled back to the same recipes."""
    with begin(tmp_path, **other):
        pass
    assert latest(tmp_path, BUCKET, RECIPES) is None
    assert latest(tmp_path, "another", RECIPES) is None


def test_the_latest_counts_and_a_torn_one_does_no_harm(tmp_path):
    """A line that was never completed, a file of something else, an empty one."""
    for at, outdated in (("1", 9), ("2", 5)):
        with begin(tmp_path, at, outdated=outdated):
            pass
    for name, text in (("3", ""), ("4", "["), ("5", '{"event": "backf'), ("6", "[1]\n")):
        (tmp_path / f"backfill-{name}.jsonl").write_text(text)
    with (tmp_path / "backfill-2.jsonl").open("a") as file:
        file.write('{"event": "sent", "cou')
    found = latest(tmp_path, BUCKET, RECIPES)
    assert found is not None
    assert (found.outdated, found.sent) == (5, 0)


def test_without_a_directory_there_is_no_journal(tmp_path):
    """As on a computer that never ran one."""
    assert latest(tmp_path / "none", BUCKET, RECIPES) is None


def test_an_interrupted_one_goes_on_after_the_last_key_that_was_sent_for_sure(tmp_path):
    """Not after its canary, which may be from anywhere; a torn line is cut off, and the lines of both runs add up."""
    with begin(tmp_path, prefix="a/") as journal:
        journal.note_canary(5)
        send(journal, 30, under_way=3)
    path = tmp_path / "backfill-1.jsonl"
    with path.open("a") as file:
        file.write('{"event": "sent", "count": 9')
    run = interrupted(tmp_path, BUCKET, RECIPES)
    assert (run.path, run.prefix, run.outdated, run.looks) == (path, "a/", True, False)
    assert (run.listed, run.chosen, run.sent, run.last) == (4010, 2500, 35, "00029.jpg")
    with closing(BackfillJournal.resume(path)) as journal:
        send(journal, 20)
    assert interrupted(tmp_path, BUCKET, RECIPES).sent == 55
    with closing(BackfillJournal.resume(path)) as journal:
        journal.finish(0)
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert events == ["backfill", "canary", "sent", "sent", "finished"]


@pytest.mark.parametrize("ended", ["finished", "refused", "canary only", "never begun", "of a former version"])
def test_what_was_not_interrupted_is_not_gone_on_with(tmp_path, ended):
    """What has ended has, what was refused is a new one's; after the canary alone nothing is proved."""
    if ended != "never begun":
        with begin(tmp_path, "0") as journal:  # An older one is of no interest.
            send(journal, 10)
        with begin(tmp_path) as journal:
            journal.note_canary(5)
            if ended != "canary only":
                send(journal, 10)
            if ended in {"finished", "refused"}:
                journal.finish(int(ended == "refused"))
    if ended == "of a former version":
        path = tmp_path / "backfill-1.jsonl"
        path.write_text(path.read_text().replace('"version": 2', '"version": 1'))
    with pytest.raises(Misuse, match="has sent everything, or nothing: begin a new one"):
        interrupted(tmp_path, BUCKET, RECIPES)


def test_changed_recipes_need_a_new_one(tmp_path):
    """What the first half was sent for is outdated by now."""
    with begin(tmp_path) as journal:
        send(journal, 10)
    with pytest.raises(Misuse, match=r"The recipes have changed since .*backfill-1\.jsonl was begun"):
        interrupted(tmp_path, BUCKET, Recipes(RECIPES.by_prefix, generation=7))
    with pytest.raises(Misuse, match="begin a new one"):
        interrupted(tmp_path, "another", RECIPES)
