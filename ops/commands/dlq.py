"""`dlq`: look at dead letters, try them, keep them in a file, bring them back from one, remove them."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from ops import options
from ops.archive import Archive, bring_back, read_archive
from ops.console import confirm, emit, progress, say, show
from ops.errors import Misuse
from ops.hold import Hold
from ops.listing import HEADER, Lister, letters, summary
from ops.logs import lines_about
from ops.purge import Purge
from ops.selection import find, select
from ops.trial import try_key

if TYPE_CHECKING:
    from pathlib import Path

    from ops.filters import Filters
    from ops.session import Session


@click.group()
def dlq() -> None:
    """Look at the dead letters, try them, export, import and purge them.

    A letter is looked at by receiving it, which hides it from others for up to a minute or two; every command gives all
    back at once when it ends, on Ctrl-C too.
    """


@dlq.command("list")
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
        _note_incomplete(hold)
    say(summary(verdicts))
    return int(bool(verdicts))


@dlq.command("show")
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


@dlq.command("try")
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
        return 1
    trials = [try_key(key, session.pictures, session.deployment) for key in keys]
    for trial in trials:
        if as_json:
            emit(trial.to_json())
        else:
            show(trial.lines())
    return int(not all(trial.is_good for trial in trials))


@dlq.command("export")
@click.argument("file", type=options.a_file)
@options.filters
@options.as_json
@click.pass_obj
def export(session: Session, file: Path, *, filters: Filters, as_json: bool) -> int:
    """Write dead letters to FILE: JSON lines, lossless. They stay where they are.

    \b
    Examples:
      python -m ops --stack local dlq export letters.jsonl
      python -m ops --stack local dlq export corrupt.jsonl --reason corrupt-image
    """  # noqa: D301 - same
    with Archive.create(file) as archive, Hold(session.dead_letters) as hold:
        for letter, _ in select(session, hold, filters, judged=False):
            archive.add([letter])
        _note_incomplete(hold)
    if as_json:
        emit({"exported": archive.count, "file": str(file)})
    else:
        show([f"{letters(archive.count)} exported to {file}"])
    return 0


@dlq.command("import")
@click.argument("file", type=options.a_file)
@options.dry_run
@options.without_asking
@options.as_json
@click.pass_obj
def import_(session: Session, file: Path, *, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Send the letters in FILE to the dead-letter queue, with their bodies and attributes.

    SQS gives each a new id and counts its age from now on; everything else is as it was.

    \b
    Examples:
      python -m ops --stack local dlq import letters.jsonl --dry-run
      python -m ops --stack local dlq import letters.jsonl
    """  # noqa: D301 - same
    found = read_archive(file)
    say(f"{letters(len(found))} in {file}.")
    if dry_run or not found or not confirm(f"Send them to {session.dead_letters.name}?", yes=yes):
        say("Nothing was sent.")
        return 0
    refused = bring_back(session.dead_letters, found)
    for letter, failure in refused:
        say(f"not taken: {letter.id}: {failure}")
    if as_json:
        emit({"imported": len(found) - len(refused), "refused": len(refused)})
    else:
        show([f"{letters(len(found) - len(refused))} imported"])
    return int(bool(refused))


@dlq.command("purge")
@options.filters
@click.option("--all", "everything", is_flag=True, help="Purge all; needed where no filter is given.")
@click.option(
    "--export", "file", type=options.a_file, required=True, metavar="FILE", help="Where the letters are kept."
)
@options.dry_run
@options.without_asking
@options.as_json
@click.pass_obj
def purge(
    session: Session,
    *,
    filters: Filters,
    everything: bool,
    file: Path,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Delete the dead letters that the filters select, each after it is safely in FILE.

    Each letter is in FILE, on disk, before it is deleted; dlq import brings it back.

    \b
    Examples:
      python -m ops --stack local dlq purge --verdict source-gone --export gone.jsonl --dry-run
      python -m ops --stack local dlq purge --verdict already-ready --export ready.jsonl
    """  # noqa: D301 - same
    if bool(filters) == everything:
        raise Misuse("Say what to purge: either filters, such as --verdict source-gone, or --all.")
    if not dry_run and file.exists():
        raise Misuse(f"{file} is there already: name a new file.")
    with Hold(session.dead_letters, keep=True) as hold:
        chosen = _purge_plan(session, hold, filters)
        if dry_run or not chosen or not confirm(f"Delete them after exporting them to {file}?", yes=yes):
            say("Nothing was deleted.")
            return 0
        with Archive.create(file) as archive, progress("purged", len(chosen)) as advance:
            undeleted = Purge(hold, archive, advance).run(chosen)
    for id_, failure in undeleted.items():
        say(f"not deleted: {id_}: {failure}")
    if as_json:
        emit({"purged": archive.count - len(undeleted), "undeleted": len(undeleted), "file": str(file)})
    else:
        show([f"{letters(archive.count - len(undeleted))} purged; {file} has them"])
    return int(bool(undeleted))


def _purge_plan(session: Session, hold: Hold, filters: Filters) -> list[str]:
    """Print what is going to be deleted and return the ids; everything else goes back at once."""
    reasons: Counter[str] = Counter()
    chosen = []
    for letter, _ in select(session, hold, filters, judged=False):
        reasons[letter.reason or "none"] += 1
        chosen.append(letter.id)
    hold.release(set(hold.ids) - set(chosen))
    say(f"{letters(len(chosen))} to purge, {filters.describe()}")
    for reason, count in sorted(reasons.items()):
        say(f"  {count} {reason}")
    return chosen


def _lister(session: Session) -> Lister:
    return Lister(session.stack.source_bucket, session.dead_letters.retention(), session.now())


def _note_hidden(session: Session) -> None:
    hidden = session.dead_letters.depth().hidden
    if hidden:
        say(f"{letters(hidden)} hidden: somebody else is looking at them just now, and they are not listed.")


def _note_incomplete(hold: Hold) -> None:
    if not hold.is_complete:
        say("SQS hides at most 120,000 messages at once: there are more letters than these.")


def _text(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else "-" if value is None else str(value)
