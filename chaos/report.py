"""What a run has shown: a table for people, and a document for programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from chaos.faults.requests import KINDS
from chaos.plan import Delete, Deploy, Repeat, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from chaos.dashboard.reading import Row
    from chaos.inspection.findings import Findings
    from chaos.run import Result

MUST_BE_ZERO: Final = ("stale outputs", "lost", "of a former recipe", "innocent dead letters")


def rows(result: Result) -> dict[str, int | float]:
    """Return what the table shows, in its order."""
    findings, plan = result.findings, result.plan
    faults = {kind.name: result.counts.get(kind.name, 0) for kind in KINDS}
    return {
        "sent": plan.count(Upload),
        "over keys": len(plan.last),
        "deletions": plan.count(Delete),
        "duplicates": plan.count(Repeat),
        "recipes deployed": plan.count(Deploy),
        "requests": result.counts.get("passed", 0),
        **{f"faults: {name}": count for name, count in faults.items()},
        "kills": result.kills,
        "retries": result.log.get("message.retry", 0),
        "most attempts at a message": result.attempts,
        "conflicts": result.counts.get("conflict", 0),
        **{f"sent again, {why}": count for why, count in result.healed.items()},
        "ready": findings.ready,
        "ignored": findings.ignored,
        "removed": findings.removed,
        **{f"rejected: {reason}": count for reason, count in sorted(findings.rejected.items())},
        "seconds": round(result.seconds, 1),
        "stale outputs": len(findings.stale),
        "lost": len(findings.lost),
        "of a former recipe": len(findings.former),
        "innocent dead letters": len(findings.innocent),
    }


def plain_rows(result: Result) -> dict[str, int | float]:
    """Return the rows of the plain worker, without what it has not: recipes, log lines, reasons."""
    shown = rows(result)
    for name in ("recipes deployed", "retries", "most attempts at a message", "ignored", "of a former recipe"):
        del shown[name]
    return shown


def table(result: Result, plain: Result | None = None) -> Table:
    """Return the rows for the terminal; those of the plain worker beside them."""
    columns = [rows(result), *([plain_rows(plain)] if plain else [])]
    drawn = Table("", *("pipeline", "plain worker")[: len(columns)], title=f"Chaos, seed {result.plan.seed}")
    for name in dict.fromkeys(name for column in columns for name in column):
        drawn.add_row(name, *(_cell(name, column) for column in columns))
    return drawn


def _cell(name: str, column: Mapping[str, int | float]) -> str:
    if name not in column:
        return "-"
    colour = ("bold red" if column[name] else "green") if name in MUST_BE_ZERO else "default"
    return f"[{colour}]{column[name]:,}[/]"


def failures(findings: Findings) -> list[str]:
    """Return a line for everything that must not be."""
    found = (findings.stale, findings.lost, findings.former, findings.innocent)
    return [f"{kind}: {key}" for kind, keys in zip(MUST_BE_ZERO, found, strict=True) for key in keys]


def write_metrics(rows: Sequence[Row], path: Path) -> None:
    """Write what the dashboard shows as JSON, for other pictures of it."""
    path.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False) + "\n")


def write(result: Result, plain: Result | None, path: Path) -> None:
    """Write the rows as JSON, and the keys of what must not be."""
    document: dict[str, Any] = {"seed": result.plan.seed, "rows": rows(result), "failures": failures(result.findings)}
    if plain:
        document["plain"] = {"rows": plain_rows(plain), "failures": failures(plain.findings)}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
