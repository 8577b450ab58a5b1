"""No command ends in a traceback: a bug and a full disk are a sentence each, with exit status 2."""

from __future__ import annotations

import errno

import pytest

from ops.commands.cli import main
from ops.session import Session


@pytest.fixture
def failing(monkeypatch, tmp_path):
    """Have every command fail as it begins, with an error of the test's."""
    monkeypatch.chdir(tmp_path)

    def fail_with(error):
        def stack(_self):
            raise error

        monkeypatch.setattr(Session, "stack", property(stack))

    return fail_with


def test_a_bug_is_a_sentence_and_a_file(failing, tmp_path, capsys):
    """The sentence says that it is a bug, and where its traceback is."""
    failing(ZeroDivisionError("division by \x1b[2J zero"))
    assert main(["--stack", "dev", "status"]) == 2
    said = capsys.readouterr().err
    assert "this is a bug: ZeroDivisionError" in said
    assert "Traceback" not in said
    assert "\x1b" not in said
    (details,) = (tmp_path / ".ops").glob("bug-*.txt")
    assert str(details.relative_to(tmp_path)) in said
    assert "in stack" in details.read_text()


def test_a_bug_where_nothing_can_be_written_shows_its_details(failing, tmp_path, capsys):
    """The traceback is then all there is."""
    (tmp_path / ".ops").write_text("no directory")
    failing(RecursionError("deep"))
    assert main(["--stack", "dev", "status"]) == 2
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "Report it with the lines above" in said


def test_a_full_disk_is_a_sentence(failing, capsys):
    """It names the file, and what to do."""
    failing(OSError(errno.ENOSPC, "No space left on device", "letters.jsonl"))
    assert main(["--stack", "dev", "status"]) == 2
    assert capsys.readouterr().err.startswith("Error: letters.jsonl: No space left on device.")
