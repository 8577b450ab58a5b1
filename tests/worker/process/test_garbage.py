from __future__ import annotations

import gc

import pytest

from worker.process.garbage import made_to_stay


@pytest.fixture
def passes():
    """Return the generations of the collector's passes so far; afterwards everything is its business again."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.unfreeze()


def made() -> list[list[int]]:
    """Return more objects than the collector leaves alone."""
    return [[number] for number in range(100_000)]


def test_the_collector_looks_at_nothing_that_is_made_to_stay(passes):
    """Neither while it is made nor later; without that it would have, many times."""
    plain = made()
    assert passes
    passes.clear()
    with made_to_stay():
        kept = made()
    assert passes == []
    assert gc.get_freeze_count() > len(kept) + len(plain)
    assert not {id(each) for each in kept} & {id(each) for each in gc.get_objects()}


def test_the_collector_goes_on_whatever_happened(passes):
    """A function whose settings are wrong fails at every call, and collects its garbage all the same."""
    with pytest.raises(ValueError, match="wrong"), made_to_stay():
        raise ValueError("wrong")
    assert gc.isenabled()
    made()
    assert passes
