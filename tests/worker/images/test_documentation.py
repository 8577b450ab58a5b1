from __future__ import annotations

import ast
from pathlib import Path

from bench.memory import CASES, MEMORIES, RECIPES
from tests.worker.images.pictures import fuzz
from worker.contracts import errors, notes
from worker.contracts.recipes import specs
from worker.images.admission import limits
from worker.images.containers import ifd, jpeg_segments
from worker.images.headers import gif, header, png
from worker.images.headers.sniffing import FORMATS
from worker.images.planning.plan import ANIMATED_FORMATS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "images.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "bench" / "results" / "memory.md").read_text(encoding="utf-8")
LIMITS = {
    "MAX_SIDE": specs.MAX_SIDE,
    "MAX_ANIMATION_PIXELS": limits.MAX_ANIMATION_PIXELS,
    "MAX_FRAMES": gif.MAX_FRAMES,
    "MAX_PROFILE": header.MAX_PROFILE,
    "MAX_SCANS": jpeg_segments.MAX_SCANS,
    "MAX_SEGMENTS": jpeg_segments.MAX_SEGMENTS,
    "MAX_CHUNKS": png.MAX_CHUNKS,
    "MAX_LIST": ifd.MAX_LIST,
}


def table(heading: str, page: str = PAGE) -> list[list[str]]:
    """Return the rows of the first table below a heading, without its header."""
    section = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_what_goes_in_is_the_allow_list():
    """The page lists exactly the formats that are sniffed, in their order."""
    assert tuple(row[0] for row in table("What goes in")) == FORMATS


def test_what_comes_out_is_what_a_recipe_takes():
    """Formats, Content-Types, and which formats can be animated, are the code's."""
    rows = table("What comes out")
    assert {row[0]: row[1] for row in rows} == dict(specs.FORMATS)
    assert {row[0] for row in rows if row[3] == "yes"} == set(ANIMATED_FORMATS)


def test_every_note_is_explained():
    """The page explains exactly the notes that a manifest can have."""
    assert tuple(row[0].strip("`") for row in table("Notes")) == notes.NOTES


def test_what_is_refused_is_what_the_code_raises():
    """The reasons of the page are those of every reject that a module of `worker.images` can raise, and no others."""
    rejects = {leaf.__name__: leaf.reason for leaf in errors.leaves(errors.Reject)}
    raised = set()
    for path in (ROOT / "worker" / "images").rglob("*.py"):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        raised |= {rejects[call.id] for call in calls if isinstance(call, ast.Name) and call.id in rejects}
    assert {row[0].strip("`") for row in table("What is refused")} == raised


def test_limits_are_the_code_s():
    """Each number of the page is the constant of that name."""
    assert {row[0].strip("`"): int(row[1].replace(",", "")) for row in table("Limits")} == LIMITS


def test_every_measured_case_is_on_the_page():
    """The table of memory has every case of the corpus with every recipe and limit, and none passed its limit."""
    rows = table("Memory", MEASURED)
    assert {(row[0], row[1]) for row in rows} == {(case, name) for case in CASES for name in RECIPES}
    for row in rows:
        for limit, cell in zip(MEMORIES, row[3:], strict=True):
            if cell != "the same":
                assert int(cell.split()[-1].replace(",", "")) <= limit, row


def test_the_fuzz_run_on_the_page_is_long_enough():
    """At least 5,000 damaged files ended in the outcomes of the page, each of them rendered or in the closed family."""
    rows = {row[0].strip("`"): int(row[1].replace(",", "")) for row in table("Damaged files")}
    assert sum(rows.values()) >= 5_000
    assert set(rows) <= {"rendered", *(leaf.reason for leaf in errors.leaves(errors.Reject))}
    assert f"within {fuzz.SECONDS} s" in PAGE
