"""`python -m chaos`: everything that may go wrong at once, on the whole pipeline, and the outcome of each picture."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from chaos.plan import PlanError, Upload, plan
from local import ROOT
from local.errors import LocalError

if TYPE_CHECKING:
    from rich.console import Console

    from chaos.plan import Plan
    from chaos.run import Observer, Result
    from chaos.workers import Worker
    from local.stack import LocalStack

BUILD: Final = ROOT / "build" / "chaos"
PICTURES: Final = 2000
KEYS: Final = 500
_SEEDS: Final = 1_000_000


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--seed", type=click.IntRange(0), help="Of the plan. Default: any; it is printed.")
@click.option("--pictures", type=click.IntRange(1), default=PICTURES, show_default=True, help="Uploads.")
@click.option("--keys", type=click.IntRange(1), default=KEYS, show_default=True, help="That they are uploaded to.")
@click.option(
    "--dashboard",
    type=click.Path(dir_okay=False, path_type=Path),
    default=BUILD / "dashboard.svg",
    help="Where the dashboard is drawn to, as it would have shown the run. Default: build/chaos/dashboard.svg.",
)
@click.option(
    "--worker",
    type=click.Choice(["pipeline", "plain"]),
    default="pipeline",
    show_default=True,
    help="plain: first the worker of AWS's samples, then the pipeline's, side by side.",
)
@click.option(
    "--events",
    type=click.Choice(["notification", "eventbridge"]),
    default="notification",
    show_default=True,
    help="How the queue learns of changes; the plain worker reads notifications alone.",
)
def main(seed: int | None, pictures: int, keys: int, dashboard: Path, worker: str, events: str) -> None:
    """Upload, replace and delete pictures while workers are killed, requests fail and recipes change; then check each picture.

    Prints a table, and writes it to build/chaos/report.json. Exit status 1 if an output is stale or of a former recipe, a
    picture is lost, or one has a dead letter that it did not earn; their keys are printed.

    \b
    Examples:
      python -m chaos
      python -m chaos --seed 7 --pictures 200 --keys 50
      python -m chaos --seed 7 --worker plain
      python -m chaos --events eventbridge
      python -m chaos --dashboard docs/pictures/dashboard.svg
    """  # noqa: D301 - click's marker is the control character, not a backslash
    if worker == "plain" and events != "notification":
        raise click.UsageError("--worker plain reads S3's own notifications: leave --events out")
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    try:
        before = plan(seed, pictures, keys, changes=0) if worker == "plain" else None
        result = _watched(plan(seed, pictures, keys), before, dashboard, events)
    except (PlanError, LocalError) as exc:
        raise click.ClickException(str(exc)) from exc
    sys.exit(not result.findings.good)


def _watched(actions: Plan, plain_actions: Plan | None, dashboard: Path, events: str) -> Result:
    """Run with a progress bar; show and write the outcomes of the pictures."""
    from rich.console import Console  # noqa: PLC0415 - what --help need not wait for

    from chaos import report  # noqa: PLC0415
    from chaos.dashboard.drawing import draw  # noqa: PLC0415
    from chaos.dashboard.reading import Window  # noqa: PLC0415
    from chaos.run import MINUTE  # noqa: PLC0415
    from chaos.workers import PIPELINE, PLAIN_WORKER  # noqa: PLC0415

    title = f"Chaos, seed {actions.seed}: {actions.count(Upload):,} pictures over {len(actions.last)} keys"
    console = Console(width=None if Console().is_terminal else 120)
    console.print(f"{title}. Starting the embedded AWS ...")

    def observe(stack: LocalStack, began: float) -> None:
        rows = Window(stack, began, MINUTE).rows()
        report.write_metrics(rows, BUILD / "metrics.json")
        dashboard.write_text(draw(rows, f"{title}; a minute takes {MINUTE:.0f} s"))

    plain = _run(plain_actions, console, PLAIN_WORKER, lambda _stack, _began: None, events) if plain_actions else None
    result = _run(actions, console, PIPELINE, observe, events)
    report.write(result, plain, BUILD / "report.json")
    console.print(report.table(result, plain))
    for line in report.failures(result.findings):
        console.print(line, style="bold red", markup=False)
    return result


def _run(actions: Plan, console: Console, worker: Worker, observe: Observer, events: str) -> Result:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    from chaos.run import run  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("actions", total=len(actions.actions))

        def progress(done: int, waiting: int) -> None:
            bar.update(task, completed=done, description=f"{worker.name}: actions; {waiting} messages wait")

        return run(actions, BUILD, progress, worker=worker, observe=observe, events=events)


if __name__ == "__main__":
    main()
