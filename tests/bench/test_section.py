from __future__ import annotations

from bench.__main__ import page
from bench.section import Bar, Section


def test_a_missed_bar_shows():
    """The page says how many bars are met, and marks the one that is not, in its section and at the top."""
    measured = Section("Render", ["text"], [Bar("one", 0.7, 0.8), Bar("other", 0.9, 0.8)])
    text = page([measured])
    assert "1 of 2 are met" in text
    assert text.count("| other | 0.900 | 0.8 | **missed** |") == 2
    assert text.count("| one | 0.700 | 0.8 | met |") == 2
