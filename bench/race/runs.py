"""One race: every contestant renders the same pictures in one format, in alternation, each run in a process of its own.

Needs node and npm for sharp. Judges what is written by its likeness to a reference and by its size.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PIL import Image, ImageOps

from bench import section
from bench.pictures.photographs import BUILD
from bench.race.contestants import SIDES
from local import ROOT
from ops.pictures.recipe.similarity import ssim
from worker.contracts.function.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES: Final = ("worker", "pillow", "sharp", "pyvips", "plain", "limit")
_IN_THE_FUNCTION: Final = ("worker", "pillow", "limit")
"""Run with its settings of the C library; the others as people run them."""
_SHARP: Final = ROOT / "bench" / "race" / "sharp"


@dataclass(frozen=True)
class Quality:
    """What a contestant's renditions are worth: the mean similarity to the reference, and all their bytes."""

    likeness: float
    bytes: int


@dataclass(frozen=True)
class Race:
    """One format's results: CPU seconds per picture and the peak in bytes, of each contestant and run."""

    name: str
    pictures: int
    seconds: dict[str, list[float]]
    peaks: dict[str, list[int]]
    quality: dict[str, Quality]

    def cpu(self, contestant: str) -> float:
        """Return the median over the runs."""
        return statistics.median(self.seconds[contestant])

    def peak(self, contestant: str) -> float:
        """Return the median over the runs."""
        return statistics.median(self.peaks[contestant])


def run(name: str, pictures: Sequence[Path], runs: int) -> Race:
    """Race all contestants in the format `name`."""
    race = Race(name, len(pictures), {one: [] for one in NAMES}, {one: [] for one in NAMES}, {})
    references: dict[str, Image.Image] = {}
    for index in range(runs):
        for one in NAMES:
            section.PROGRESS.write(f"{name}: run {index + 1} of {runs}, {one}\n")
            with tempfile.TemporaryDirectory() as folder:
                report = _contest(one, name, folder if index == 0 else "-", pictures)
                race.seconds[one].append(sum(report["seconds"]) / len(pictures))
                race.peaks[one].append(report["peak"])
                if index == 0:
                    race.quality[one] = _judge(Path(folder), pictures, references)
    return race


def _contest(one: str, name: str, folder: str, pictures: Sequence[Path]) -> dict[str, Any]:
    module = [sys.executable, "-m", "bench.race.contestants", one]
    command = [*(module if one != "sharp" else ["node", str(_installed_sharp() / "render.js")]), name, folder]
    env = {**os.environ, "UV_THREADPOOL_SIZE": "1", "VIPS_CONCURRENCY": "1"}
    if one in _IN_THE_FUNCTION:
        env |= Settings.PROCESS_VARIABLES
    done = subprocess.run(
        [*command, *map(str, pictures)], stdout=subprocess.PIPE, text=True, check=True, env=env, cwd=ROOT
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _installed_sharp() -> Path:
    folder = BUILD / "sharp"
    if not (folder / "node_modules").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("sharp needs node 20.9 or newer and npm; on Debian: apt-get install npm")
        folder.mkdir(parents=True, exist_ok=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(_SHARP / file, folder)
        subprocess.run(
            [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=True, stdout=sys.stderr
        )
    shutil.copy(_SHARP / "render.js", folder)
    return folder


def _judge(folder: Path, pictures: Sequence[Path], references: dict[str, Image.Image]) -> Quality:
    """Compare what was written with the reference, which is made once and kept as PNG-less pixels in memory."""
    found, size = [], 0
    for picture in pictures:
        for side in SIDES:
            (file,) = folder.glob(f"{picture.stem}-{side}.*")
            made = Image.open(io.BytesIO(file.read_bytes()))
            key = f"{picture.stem} {made.size}"
            if key not in references:
                references[key] = _reference(picture, made.size)
            found.append(ssim(made, references[key]))
            size += file.stat().st_size
    return Quality(statistics.mean(found), size)


def _reference(picture: Path, size: tuple[int, int]) -> Image.Image:
    with Image.open(picture) as opened:
        return ImageOps.exif_transpose(opened).convert("L").resize(size, Image.Resampling.LANCZOS)
