"""Journals and exports of this computer lose what names an erased key, and nothing else of them changes."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.dead_letters.export_file import ExportFile, read_export
from ops.pictures.backfill.journal import BackfillJournal
from ops.pictures.erasure.files import mentions, texts
from ops.redrive.journal import Journal
from ops.redrive.journal_state import read
from ops.redrive.planned import Planned
from ops.stack.outputs import Stack
from ops.terminal.errors import Misuse
from tests.ops.support.fakes import BUCKET, DEAD_LETTERS, QUEUE, letter
from worker.contracts.events import event_body

KEY = "a.jpg"
OTHERS = ("a.jpg.jpg", "aa.jpg", "A.jpg", "b/a.jpg")
STACK = Stack.from_outputs(
    {
        "source_bucket": BUCKET,
        "output_bucket": "renditions",
        "queue_url": QUEUE,
        "dead_letter_queue_url": DEAD_LETTERS,
        "worker_function": "worker",
        "alarm_topic_arn": "arn",
    },
    "--stack dev",
)


def found(here, *exports):
    """Return the mentions of the key below a directory."""
    return mentions(STACK, {KEY}, here, exports, "redrive --resume")


def write_export(path, keys_of_letters):
    """Write an export of letters, each about some keys."""
    with ExportFile.create(path) as file:
        file.add(
            [
                letter(keys[0], detail=f"About {keys[0]}.") if len(keys) == 1 else _of_several(keys)
                for keys in keys_of_letters
            ]
        )


def _of_several(keys):
    one = letter(keys[0])
    return type(one)(one.id, event_body(BUCKET, *keys), one.attributes, one.sent_at)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(several=st.lists(st.lists(st.sampled_from([KEY, *OTHERS]), min_size=1, max_size=3, unique=True), max_size=6))
def test_an_export_keeps_every_other_letter_byte_for_byte(tmp_path, several):
    """What names several keys keeps the others; the file can be imported as before."""
    path = tmp_path / "letters.jsonl"
    path.unlink(missing_ok=True)
    write_export(path, several)
    before = path.read_bytes().splitlines(keepends=True)

    for mention in found(tmp_path):
        mention.rewrite()

    after = path.read_bytes().splitlines(keepends=True)
    kept = [(line, keys) for line, keys in zip(before, several, strict=True) if keys != [KEY]]
    assert all(now == line for now, (line, keys) in zip(after, kept, strict=True) if KEY not in keys)
    left = [[key for key in keys if key != KEY] for keys in several]
    assert [list(each.keys(BUCKET)) for each in read_export(path)] == [keys for keys in left if keys]
    assert found(tmp_path) == []


def write_journal(path, *, is_finished):
    """Write the journal of a redrive of some letters, the last about two keys."""
    planned = [Planned.of(letter(key), BUCKET) for key in (KEY, *OTHERS)]
    planned = [Planned(f"id-{n}", *list(each.to_json().values())[1:]) for n, each in enumerate(planned)]
    planned.append(Planned("id-two", "none", "f", 0, (KEY, "b.jpg"), planned[0].sent_at))
    head = {"dead_letter_queue_url": DEAD_LETTERS, "queue_url": QUEUE, "stack": "--stack dev", "at": "now"}
    with closing(Journal.start(path, head, planned)) as journal:
        journal.sent([each.id for each in planned])
        if is_finished:
            journal.deleted([each.id for each in planned])
            journal.finish()


def test_the_journal_of_a_redrive_that_is_done_loses_the_letter(tmp_path):
    """All others are there, in a journal that can be read."""
    path = tmp_path / ".ops" / "redrive-1.jsonl"
    write_journal(path, is_finished=True)

    (mention,) = found(tmp_path)
    assert (mention.why, mention.lines) == (None, 1)
    mention.rewrite()

    state = read(path)
    assert [each.keys for each in state.planned.values()] == [*((key,) for key in OTHERS), ("b.jpg",)]
    assert state.is_finished
    assert found(tmp_path) == []


def test_the_journal_of_a_redrive_that_may_be_running_stays(tmp_path):
    """It writes to that very file, and would lose letters without it: it is said what to do."""
    path = tmp_path / ".ops" / "redrive-1.jsonl"
    write_journal(path, is_finished=False)

    (mention,) = found(tmp_path)

    assert mention.why == "the redrive is not finished: run redrive --resume, then erase again"


def test_the_journal_of_a_backfill_no_longer_says_where_it_was(tmp_path):
    """Neither does the last line of one that was killed, nor the prefix of one of this very key."""
    head = {"source_bucket": BUCKET, "prefix": KEY, "recipes": "1", "pictures": 2, "outdated": 2, "at": "now"}
    with closing(BackfillJournal.start(tmp_path / ".ops", "1", head)) as journal:
        for _ in journal.noting([OTHERS[0], KEY]):
            journal.sent(1)
        journal.note_sent()
    path = tmp_path / ".ops" / "backfill-1.jsonl"
    with path.open("a") as file:
        file.write('{"event": "sent", "count": 1, "last": "a.jpg')
    (mention,) = found(tmp_path)
    mention.rewrite()

    assert KEY not in path.read_text()
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["backfill", "sent"]


def test_another_stack_s_files_are_left_alone(tmp_path):
    """The same key in another bucket is another picture."""
    with closing(BackfillJournal.start(tmp_path / ".ops", "1", {"source_bucket": "others", "prefix": KEY})):
        pass
    (tmp_path / "other.jsonl").write_text('{"some": "file", "about": "a.jpg"}\n')
    assert found(tmp_path) == []


def test_a_named_file_that_is_no_export_is_refused(tmp_path):
    """It was meant to be cleaned, and is not known how."""
    path = tmp_path / "notes.txt"
    path.write_text("a.jpg\n")
    with pytest.raises(Misuse, match=r"notes.txt is no file that dlq export wrote"):
        found(tmp_path, path)


def test_the_details_of_a_bug_are_pointed_at(tmp_path):
    """A traceback is nobody's form."""
    (tmp_path / ".ops").mkdir()
    bug = tmp_path / ".ops" / "bug-1.txt"
    bug.write_text("KeyError: 'a.jpg'\n")
    Path(tmp_path / ".ops" / "bug-2.txt").write_text("KeyError: 'b.jpg'\n")
    assert texts(STACK, {KEY}, tmp_path, []) == [bug]
