from __future__ import annotations

from contextlib import closing

import pytest

from ops.pictures.backfill_journal import BackfillJournal, latest, mark_of
from tests.ops.dead_letters.test_verdict import RECIPES
from worker.contracts.recipes.by_prefix import Recipes

BUCKET = "pictures"


def begin(directory, at="1", *, prefix="", recipes=RECIPES, outdated=2500):
    """Begin a journal of a backfill of 4,000 pictures."""
    head = {
        "source_bucket": BUCKET,
        "prefix": prefix,
        "recipes": mark_of(recipes),
        "pictures": 4000,
        "outdated": outdated,
    }
    return closing(BackfillJournal.start(directory, at, head))


def test_what_was_sent_is_known_while_it_is_sent(tmp_path):
    """A thousand keys a line; those of the last line when it ends, however it ends."""
    with begin(tmp_path) as journal:
        keys = journal.noting(f"{number}.jpg" for number in range(2500))
        for _ in range(2100):
            next(keys)
        there = latest(tmp_path, BUCKET, RECIPES)
        assert there is not None
        assert (there.sent, there.to_go(0)) == (2000, 500)
    ended = latest(tmp_path, BUCKET, RECIPES)
    assert ended is not None
    assert (ended.pictures, ended.sent) == (4000, 2099)


def test_what_waits_in_the_queue_is_not_current(tmp_path):
    """Nor what was not sent; and never more than was outdated, whatever else is in the queue."""
    with begin(tmp_path) as journal:
        list(journal.noting(["a.jpg"] * 2500))
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
