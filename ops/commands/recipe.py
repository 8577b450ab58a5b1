"""`recipe plan`: what a changed recipe would do, before anything is deployed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ops.commands import options
from ops.pictures.recipe.estimate import estimate
from ops.pictures.recipe.page import write_page
from ops.pictures.recipe.plan import RecipePlan, Survey, survey
from ops.pictures.recipe.trial import Trials
from ops.pictures.recipe.working_tree import WorkingTree
from ops.terminal.output import emit, progress, say, show
from ops.terminal.page import unfinished_page

if TYPE_CHECKING:
    from ops.session import Session

_MOST: Final = 200


@click.group()
def recipe() -> None:
    """See what a change of the renditions would do."""


@recipe.command("plan")
@click.option(
    "--sample", type=click.IntRange(1, _MOST), default=20, show_default=True, metavar="N", help="Pictures to try it on."
)
@click.option("--html", type=options.a_file, metavar="FILE", help="Write a page with the pictures side by side.")
@click.option(
    "--config",
    type=options.a_file,
    metavar="FILE",
    help="The stack's configuration; default: Pulumi.NAME.yaml of --stack.",
)
@options.as_json
@click.pass_obj
def plan(session: Session, *, sample: int, html: Path | None, config: Path | None, as_json: bool) -> int:
    """Compare the configuration of this working tree with the deployed one, on real pictures.

    Counts the pictures whose recipe changes, and renders a sample here with both, spread over prefixes, formats and sizes:
    bytes, and likeness (SSIM) to the same size without loss. Says what re-rendering costs and how long it takes, if Lambda's
    processors are as fast as this one. Writes nothing to AWS, and leaves out archived originals.

    \b
    Examples:
      python -m ops --stack local recipe plan
      python -m ops --stack dev recipe plan --sample 50 --html plan.html
    """  # noqa: D301 - same
    tree = WorkingTree.read(config or session.stack_file)
    deployed = session.deployment
    if tree.recipes.fingerprint == deployed.recipes.fingerprint:
        say(f"The recipes of {tree.name} are those that are deployed: nothing would change.")
        if as_json:
            emit({"generation": deployed.recipes.generation, "file": tree.name, "outdated": 0})
        return 0
    with tempfile.TemporaryDirectory() as directory, unfinished_page(html) as page:
        with progress("listed", None) as advance:
            found = survey(session.pictures, deployed.recipes, tree.recipes, sample, advance)
        planned = _tried(session, tree, found, Path(directory))
        if page is not None:
            write_page(page, planned)
    if as_json:
        emit(planned.to_json())
    else:
        show(planned.lines())
    if html is not None:
        say(f"The pictures are side by side in {html}")
    return 0


def _tried(session: Session, tree: WorkingTree, found: Survey, directory: Path) -> RecipePlan:
    """Render the sample, and put the plan together."""
    tried = Trials(session.pictures, session.deployment, tree, directory)
    trials = []
    with progress("rendered", len(found.sample)) as advance:
        for trial in tried.each(found.sample):
            trials.append(trial)
            advance(1)
    return RecipePlan(
        generation=session.deployment.recipes.generation,
        file=tree.name,
        survey=found,
        trials=trials,
        estimate=estimate(found.groups, trials, tree),
        next_commands=session.deploy_commands,
    )
