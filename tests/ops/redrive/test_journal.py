"""The journal of a redrive: on disk in time, found again, and resumed from whatever state a run left it in."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.redrive.journal import Journal
from ops.redrive.journal_directory import unfinished
from ops.redrive.journal_state import read
from ops.terminal.errors import Misuse
from tests.ops.redrive.redrives import HEAD, redrive, steps_of_a_life
from tests.ops.support.fakes import DEAD_LETTERS, QUEUE, Death, Killed, MemorySqs, fill
from tests.worker.contracts.foreign.messages import DOCUMENTS

LINES = [
    json.dumps({"event": "redrive", "version": 1, **HEAD}),
    json.dumps({"event": "redrive", "version": 1}),
    json.dumps({"event": "planned", "letters": [{"id": "a"}]}),
    json.dumps({"event": "sent", "ids": ["a"]}),
    json.dumps({"event": "deleted", "ids": 7}),
    json.dumps({"event": "finished"}),
    "[" * 100_000,
]
"""Lines that a journal has, or nearly."""


@dataclass
class Ordered(MemorySqs):
    """Notes when each batch was sent and deleted, among other things that happen."""

    order: list[str] = field(default_factory=list)

    def note(self, what, answer):
        self.order.append(what)
        return answer

    def send_message_batch(self, **request):
        return self.note("send", super().send_message_batch(**request))

    def delete_message_batch(self, **request):
        return self.note("delete", super().delete_message_batch(**request))


def test_every_line_of_the_journal_is_on_disk_before_the_next_request(tmp_path, monkeypatch):
    """The plan is fsynced before the first request, `sent` before the deletion, `deleted` after it."""
    sqs = Ordered()
    real_fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: sqs.note("fsync", real_fsync(descriptor)))
    fill(sqs, 3)
    redrive(sqs, tmp_path / "journal.jsonl", Death())
    at = sqs.order.index("send")
    assert sqs.order[at - 1 : at + 4] == ["fsync", "send", "fsync", "delete", "fsync"]


def test_a_journal_is_found_by_its_queue_until_it_is_finished(tmp_path):
    """A new redrive can see that an earlier one of the same stack was interrupted."""
    sqs = MemorySqs()
    fill(sqs, 12)
    path = tmp_path / "redrive-1.jsonl"
    death = Death(steps_of_a_life(tmp_path, 12).index("delete"))
    sqs.death = death
    with pytest.raises(Killed):
        redrive(sqs, path, death)
    assert unfinished(tmp_path, DEAD_LETTERS) == [path]
    assert read(path).has_sent_but_undeleted
    assert unfinished(tmp_path, QUEUE) == []
    sqs.death = Death()
    sqs.clock += 3600
    redrive(sqs, path, Death())
    assert unfinished(tmp_path, DEAD_LETTERS) == []


def test_a_journal_of_a_former_version_is_resumed(tmp_path):
    """It has lines that today's does not write, `sending` and `refused`: they change nothing, and it is finished."""
    sqs, path = MemorySqs(), tmp_path / "journal.jsonl"
    bodies = fill(sqs, 12)
    death = Death(steps_of_a_life(tmp_path, 12).index("delete"))
    sqs.death = death
    with pytest.raises(Killed):
        redrive(sqs, path, death)
    sqs.death = Death()
    sqs.clock += 3600
    today = read(path)
    head, *lines = path.read_text().splitlines()
    former = [json.dumps({"event": event, "ids": list(today.planned)}) for event in ("sending", "refused")]
    path.write_text("\n".join([head, former[0], *lines, former[1], ""]))
    assert read(path) == today
    redrive(sqs, path, Death())
    assert read(path).is_finished
    assert Counter(sqs.bodies(QUEUE)) == Counter(bodies)


@pytest.mark.parametrize("content", ["", "hello\n", "[]\n", '{"event": "redrive", "version": 99}\n', '{"event": 1}\n'])
def test_a_file_that_is_no_journal_is_one_sentence(tmp_path, content):
    """No file that is named as a journal ends in a traceback."""
    path = tmp_path / "journal.jsonl"
    path.write_text(content)
    with pytest.raises(Misuse, match="is no journal"):
        Journal.resume(path)


@given(lines=st.lists(st.sampled_from(LINES) | DOCUMENTS.map(json.dumps) | st.binary(max_size=20).map(repr), max_size=4), whole=st.booleans())  # fmt: skip
def test_whatever_a_journal_holds_it_is_read_or_refused(tmp_path_factory, lines, whole):
    """A line that is missing, foreign or cut: the state is read from the rest, or one sentence says that it is no journal."""
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines) + ("" if whole else '{"event": "se'))
    with suppress(Misuse):
        state = read(path)
        assert state.head["dead_letter_queue_url"] + state.head["stack"]
        assert len(state.open) <= len(state.planned)


def test_stray_files_beside_the_journals_are_left_alone(tmp_path):
    """Whatever lies in `.ops`, also under a journal's name, hides no unfinished journal and ends no command."""
    journal = tmp_path / "redrive-2.jsonl"
    Journal.start(journal, HEAD, []).close()
    (tmp_path / "redrive-0.jsonl").mkdir()
    (tmp_path / "redrive-1.jsonl").symlink_to(tmp_path / "gone")
    strays = [
        b"",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"event": "redrive", "version": 1}\n',
        b'"redrive"\n',
        b"1" * 5000 + b"\n",
    ]
    for number, content in enumerate(strays, 3):
        (tmp_path / f"redrive-{number}.jsonl").write_bytes(content)
    (tmp_path / "notes.txt").write_text("Dear diary")
    assert unfinished(tmp_path, DEAD_LETTERS) == [journal]


@pytest.mark.parametrize("line", ["hello", "[]", '{"event": "planned"}', '{"event": "sent", "ids": 7}', '{"ids": []}'])
def test_a_journal_of_the_queue_with_a_foreign_line_is_not_passed_over(tmp_path, line):
    """It may have letters as sent that are dead letters still: a new redrive would send them twice. Another queue's is not asked."""
    path = tmp_path / "redrive-1.jsonl"
    with closing(Journal.start(path, HEAD, [])) as journal:
        journal.sent(["a" * 36])
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(Misuse, match=r"redrive-1\.jsonl has a line that is none of redrive's: line 3"):
        unfinished(tmp_path, DEAD_LETTERS)
    assert unfinished(tmp_path, QUEUE) == []


def test_a_journal_that_is_not_there_or_is_there_already_is_one_sentence(tmp_path):
    """Neither is overwritten nor made up."""
    path = tmp_path / "journal.jsonl"
    with pytest.raises(Misuse, match="cannot be read"):
        Journal.resume(path)
    path.touch()
    with pytest.raises(Misuse, match="cannot be written"):
        Journal.start(path, HEAD, ())
