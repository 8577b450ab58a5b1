"""A section of bench/results/performance.md: a table of what was measured, and the bars it was held to."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Bar:
    """What a figure must not exceed."""

    what: str
    figure: float
    at_most: float

    @property
    def met(self) -> bool:
        """Whether it does not."""
        return self.figure <= self.at_most

    def row(self) -> tuple[str, ...]:
        """Return a row of the table of bars."""
        return self.what, f"{self.figure:.3f}", f"{self.at_most:g}", "met" if self.met else "**missed**"


@dataclass
class Section:
    """The results of one benchmark.

    Attributes:
        title: Its heading.
        paragraphs: Text and tables, in order.
        bars: What it is held to.
    """

    title: str
    paragraphs: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)

    def text(self, text: str) -> None:
        """Add a paragraph."""
        self.paragraphs.append(text)

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a table; the first column is words, the others are numbers."""
        self.paragraphs.append(_table(head, rows))

    def markdown(self) -> str:
        """Return the section for bench/results/performance.md."""
        bars = [_table(("bar", "figure", "at most", ""), [bar.row() for bar in self.bars])] if self.bars else []
        return "\n\n".join([f"## {self.title}", *self.paragraphs, *bars]) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *rows])


def run(measure: Callable[[bool], Section], description: str | None) -> None:
    """Be the command line of one benchmark: print its section; status 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a fraction of the pictures and of the runs")
    section = measure(parser.parse_args().quick)
    sys.stdout.write(section.markdown())
    sys.exit(not all(bar.met for bar in section.bars))


def load() -> str:
    """Return how busy the machine is: processes that want to run, and processors."""
    return f"{os.getloadavg()[0]:.1f} of {os.cpu_count()}"


PROGRESS: Final = sys.stderr
