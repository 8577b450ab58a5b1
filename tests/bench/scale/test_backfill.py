from __future__ import annotations

from bench.backfill import main


def test_a_backfill_is_measured(capsys):
    """The whole way: plan, canary, journal, messages; what it lists is what S3's listing has."""
    assert main(["--pictures", "1000", "--one"]) == 0
    assert int(capsys.readouterr().out) > 0
