from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from bench.memory import CASES, Measurement, measure, together
from bench.pictures.corpus import deep_tiff, encoded, film
from worker.images.headers.sniffing import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL: dict[str, Callable[[], bytes]] = {
    "JPEG progressive, 3 MP": partial(encoded, 3, "JPEG", progressive=True),
    "PNG RGBA, 3 MP": partial(encoded, 3, "PNG", "RGBA", compress_level=1),
    "GIF, 10 frames of 300 x 300": partial(film, "GIF", 10, 300),
    "TIFF RGB of 16 bits, 3 MP": partial(deep_tiff, 3, 3, 2),
    "WebP, 3 MP": partial(encoded, 3, "WEBP", method=0),
    "bomb: PNG of 65,000 x 65,000": CASES["bomb: PNG of 65,000 x 65,000"],
}


@pytest.mark.parametrize("case", SMALL)
def test_no_process_takes_more_than_was_estimated(case, tmp_path):
    """A picture of each family, rendered in a process of its own, keeps within its estimate and within 512 MB."""
    path = tmp_path / "picture"
    path.write_bytes(SMALL[case]())
    (measurement,) = measure(case, path, [512], ["default"])
    print(measurement.row())  # noqa: T201 - shown when it fails.
    assert measurement.holds
    assert measurement.verdict == ("too-large" if case.startswith("bomb") else "rendered")
    assert measurement.peak > 40


def test_what_one_picture_leaves_is_not_too_much_for_the_next(tmp_path):
    """All of them in one process, three times, in the smallest function."""
    paths = [tmp_path / str(index) for index in range(len(SMALL))]
    for path, draw in zip(paths, SMALL.values(), strict=True):
        path.write_bytes(draw())
    measurement = together(paths, "default", 256)
    print(measurement.row())  # noqa: T201 - shown when it fails.
    assert measurement.verdict == "15 rendered"
    assert measurement.holds


def test_the_corpus_has_every_format_and_a_bomb_of_each():
    """Every format of the allow-list is measured, and measured as a bomb."""
    for name in FORMATS:
        shown = {"HEIF": "HEIC", "WEBP": "WebP"}.get(name, name)
        assert any(case.startswith(shown) for case in CASES), name
        assert any(case.startswith("bomb: " + shown) for case in CASES), name


@pytest.mark.parametrize(
    ("verdict", "estimate", "peak", "holds"),
    [
        ("rendered", 300, 299, True),
        ("rendered", 300, 301, False),
        ("rendered", 600, 513, False),
        ("too-large", 900, 70, True),
        ("too-large", 900, 513, False),
    ],
)
def test_what_passes_its_limit_or_its_estimate_is_found(verdict, estimate, peak, holds):
    """Over the limit never holds; over the estimate does not for what was rendered."""
    measurement = Measurement("a", "default", 512, verdict, estimate, peak, 1.0)
    assert measurement.holds is holds
    assert measurement.row().endswith("OVER") is not holds
