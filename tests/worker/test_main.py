from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worker.images.pictures.small import jpeg
from worker.__main__ import main


@pytest.fixture
def picture(tmp_path):
    """Return a picture in a file."""
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    return path


def test_a_file_is_rendered_by_hand(picture, tmp_path, capsys):
    """Each rendition lands in a file named after its source, and is printed with its size."""
    assert main([str(picture), "--out", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a.jpg.thumbnail.webp", "a.jpg.web.webp"}
    assert "40 x 30" in capsys.readouterr().out


def test_a_reject_says_why(tmp_path, capsys):
    """Exit status 1 and the reason on standard error."""
    (tmp_path / "a.jpg").write_text("no picture")
    assert main([str(tmp_path / "a.jpg"), "--out", str(tmp_path)]) == 1
    assert "unsupported-format" in capsys.readouterr().err


@pytest.mark.parametrize("extra", [["--renditions", "["], ["--renditions", "[]"]])
def test_wrong_use_is_exit_status_2(picture, tmp_path, extra, capsys):
    """Malformed renditions are an error message, not a traceback."""
    assert main([str(picture), "--out", str(tmp_path), *extra]) == 2
    assert "python -m worker:" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_exit_status_2(tmp_path):
    """A wrong path is wrong use."""
    assert main([str(tmp_path / "none.jpg"), "--out", str(tmp_path)]) == 2


def test_programs_get_json(picture, tmp_path, capsys):
    """Every rendition with its file, and the CPU seconds of the rendering alone."""
    assert main([str(picture), "--out", str(tmp_path / "out"), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [(each["name"], each["width"], each["height"]) for each in document["renditions"]] == [
        ("thumbnail", 40, 30),
        ("web", 40, 30),
    ]
    assert all(Path(each["path"]).stat().st_size == each["bytes"] for each in document["renditions"])
    assert 0 < document["cpu_seconds"] < 60
