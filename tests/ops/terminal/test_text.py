"""Text of others is shown and not acted on, and is one word in a command that is proposed."""

from __future__ import annotations

import json
import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from ops.terminal.text import command_of, json_line, printable

HOSTILE = [
    "\x1b[2J",
    "a\nretry  b",
    "'; reboot; '",
    "$(reboot)",
    "`reboot`",
    "\u202egpj",
    "a b",
    "\x9b2J",
    "it's\n",
    "\\",
    "!x",
    "~",
    "-rf",
    "",
]


@given(text=st.text(st.characters()) | st.sampled_from(HOSTILE))
def test_what_is_printed_is_one_line_of_what_can_be_seen(text):
    """No escape sequence, no forged line, no text that runs backwards; what can be seen stays as it is."""
    shown = printable(text)
    assert shown.isprintable()
    assert shown == text or not text.isprintable()
    document = json_line({"key": text})
    assert document.isprintable()
    assert json.loads(document) == {"key": text}


@settings(max_examples=50, deadline=None)
@given(words=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(HOSTILE), min_size=1, max_size=5))  # fmt: skip
def test_a_shell_passes_on_exactly_these_words(words):
    """Whatever a key is, the command that is proposed for it does to it what it says, and nothing else."""
    line = command_of(words)
    assert line.isprintable()
    command = ["bash", "-c", f"printf '%s\\0' {line}"]
    said = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
    assert said.split(b"\0")[:-1] == [word.encode() for word in words]
