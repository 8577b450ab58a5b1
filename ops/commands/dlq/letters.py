"""`dlq list`, `dlq show`, `dlq try`: look at dead letters, and leave everything as it is."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from ops.commands import options
from ops.dead_letters.dry_run import try_key
from ops.dead_letters.listing import HEADER, INCOMPLETE, Lister, letters, summary
from ops.dead_letters.selection import find, select
from ops.dead_letters.worker_log import lines_about
from ops.queues.sweep import Hold
from ops.terminal.console import emit, say, show
from worker.contracts.errors import MalformedEvent

if TYPE_CHECKING:
    from ops.dead_letters.filters import Filters
    from ops.session import Session


@click.command("list")
@options.filters
@click.option("--no-verdict", is_flag=True, help="Do not look at the pictures: faster, two requests a letter less.")
@options.as_json
@click.pass_obj
def list_(session: Session, *, filters: Filters, no_verdict: bool, as_json: bool) -> int:
    """List every dead letter, with a verdict from looking at its picture.

    \b
    The verdicts, and what to do about each:
      retry          redrive
      no-answer      no reason: the worker never got to reply; look at its log, redrive
      archived       restore the source; it is rendered as soon as it can be read
      restoring      S3 is at it; wait
      permanent      another picture or another configuration is needed; mend, or purge
      superseded     a newer version came since, and has its own event; wait, then purge
      source-gone    the source is deleted; purge
      already-ready  all outputs are current; purge

    With --json, one document a line. Exit status 1 if any letter is listed.

    \b
    Examples:
      python -m ops --stack local dlq list
      python -m ops --stack local dlq list --verdict retry --older-than 1h
      python -m ops --stack local dlq list --key 'cats/*' --json
    """  # noqa: D301 - click's marker is the control character, not a backslash
    lister = _lister(session)
    verdicts: Counter[str] = Counter()
    _note_hidden(session)
    if not as_json:
        show([HEADER])
    with Hold(session.dead_letters) as hold:
        for letter, verdict in select(session, hold, filters, judged=not no_verdict):
            verdicts[verdict or "not judged"] += 1
            if as_json:
                emit(lister.document(letter, verdict))
            else:
                show([lister.line(letter, verdict)])
        if not hold.is_complete:
            say(INCOMPLETE)
    say(summary(verdicts))
    return int(bool(verdicts))


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
    lines = lines_about(session.clients, session.deployment.log_group, letter, session.now())
    document = _lister(session).document(letter, session.judge(letter))
    if as_json:
        emit({**document, "body": letter.body, "log": lines})
        return 1
    width = max(len(name) for name in document)
    show(f"{name:<{width}}  {_text(value)}" for name, value in document.items())
    show([f"{'body':<{width}}  {letter.body}", "log", *(f"  {json.dumps(line, ensure_ascii=False)}" for line in lines)])
    if not lines:
        say("The worker's log has no line about it: it was never invoked with it, or did not live to reply.")
    return 1


@click.command("try")
@click.argument("letter_id", metavar="ID")
@options.as_json
@click.pass_obj
def try_(session: Session, letter_id: str, *, as_json: bool) -> int:
    """Run the worker here on the picture of one dead letter, and show what would happen and why.

    The same code, with the renditions, memory and timeout that are deployed, on what the source bucket holds now.
    Nothing is written to AWS. Exit status 0 if a redrive would settle the letter, 1 if it would fail again.

    \b
    Examples:
      python -m ops --stack local dlq try 3f2a9c1e
    """  # noqa: D301 - same
    letter = find(session, letter_id)
    keys = letter.keys(session.stack.source_bucket)
    if not keys:
        say("The message names no key of this pipeline's source bucket: a redrive would fail with malformed-event.")
        if as_json:
            emit({"result": "rejected", "reason": MalformedEvent.reason})
        return 1
    trials = [try_key(key, session.pictures, session.deployment) for key in keys]
    for trial in trials:
        if as_json:
            emit(trial.to_json())
        else:
            show(trial.lines())
    return int(not all(trial.is_good for trial in trials))


def _lister(session: Session) -> Lister:
    return Lister(session.stack.source_bucket, session.dead_letters.retention(), session.now())


def _note_hidden(session: Session) -> None:
    hidden = session.dead_letters.depth().hidden
    if hidden:
        say(f"{letters(hidden)} hidden: somebody else is looking at them just now, and they are not listed.")


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else "-" if value is None else str(value)
