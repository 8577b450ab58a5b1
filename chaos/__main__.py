"""`python -m chaos`: everything that may go wrong at once, on the whole pipeline, and what is left of each picture."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Final

import click

from chaos.plan import PlanError, plan
from local.emulator import ROOT
from local.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path

    from chaos.run import Result

BUILD: Final = ROOT / "build" / "chaos"
PICTURES: Final = 2000
KEYS: Final = 500
_SEEDS: Final = 1_000_000


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--seed", type=click.IntRange(0), help="Of the plan. Default: any; it is printed.")
@click.option("--pictures", type=click.IntRange(1), default=PICTURES, show_default=True, help="Uploads.")
@click.option("--keys", type=click.IntRange(1), default=KEYS, show_default=True, help="That they are uploaded to.")
def main(seed: int | None, pictures: int, keys: int) -> None:
    """Upload, replace and delete pictures while workers are killed and requests fail; look at what is left.

    Prints a table, and writes it to build/chaos/report.json. Exit status 1 if an output is stale, a picture is lost, or
    one has a dead letter that it did not earn; their keys are printed.

    \b
    Examples:
      python -m chaos
      python -m chaos --seed 7 --pictures 200 --keys 50
    """  # noqa: D301 - click's marker is the control character, not a backslash
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    try:
        result = _watched(seed, pictures, keys, BUILD)
    except (PlanError, LocalError) as exc:
        raise click.ClickException(str(exc)) from exc
    sys.exit(not result.findings.good)


def _watched(seed: int, pictures: int, keys: int, build: Path) -> Result:
    """Run with a progress bar, and show the table."""
    from rich.console import Console  # noqa: PLC0415 - what --help need not wait for
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    from chaos import report  # noqa: PLC0415
    from chaos.run import run  # noqa: PLC0415

    actions = plan(seed, pictures, keys)
    console = Console(width=None if Console().is_terminal else 120)
    console.print(f"Seed {seed}: {pictures} pictures over {keys} keys. Starting the embedded AWS ...")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("actions", total=len(actions.actions))

        def progress(done: int, waiting: int) -> None:
            bar.update(task, completed=done, description=f"actions; {waiting} messages wait")

        result = run(actions, build, progress)
    report.write(result, build / "report.json")
    console.print(report.table(result))
    for kind, keys_ in (("stale", result.findings.stale), ("lost", result.findings.lost), ("innocent", result.findings.innocent)):
        for key in keys_:
            console.print(f"[bold red]{kind}:[/] {key}")
    return result


if __name__ == "__main__":
    main()
