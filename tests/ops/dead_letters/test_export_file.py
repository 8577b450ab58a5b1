"""An archive of dead letters, whatever has become of it."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.dead_letters.export_file import read_export
from ops.queues.letter import Letter
from ops.terminal.errors import Misuse
from tests.worker.contracts.foreign.messages import DEEP, DOCUMENTS

WHOLE = {
    "id": "a",
    "sent_at": "2026-11-24T04:00:00+00:00",
    "receives": 1,
    "trace": None,
    "attributes": {"reason": {"type": "String", "value": "truncated"}},
    "body": "{}",
}


@given(part=st.sampled_from(list(WHOLE)), value=DOCUMENTS)
def test_a_part_of_a_letter_that_is_odd_is_a_sentence(tmp_path_factory, part, value):
    """Any value in the place of any part: a letter, or one sentence with the number of the line."""
    path = tmp_path_factory.mktemp("archive") / "letters.jsonl"
    path.write_text(json.dumps(WHOLE) + "\n" + json.dumps({**WHOLE, part: value}) + "\n")
    with suppress(Misuse):
        letters = read_export(path)
        assert all(isinstance(letter, Letter) for letter in letters)
        assert all(letter.import_entry() for letter in letters)


@pytest.mark.parametrize("line", [*DEEP, "\ufeff{}", "{", "9" * 5000, '{"id": "\\ud800"}'])
def test_a_line_that_is_none_is_a_sentence(tmp_path, line):
    """Nothing was sent, and it says so."""
    path = tmp_path / "letters.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(Misuse, match=r"line 1.*Nothing was sent"):
        read_export(path)
