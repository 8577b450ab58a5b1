from __future__ import annotations

import io

import click
import pytest

from ops.terminal.errors import Misuse
from ops.terminal.prompts import confirm
from tests.ops.support.workbench import Keyboard


@pytest.mark.parametrize(
    ("typed", "goes_on"), [("y\n", True), ("yes\n", True), ("n\n", False), ("\n", False), ("perhaps\ny\n", True)]
)
def test_only_a_yes_goes_on(monkeypatch, capsys, typed, goes_on):
    """Enter alone is a no; what is neither is asked again."""
    monkeypatch.setattr("sys.stdin", Keyboard(typed))
    assert confirm("Send 3 dead letters back?", yes=False) is goes_on
    assert "Send 3 dead letters back? [y/N]" in capsys.readouterr().err


def test_without_a_terminal_no_question_is_asked(monkeypatch):
    """A script has to pass --yes; without it the command fails instead of hanging."""
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(Misuse, match="add --yes"):
        confirm("Send?", yes=False)
    assert confirm("Send?", yes=True)


def test_the_end_of_the_input_is_no_answer(monkeypatch):
    """Ctrl-D ends the command as Ctrl-C does."""
    monkeypatch.setattr("sys.stdin", Keyboard(""))
    with pytest.raises(click.Abort):
        confirm("Send?", yes=False)
