from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.contracts.recipes.focus import CENTRE, IGNORED, STEPS, Focus, FocusError, mark_of

PARTS = st.integers(0, STEPS)


@given(PARTS, PARTS)
def test_a_focus_survives_its_text(x, y):
    """What is written of a focus is read as the same one."""
    assert Focus.parse(str(Focus(x, y))) == Focus(x, y)


@pytest.mark.parametrize(
    ("text", "focus"),
    [
        ("0.5,0.5", CENTRE),
        ("0,1", Focus(0, 10_000)),
        (" 1.0 , .25 ", Focus(10_000, 2_500)),
        ("0.33333333,0.99999", Focus(3_333, 10_000)),
        ("0.000,0.0001", Focus(0, 1)),
    ],
)
def test_a_focus_is_read_as_people_write_it(text, focus):
    """With spaces, without the zero before the point, with more digits than count."""
    assert Focus.parse(text) == focus


@pytest.mark.parametrize(
    "text",
    ["", "0.5", "0.5,", "0.5,0.5,0.5", "1.1,0", "-0.1,0", "0,2", "1e-1,0", "nan,0", "0,5;0,5", "50%,50%", "\u0660,\u0660", "0.5,0.5\n",
     "center", "0.5," + "0" * 2000],
)  # fmt: skip
def test_anything_else_is_none(text):
    """It is refused with what a focus is; on an original it is ignored."""
    with pytest.raises(FocusError, match="two decimal numbers from 0 to 1"):
        Focus.parse(text)
    assert mark_of(text) == IGNORED


def test_one_focus_has_one_mark():
    """However it is written: no picture is rendered again for a zero more."""
    assert {mark_of("0.50,0.2"), mark_of(".5, 0.20000"), mark_of("0.5,0.2")} == {"0.5,0.2"}
    assert mark_of(None) == ""
