"""What an output format cannot state is clamped, and noted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worker.images.containers.test_apng import ALL, GREEN, RED, SIDE, default, part, stated
from tests.worker.images.pictures.animations import apng, control, header
from tests.worker.images.rendering import frames, output, rendered
from worker.contracts.notes import DURATIONS_CLAMPED, LOOPS_CLAMPED
from worker.images.encoding.timing import MAX_DURATION, MAX_PLAYS, duration_in
from worker.images.headers.reading import read_header


def film(plays: int = 0, delay: tuple[int, int] = (1, 10)) -> bytes:
    """Return an APNG of two frames; the delay of both is a fraction of a second."""
    first = (header(SIDE, SIDE), stated(2, plays), control(0, ALL, delay), default(RED))
    return apng(*first, control(1, ALL, delay), part(2, GREEN, ALL))


@pytest.mark.parametrize("format_", MAX_PLAYS)
@pytest.mark.parametrize("plays", [65_535, 65_536, 100_000, (1 << 31) - 1])
def test_plays_are_kept_or_clamped_with_a_note(plays, format_):
    """Each format states as many plays as it can; a note says so where it states fewer."""
    made = rendered(film(plays), format=format_, animated=True)
    expected = min(plays, MAX_PLAYS[format_])
    assert read_header(made.renditions[0].data).plays == expected
    assert made.notes == ((LOOPS_CLAMPED,) if expected < plays else ())


@pytest.mark.parametrize("format_", MAX_DURATION)
@pytest.mark.parametrize("delay", [(65_535, 1000), (65_535, 100), (65_535, 7), (65_535, 1)])
def test_durations_are_kept_or_clamped_with_a_note(delay, format_):
    """Durations of up to 65 s are exact; what a format cannot state is its maximum, with a note."""
    made = rendered(film(1, delay), format=format_, animated=True)
    milliseconds = round(1000 * delay[0] / delay[1])
    expected = min(milliseconds, MAX_DURATION[format_])
    assert frames(made.renditions[0].data)[0][1] == pytest.approx(expected, rel=1e-4 if format_ == "png" else 0)
    assert made.notes == ((DURATIONS_CLAMPED,) if expected < milliseconds else ())


@given(st.integers(0, 1 << 33))
def test_png_states_every_duration(duration):
    """As a fraction of two integers of 16 bits: exactly up to 65 s, then within a hundredth of a percent."""
    stated = duration_in("png", duration)
    assert min(65_535_000, duration) == pytest.approx(stated, rel=1e-4)
    assert duration > 65_535 or stated == duration
    assert any(stated % step == 0 and stated // step <= 65_535 for step in (1, 10, 100, 1000))


@pytest.mark.parametrize("duration", [65_536, 70_123, 655_357, 16_777_215])
def test_a_long_duration_that_no_fraction_states_can_be_written(duration):
    """Pillow refuses durations whose fraction has a numerator of more than 16 bits."""
    delay = (duration // 1000, 1) if duration > 655_350 else (duration // 10, 100)
    assert frames(output(film(1, delay), animated=True))[0][1] >= 65_000
