"""What a run has shown: a table for people, and a document for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from rich.table import Table

from chaos.faults.requests import KINDS
from chaos.plan import Delete, Repeat, Upload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from chaos.dashboard.reading import Row
    from chaos.inspection import Findings
    from chaos.run import Result

MUST_BE_ZERO: Final = ("stale outputs", "lost", "innocent dead letters")


def rows(result: Result) -> dict[str, int | float]:
    """Return what the table shows, in its order."""
    findings, plan = result.findings, result.plan
    faults = {kind.name: result.counts.get(kind.name, 0) for kind in KINDS}
    return {
        "sent": plan.count(Upload),
        "over keys": len(plan.last),
        "deletions": plan.count(Delete),
        "duplicates": plan.count(Repeat),
        "requests": result.counts.get("passed", 0),
        **{f"faults: {name}": count for name, count in faults.items()},
        "kills": result.kills,
        "retries": result.log.get("message.retry", 0),
        "most attempts at a message": result.attempts,
        "conflicts": result.counts.get("conflict", 0),
        "ready": findings.ready,
        "removed": findings.removed,
        **{f"rejected: {reason}": count for reason, count in sorted(findings.rejected.items())},
        "seconds": round(result.seconds, 1),
        "stale outputs": len(findings.stale),
        "lost": len(findings.lost),
        "innocent dead letters": len(findings.innocent),
    }


def table(result: Result) -> Table:
    """Return the rows for the terminal."""
    drawn = Table("", "", title=f"Chaos, seed {result.plan.seed}", title_justify="left", show_header=False)
    for name, value in rows(result).items():
        colour = ("bold red" if value else "green") if name in MUST_BE_ZERO else "default"
        drawn.add_row(name, f"[{colour}]{value:,}[/]")
    return drawn


def failures(findings: Findings) -> list[str]:
    """Return a line for everything that must not be."""
    kinds = zip(MUST_BE_ZERO, (findings.stale, findings.lost, findings.innocent), strict=True)
    return [f"{kind}: {key}" for kind, keys in kinds for key in keys]


def write_metrics(rows: Sequence[Row], path: Path) -> None:
    """Write what the dashboard shows as JSON, for other pictures of it."""
    path.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False) + "\n")


def write(result: Result, path: Path) -> None:
    """Write the rows as JSON, and the keys of what must not be."""
    document = {"seed": result.plan.seed, "rows": rows(result), "failures": failures(result.findings)}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
