"""`upload`: put pictures into the source bucket."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.listing import counted
from ops.pictures.upload import IGNORED, READY, REJECTED, outcomes_of, replaced_by, send_all, uploads_of
from ops.terminal.output import emit, progress, say, show
from worker.contracts.recipes.focus import Focus, FocusError

if TYPE_CHECKING:
    from ops.pictures.upload import Outcome, Sent
    from ops.session import Session


def _focus(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Focus | None:
    try:
        return None if text is None else Focus.parse(text)
    except FocusError as exc:
        raise click.BadParameter(str(exc)) from None


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--prefix", default="", metavar="P", help="Start of every key, such as cats/.")
@click.option("--focus", metavar="X,Y", callback=_focus, help="What crops keep of each picture, from 0,0 to 1,1.")
@click.option("--wait", is_flag=True, help="Wait for what becomes of each picture.")
@options.patience
@options.dry_run
@options.as_json
@click.pass_obj
def upload(
    session: Session,
    *,
    paths: tuple[Path, ...],
    prefix: str,
    focus: Focus | None,
    wait: bool,
    patience: float,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Upload files and whole folders to the source bucket, several at a time.

    A file gets its name as the key, a file in a folder its path within the folder; --prefix goes before it. With
    --wait each picture is followed until it is ready or rejected; exit status 1 if any was rejected or is still queued.
    Keys that the recipes ignore are not waited for. How many pictures are replaced is said first; --dry-run stops there.
    --focus is the point of the upright picture, in parts of its width and height from the upper left corner, that
    renditions with `fit: cover` keep.

    \b
    Examples:
      python -m ops --stack local upload samples/rocket.jpg --wait
      python -m ops --stack local upload samples --prefix samples/ --dry-run
      python -m ops --stack local upload samples/rocket.jpg --focus 0.5,0.2
    """  # noqa: D301 - click's marker is the control character, not a backslash
    uploads, recipes = uploads_of(paths, prefix), session.deployment.recipes
    with progress("looked for", len(uploads)) as advance:
        replaced = replaced_by(session.pictures, uploads, advance)
    _say_what_is_replaced(replaced, len(uploads))
    if dry_run:
        if as_json:
            emit({"uploads": len(uploads), "replaces": replaced})
        say("Nothing was uploaded.")
        return 0
    with progress("uploaded", len(uploads)) as advance:
        sent = send_all(session.pictures, recipes, uploads, advance, focus)
    if not wait:
        _show_sent(sent, as_json=as_json)
        return 0
    if not all(each.is_ignored for each in sent):
        say("Waiting for what becomes of the pictures ...")
    with progress("handled", len(sent)) as advance:
        outcomes = outcomes_of(session.pictures, sent, patience, advance)
    _show_outcomes(outcomes, as_json=as_json)
    return int(any(outcome.state not in {READY, IGNORED} for outcome in outcomes))


def _say_what_is_replaced(keys: list[str], count: int) -> None:
    replaced = f"{len(keys)} replace pictures that are there, such as {keys[0]}" if keys else "none replaces a picture"
    say(f"{count} to upload: {replaced}.")


def _show_sent(sent: list[Sent], *, as_json: bool) -> None:
    for each in sent:
        if as_json:
            emit(asdict(each))
        else:
            show([each.key])
    ignored = [each.key for each in sent if each.is_ignored]
    what = f", {len(ignored)} ignored by the stack's configuration, such as {ignored[0]}" if ignored else ""
    say(f"{len(sent)} uploaded{what}.")


def _show_outcomes(outcomes: list[Outcome], *, as_json: bool) -> None:
    for outcome in outcomes:
        if as_json:
            emit(asdict(outcome))
        else:
            show([f"{outcome.state:<8}  {outcome.key}" + (f"  {outcome.reason}" if outcome.state == REJECTED else "")])
    say(f"{len(outcomes)} uploaded: {counted(Counter(outcome.state for outcome in outcomes))}.")
