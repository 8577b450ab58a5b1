"""The time line of a report."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from ops.dead_letters.report.time_line import STEPS, bars, draw

TIMES = st.lists(st.floats(1.6e9, 1.6e9 + 13 * 86_400), min_size=1, max_size=50)


@given(TIMES)
def test_every_letter_is_in_one_bar(times):
    """Of two weeks at most, which is as long as SQS keeps a letter: in no more bars than can be told apart."""
    step, begin, counts = bars(times)
    assert step in STEPS
    assert begin <= min(times)
    assert max(times) < begin + step * len(counts)
    assert sum(counts) == len(times)
    assert len(counts) <= 100


@given(TIMES)
def test_the_drawing_says_in_words_what_it_shows(times):
    """It is well-formed, and has a bar for every count."""
    figure = ET.fromstring(draw(times))  # noqa: S314 - we drew it
    drawing = figure.find("svg")
    assert drawing is not None
    assert " at most " in drawing.attrib["aria-label"]
    assert len(drawing.findall("rect")) == sum(1 for count in bars(times)[2] if count)
