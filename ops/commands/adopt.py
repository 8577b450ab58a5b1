"""`adopt`: have a bucket that others own send its events to the pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.adoption.adoption import Adoption, apply
from ops.adoption.listeners import other_rules
from ops.adoption.notifications import Notifications
from ops.commands import options
from ops.redrive.journal_directory import DIRECTORY
from ops.terminal.errors import Misuse
from ops.terminal.output import emit, say, show
from ops.terminal.prompts import agreed

if TYPE_CHECKING:
    from pathlib import Path

    from ops.session import Session


@click.command()
@click.argument("bucket")
@click.option("--undo", is_flag=True, help="Take the flag away: no events any more, for anybody.")
@click.option(
    "--silence-others", is_flag=True, help="With --undo, though other EventBridge rules get these events too."
)
@options.dry_run
@options.without_asking
@options.as_json
@click.pass_obj
def adopt(
    session: Session, bucket: str, *, undo: bool, silence_others: bool, dry_run: bool, yes: bool, as_json: bool
) -> int:
    """Have the bucket of source.bucket send its events to EventBridge, where the stack's rule takes them.

    The flag is in the notification configuration, which belongs to others: it is shown first, then written byte for byte as it
    was, with the flag, and read back. What it was before is kept in .ops. If somebody changes it meanwhile, nothing is
    written. S3 takes about five minutes until events come; run smoke, then backfill.

    \b
    Examples:
      python -m ops --stack dev adopt photos --dry-run
      python -m ops --stack dev adopt photos
      python -m ops --stack dev adopt photos --undo
    """  # noqa: D301 - click's marker is the control character, not a backslash
    _check(session, bucket)
    notifications = Notifications(session.clients, bucket, session.stack.account)
    adoption = _plan(session, notifications, undo=undo)
    if adoption.silenced and not (dry_run or silence_others):
        raise Misuse(
            f"Other EventBridge rules may get the events of {bucket}, too: {', '.join(adoption.silenced)}. Ask their owners;"
            " then add --silence-others."
        )
    question = None if dry_run or not adoption.is_needed else "Write it?"
    if not agreed(adoption, question, yes=yes, as_json=as_json):
        say("Nothing was written.")
        return 0
    kept = DIRECTORY / f"notifications-{bucket}-{session.now():%Y%m%dT%H%M%S%f}.xml"
    apply(adoption, notifications, kept)
    _show_result(session, adoption, kept, as_json=as_json)
    return 0


def _check(session: Session, bucket: str) -> None:
    stack = session.stack
    if set(bucket) & set(":/"):
        raise Misuse(f"Name the bucket alone, such as {stack.source_bucket}.")
    if bucket != stack.source_bucket:
        raise Misuse(
            f"The stack {stack.name} takes its pictures from {stack.source_bucket}: set source.bucket to {bucket} and deploy"
            " first."
        )
    if not stack.source_adopted:
        raise Misuse(f"The bucket {bucket} is the stack's own: pulumi up sets what it needs.")


def _plan(session: Session, notifications: Notifications, *, undo: bool) -> Adoption:
    former = notifications.read()
    if not undo:
        return Adoption(notifications.bucket, former, former.with_flag())
    silenced: tuple[str, ...] = ()
    if former.has_flag:
        silenced = other_rules(session.clients, notifications.bucket, session.stack.queue_arn)
    return Adoption(notifications.bucket, former, former.without_flag(), silenced)


def _show_result(session: Session, adoption: Adoption, kept: Path, *, as_json: bool) -> None:
    if as_json:
        emit({**adoption.to_json(), "kept": str(kept)})
    else:
        show([f"written; what was there before is in {kept}"])
    if adoption.wanted.has_flag:
        say("S3 takes about five minutes until events come. What is uploaded until then comes with the backfill. Next:")
        say(f"  {session.command('smoke')}")
        say(f"  {session.command('backfill')}")
