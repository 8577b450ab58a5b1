"""Races the worker's rendering against the plain way, sharp and pyvips, and shows how little could be had below it.

    python -m bench.race.render [--quick]

Two renditions, 256 and 1600 pixels, of every picture; CPU seconds, since those are what Lambda bills and what a busy
machine does not change much. Contestants run in alternation, each run in a process of its own; figures are medians over
the runs. Needs node and npm for sharp, and downloads 140 MB of pictures once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from bench import section
from bench.pictures.photographs import BUILD, photographs, screenshots
from bench.race.runs import NAMES, run
from bench.section import Bar, Section

if TYPE_CHECKING:
    from bench.race.runs import Race

RUNS: Final = 5
AVIF_EVERY: Final = 8
"""AVIF takes several times as long as WebP for all: every eighth picture is enough."""
_AVIF: Final = (
    "All encode in 4:2:0, in one thread and with like effort: Pillow's `speed` of 6 and libvips' `effort` of 3, which "
    "take like time and make like bytes. At libvips' default of 4 sharp took several times as long."
)
_AVIF_OPTIONS: Final = """libaom's options at quality 80, each against its default: the first on seven photographs of 1600 pixels, the second on six
screenshots of pages, for some of which libaom turns intrabc on by itself, the others on four photographs of 1600 and 256 pixels:

| option | CPU | bytes | SSIM | taken |
| --- | ---: | ---: | ---: | --- |
| no smooth, no Paeth intra | 0.94 | 1.000 | -0.0001 | yes |
| no intrabc, graphics | 0.88 | 1.003 | 0.0000 | yes: peak memory 105 MB instead of 136, too |
| `tune=ssim` instead of `iq` | 0.77 | 0.87 | -0.0006 | no: made for a figure, not for eyes |
| speed 7 | 0.62 | 1.024 | -0.0006 | no |
| no delta q | 0.86 | 0.72 | -0.0067 | no |
| no palette | 0.94 | 1.000 | -0.0010 | no |
| no chroma from luma | 0.96 | 1.066 | 0.0000 | no |
| blocks of 8 at least | 0.96 | 1.001 | -0.0001 | no: screenshots are 1 % larger |
| no angle delta | 0.95 | 1.012 | -0.0001 | no |
| no CDEF | 0.97 | 1.000 | -0.0001 | no: 3 % are not worth the filter that takes ringing away |

Screen detection by its newer mode makes three of four drawn screenshots 17 to 40 % smaller in 2.4 times the time."""
_LIMIT: Final = """Resampling to 1600 pixels, and SSIM against a reference, on seven of the photographs (every fourth), in CPU ms:

| by | ms | SSIM, not encoded | SSIM, WebP | SSIM of 256 pixels made from it |
| --- | ---: | ---: | ---: | ---: |
| SIMD, Lanczos (taken) | 8 | 0.9973 | 0.9690 | 0.9993 |
| SIMD, bicubic | 7 | 0.9954 | 0.9654 | 0.9993 |
| Pillow, Lanczos | 60 | 0.9977 | 0.9691 | 0.9982 |
| Pillow, bicubic (taken for JPEGs where there is no SIMD) | 44 | 0.9955 | 0.9655 | 0.9983 |

Tried in vain, on the same: a JPEG kept in YCbCr saves nothing in decoding (100.5 ms, 100.7 in RGB) nor in encoding (20.9,
19.7). A thumbnail that is decoded anew at its own scale takes 92 ms instead of 2, for an SSIM of 0.996 instead of 0.9993.
JPEGs that are not progressive take 8 ms instead of 20 and 3.6 % more bytes. WebP's method 2 takes 51 ms instead of 112 and
2.9 % more bytes, 5 takes 128 and 3.2 % fewer; each loses 0.0015 of SSIM. libjpeg's quick transform without smooth chroma
(`decoderconfig`) saves nothing, 14.4 ms instead of 14.6, and loses 0.0016 unencoded. Resampling in bands of rows takes 8 to 15 ms
instead of 7, the width before the height 6.4 instead of 6.9 alone and as long within a picture. Larger reads (128 kB to 4 MB for 64 kB) save
nothing.

Page faults: glibc gives back what a picture frees, and the next pays for new pages. One that keeps it until there has to be room
(`MALLOC_TRIM_THRESHOLD_`, taken; the worker and `limit` are run with it) takes 73.7 ms for a JPEG's 78.3, for `plain` 230 for 254, for
sharp as long as before. Beside it a buffer that the resampler keeps saves nothing (taken out), nor do blocks that Pillow keeps. Trimming above
32, 48 or 64 MB saves nothing: a picture takes more."""
_BARS: Final = {
    "webp": {"sharp": 0.70, "plain": 0.55, "limit": 1.12},
    "jpeg": {"sharp": 0.56, "plain": 0.55, "limit": 1.15},
    "avif": {"sharp": 0.98},
}


def measure(quick: bool) -> Section:
    """Run the races and report them."""
    measured = Section("Render")
    runs = 1 if quick else RUNS
    pictures = [*photographs(), *screenshots()][:: 4 if quick else 1]
    measured.text(
        f"Two renditions of {len(pictures)} pictures, JPEGs of 4 to 18 megapixels and PNG screenshots, quality 80, in "
        f"CPU seconds per picture; medians of {runs} runs in alternation. SSIM is the renditions' mean similarity to a "
        "reference (decoded whole, resized by Lanczos, not encoded). `pillow` is the worker without SIMD, as on arm64. `plain` opens, resizes and saves for each rendition; "
        "sharp and pyvips have one thread. `limit` is decoding at the "
        "needed scale and encoding, with the resizing left out."
    )
    for name, bars in _BARS.items():
        race = run(name, pictures[::AVIF_EVERY] if name == "avif" else pictures, runs)
        _keep(race)
        measured.text(f"### {name}, {race.pictures} pictures (load {section.load()})")
        if name == "avif":
            measured.text(_AVIF)
        measured.table(("", "CPU s", "worker is", "peak MB", "SSIM", "kB"), [_row(race, one) for one in NAMES])
        measured.bars += [
            Bar(f"{name}: CPU of {other}", race.cpu("worker") / race.cpu(other), most) for other, most in bars.items()
        ]
        measured.bars += _fairness(race)
    measured.text(_LIMIT)
    measured.text(_AVIF_OPTIONS)
    return measured


def _fairness(race: Race) -> list[Bar]:
    """Return what makes it an equal race, and the memory."""
    ours, theirs = race.quality["worker"], race.quality["sharp"]
    found = [
        Bar(f"{race.name}: sharp's SSIM less ours", theirs.likeness - ours.likeness, 0.0),
        Bar(f"{race.name}: peak memory of sharp", race.peak("worker") / race.peak("sharp"), 0.6),
    ]
    if race.name != "avif":  # Another encoder's quality of 80 is another one.
        found.insert(1, Bar(f"{race.name}: bytes of sharp", ours.bytes / theirs.bytes, 1.0))
    return found


def _row(race: Race, one: str) -> tuple[str, ...]:
    quality = race.quality[one]
    ratio = race.cpu("worker") / race.cpu(one)
    size = (f"{quality.likeness:.4f}", f"{quality.bytes / 1000:,.0f}") if one != "limit" else ("", "")
    return one, f"{race.cpu(one):.3f}", f"{ratio:.2f}", f"{race.peak(one) / 2**20:.0f}", *size


def _keep(race: Race) -> None:
    """Keep what `bench.scale.cost` and `bench.scale.capacity` go by."""
    figures = {
        one: {
            "cpu": race.cpu(one),
            "ssim": race.quality[one].likeness,
            "peak": race.peak(one),
            "bytes": race.quality[one].bytes / race.pictures,
        }
        for one in NAMES
    }
    (BUILD / f"render-{race.name}.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    section.run(measure, __doc__)
