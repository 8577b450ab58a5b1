"""What tests ask about the programs of this computer."""

from __future__ import annotations

import os

from tests.local.processes.programs import runs


def test_a_program_that_is_on_the_path_and_does_not_run_is_none(tmp_path, monkeypatch):
    """A version manager leaves stubs of what is not installed; a test that needs the program is not for them."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for name, status in (("sound", 0), ("stub", 127)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "no-program").write_text("")

    assert [runs(name) for name in ("sound", "stub", "no-program", "missing")] == [True, False, False, False]
