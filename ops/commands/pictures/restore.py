"""`restore`: bring archived originals back for a while, so that they can be rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.pictures.restore import NOT_THERE, STANDARD, TIERS, plan_of
from ops.pictures.restore import restore as ask_for
from ops.terminal.errors import Misuse
from ops.terminal.output import emit, progress, say, show
from ops.terminal.prompts import agreed

if TYPE_CHECKING:
    from ops.session import Session


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--prefix", metavar="P", help="Every archived original whose key starts with this.")
@click.option("--tier", type=click.Choice(TIERS), default=STANDARD, show_default=True, help="How fast, and how dear.")
@click.option(
    "--days", type=click.IntRange(1, 365), default=3, show_default=True, metavar="N", help="How long it can be read."
)
@options.dry_run
@options.without_asking
@options.as_json
@click.pass_obj
def restore(
    session: Session,
    *,
    keys: tuple[str, ...],
    prefix: str | None,
    tier: str,
    days: int,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Ask S3 to make archived originals readable for some days.

    Shows first what that costs and how long it takes. When S3 has restored one, it notifies the pipeline, which renders it:
    its dead letter needs no redrive. What can be read already is left alone, so running it twice does no
    harm. Exit status 1 if a key is not there or S3 refused one.

    \b
    Examples:
      python -m ops --stack local restore cats/tom.jpg
      python -m ops --stack local restore --prefix cats/ --tier bulk --days 7 --dry-run
    """  # noqa: D301 - click's marker is the control character, not a backslash
    if bool(keys) == (prefix is not None):
        raise Misuse("Say what to restore: either keys or --prefix.")
    found = keys if prefix is None else session.pictures.archived(prefix)
    plan = plan_of(session.pictures, found, tier, days)
    missing = int(NOT_THERE in plan.left)
    question = None if dry_run or not plan.originals else "Ask S3 for them?"
    if not agreed(plan, question, yes=yes, as_json=as_json):
        say("Nothing was asked for.")
        return missing
    with progress("asked", len(plan.originals)) as advance:
        refused = ask_for(session.pictures, plan, advance)
    for key, why in refused.items():
        say(f"refused: {key}: {why}")
    asked = len(plan.originals) - len(refused)
    if as_json:
        emit({**plan.to_json(), "asked": asked, "refused": refused})
    else:
        show([f"{asked} asked for; each is rendered as soon as it can be read"])
    return int(bool(refused) or bool(missing))
