"""The journal on a disk that is full: what it does not have is not taken as written, and what it has can be read."""

from __future__ import annotations

import errno
import os
from contextlib import closing

import pytest

from ops.redrive.journal import Journal
from ops.redrive.journal_state import read
from ops.terminal.errors import Misuse
from tests.ops.redrive.redrives import HEAD
from tests.ops.support.disk import disk_of

FIRST, SECOND = ["a" * 36], ["b" * 36]


@pytest.mark.parametrize("room", [0, 1, 30, 66])
def test_a_line_of_which_the_disk_takes_a_part_was_not_written(tmp_path, room):
    """It is an error at once, its part is taken away again, and what another thread writes later can be read."""
    path = tmp_path / "journal.jsonl"
    with closing(Journal.start(path, HEAD, [])) as journal:
        with disk_of(path.stat().st_size + room), pytest.raises(Misuse, match="cannot be written any more"):
            journal.sent(FIRST)
        assert journal.state.sent == set()
        journal.sent(SECOND)
    assert read(path).sent == set(SECOND)


def test_a_line_that_does_not_get_to_the_disk_is_an_error_that_names_the_journal(tmp_path, monkeypatch):
    """Some disks tell only then that they are full."""
    path = tmp_path / "journal.jsonl"
    with closing(Journal.start(path, HEAD, [])) as journal:

        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(Misuse, match=r"journal\.jsonl cannot be written any more: No space"):
            journal.sent(FIRST)
