"""`dlq show`: everything about one dead letter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.listing import Lister
from ops.dead_letters.next_step import next_step
from ops.dead_letters.selection import find
from ops.dead_letters.worker_log import lines_about
from ops.queues.sender import sender_in
from ops.terminal.output import emit, say, show

if TYPE_CHECKING:
    from ops.session import Session


@click.command("show")
@click.argument("letter_id", metavar="ID")
@options.as_json
@click.pass_obj
def show_(session: Session, letter_id: str, *, as_json: bool) -> int:
    """Show everything about one dead letter, with the worker's log lines for it.

    ID is a message id, or how it starts: four characters at least.

    \b
    Examples:
      python -m ops --stack local dlq show 3f2a9c1e
      python -m ops --stack local dlq show 3f2a9c1e --json
    """  # noqa: D301 - same
    letter = find(session, letter_id)
    lines = [line.document for line in lines_about(session.worker_log, letter, session.now())]
    verdict = session.judge(letter)
    document = Lister.of(session).document(letter, verdict)
    advice = next_step(session, verdict, letter.reason, letter_id=letter.id, keys=document["keys"])
    sender = sender_in(letter.detail)
    if sender:
        document["sender"] = str(sender)
    if as_json:
        emit({**document, "body": letter.body, "log": lines, "next": advice})
        return 1
    width = max(len(name) for name in document)
    show(f"{name:<{width}}  {_text(value)}" for name, value in document.items())
    show([f"{'body':<{width}}  {letter.body}", "log", *(f"  {json.dumps(line, ensure_ascii=False)}" for line in lines)])
    if not lines:
        say("The worker's log has no line about it: it was never invoked with it, or did not live to reply.")
    show([f"{'next':<{width}}  {advice}"])
    return 1


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else "-" if value is None else str(value)
