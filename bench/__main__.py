"""Runs every benchmark that has a bar, prints its tables, and writes bench/results/performance.md.

    python -m bench [--quick] [--only NAME ...]

A section that is not run again stays as its last run left it. Status 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Final

from bench import section
from bench.pictures.photographs import BUILD
from bench.section import Bar, Section
from local import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MODULES: Final = {
    "render": "bench.race.render",
    "look": "bench.race.look",
    "batch": "bench.function.batch",
    "cold_start": "bench.function.cold_start",
    "stack": "bench.scale.stack",
    "cost": "bench.scale.cost",
    "capacity": "bench.scale.capacity",
}
"""In this order: the last two go by what `render` and `batch` measured."""
PAGE: Final = ROOT / "bench" / "results" / "performance.md"
_HEAD: Final = """# Performance

Written by `make bench`, never by hand. Each figure is a ratio in one run on one machine, with the absolute numbers beside
it; `load` is how many processes wanted to run while it was measured, of how many processors. CPU seconds hardly depend on
it, wall time does.
"""


def main() -> int:
    """Run what is asked for, and write the page of all that was ever run here."""
    arguments = _parser().parse_args()
    folder = BUILD / "sections"
    folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.only or MODULES:
        section.PROGRESS.write(f"{name}\n")
        measured = import_module(MODULES[name]).measure(arguments.quick)
        measured.title += " (quick)" if arguments.quick and name not in ("cost", "capacity") else ""
        (folder / f"{name}.json").write_text(json.dumps(asdict(measured)))
        sys.stdout.write(f"{measured.markdown()}\n")
        sys.stdout.flush()
    sections = [_read(folder / f"{name}.json") for name in MODULES if (folder / f"{name}.json").is_file()]
    PAGE.write_text(page(sections), encoding="utf-8")
    return 0 if all(bar.met for measured in sections for bar in measured.bars) else 1


def page(sections: Sequence[Section]) -> str:
    """Return bench/results/performance.md: where the bars stand, then every section."""
    bars = [bar for measured in sections for bar in measured.bars]
    summary = Section("Bars", [f"{sum(bar.met for bar in bars)} of {len(bars)} are met, on {_machine()}."], bars)
    return "\n".join([_HEAD, *(measured.markdown() for measured in (summary, *sections))])


def _machine() -> str:
    return f"{platform.system()} {platform.machine()} with Python {platform.python_version()}"


def _read(file: Path) -> Section:
    stored = json.loads(file.read_text())
    return Section(stored["title"], stored["paragraphs"], [Bar(**bar) for bar in stored["bars"]])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a fraction of the pictures and of the runs")
    parser.add_argument("--only", nargs="+", choices=MODULES, metavar="NAME", help=f"of {', '.join(MODULES)}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
