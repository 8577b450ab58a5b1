"""The Nu Html Checker, which validator.w3.org runs, on this computer (https://validator.github.io/validator/).

npm brings it once, as the lock file pins it, and Java runs it; after that no network is needed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from local import ROOT
from tests.local.processes.programs import runs

FOLDER: Final = ROOT / "build" / "html-checker"
_PINNED: Final = Path(__file__).parent
_JAR: Final = Path("node_modules", "vnu-jar", "build", "dist", "vnu.jar")


def complaints(body: str) -> list[str]:
    """Return what the checker says about a page with this in its body, nothing of it being good."""
    page = f"<!doctype html><html lang='en'><meta charset='utf-8'><title>Snippets</title><body>{body}</body></html>"
    command = ["java", "-jar", str(_jar()), "--format", "json", "--exit-zero-always", "-"]
    ended = subprocess.run(command, input=page, capture_output=True, encoding="utf-8", check=True, timeout=100)
    return [f"{each['message']} {each.get('extract', '')}" for each in json.loads(ended.stderr)["messages"]]


def _jar() -> Path:
    """Return where it is, installed if it was not; where that is impossible, the test is skipped, but fails in CI."""
    missing = [program for program in ("java", "npm") if not runs(program)]
    if missing:
        assert not os.environ.get("CI"), f"{missing} is missing: .ci/run installs it"
        pytest.skip("Java or npm is missing; on Debian: apt-get install default-jre-headless npm")
    lock = (_PINNED / "package-lock.json").read_text()
    if not (FOLDER / _JAR).is_file() or (FOLDER / "package-lock.json").read_text() != lock:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_PINNED / name, FOLDER)
        subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],  # noqa: S607 - whichever is installed
            cwd=FOLDER,
            check=True,
            capture_output=True,
            timeout=100,
        )
    return FOLDER / _JAR
