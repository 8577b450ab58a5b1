"""What a run has shown: a table for people, and a document for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from chaos.faults import KINDS
from chaos.plan import Delete, Repeat, Upload

if TYPE_CHECKING:
    from pathlib import Path

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


def write(result: Result, path: Path) -> None:
    """Write `report.json`: the rows, and the keys of what must not be."""
    findings = result.findings
    document: dict[str, Any] = {
        "seed": result.plan.seed,
        "rows": rows(result),
        "stale": findings.stale,
        "lost": findings.lost,
        "innocent": findings.innocent,
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
