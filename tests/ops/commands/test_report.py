"""`dlq report` on the embedded AWS."""

from __future__ import annotations

import webbrowser
from unittest.mock import Mock

import pytest

from tests.worker.images.pictures import factories

pytestmark = pytest.mark.stack
LARGE = factories.encode(factories.scene(1600, 1200), "JPEG")


def test_a_report_shows_each_letter_with_its_picture(bench, tmp_path, monkeypatch):
    """What the worker rejected beside what it made of the version before; the letters are not touched, and nothing is written to AWS."""
    browser = Mock(return_value=True)
    monkeypatch.setattr(webbrowser, "open", browser)
    bench.upload("holiday/beach.jpg", LARGE)
    bench.wait_for("holiday/beach.jpg")
    bench.upload("holiday/beach.jpg", LARGE[: len(LARGE) // 2])
    bench.upload("text.jpg", b"no picture at all")
    bench.wait_for_letters(2)
    outputs, page = bench.keys("output_bucket"), tmp_path / "report.html"

    ended = bench.run("dlq", "report", "--html", str(page), "--open")

    assert (ended.status, ended.out) == (1, f"{page}\n")
    assert "2 dead letters, pictures of 2" in ended.err
    browser.assert_called_once_with(page.as_uri())
    text = page.read_text()
    assert text.count('src="data:image/webp;base64,') == 2  # half a beach, and the whole one of before
    assert "Nothing of it can be decoded." in text
    assert "redrive" in text or "purge" in text
    assert bench.depth("dead_letter_queue_url") == (2, 0)
    assert bench.keys("output_bucket") == outputs


def test_a_report_of_nothing(bench, tmp_path):
    """A page that says so, and exit status 0; a file that cannot be written is refused before any letter is received."""
    ended = bench.run("dlq", "report", "-o", str(tmp_path / "report.html"), "--reason", "truncated")
    assert (ended.status, ended.out) == (0, f"{tmp_path / 'report.html'}\n")
    assert bench.run("dlq", "report", "--html", str(tmp_path / "missing" / "report.html")).status == 2
