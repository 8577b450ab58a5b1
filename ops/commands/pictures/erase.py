"""`erase`: remove a picture and every trace of it, with a receipt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ops.commands import options
from ops.pictures.erasure.erase import Erasure
from ops.pictures.erasure.plan import count, plan_of, said
from ops.pictures.erasure.receipt import BEGUN, DONE, INCOMPLETE, Evidence, Receipt, begun, name_at, settle
from ops.pictures.erasure.remains import remains
from ops.pictures.erasure.second_look import evidence_of, has_stayed, look_again, next_step
from ops.terminal.errors import Misuse
from ops.terminal.output import emit, say, show
from ops.terminal.prompts import confirm_by_typing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ops.pictures.erasure.plan import Plan
    from ops.session import Session

_PATIENCE: Final = 300.0


@click.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option(
    "--confirm", "typed", multiple=True, metavar="KEY", help="A key once more, for programs: instead of typing it."
)
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=options.a_file,
    metavar="FILE",
    help="An export of letters elsewhere. Those in this directory are found.",
)
@click.option("--receipt", "file", type=options.a_file, metavar="FILE", help="Default: a dated file in this directory.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=_PATIENCE,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the worker to empty its queues, and for CloudFront.",
)
@options.dry_run
@options.as_json
@click.pass_obj
def erase(
    session: Session,
    *,
    keys: tuple[str, ...],
    typed: tuple[str, ...],
    exports: tuple[Path, ...],
    file: Path | None,
    patience: float,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Remove pictures for good: a request to be forgotten.

    Every version and delete marker of the original, unfinished uploads, outputs of present and former recipes, the
    manifest, messages about it in every queue, mentions in journals and exports of this computer, and the delivery's copies.
    Shows the plan, and asks to type each key once more. Then it looks again, and writes a receipt: what is gone, what
    stayed and why, what no command can remove. The receipt names the keys. After an interruption, run it again. Exit status
    1, and a receipt that says incomplete, if anything stayed or could not be looked at: the last line says what to do.

    \b
    Examples:
      python -m ops --stack local erase cats/tom.jpg --dry-run
      python -m ops --stack local erase cats/tom.jpg --confirm cats/tom.jpg --json
    """  # noqa: D301 - click's marker is the control character, not a backslash
    keys, here = tuple(dict.fromkeys(keys)), Path()
    if "" in keys:
        raise Misuse("A key is empty: S3 has no such picture.")
    earlier = begun(here, session.stack.source_bucket, keys, file)
    if file is not None and file.exists() and file.resolve() not in dict(earlier):
        raise Misuse(f"{file} is there already: name a new file.")
    former = sorted({name for _, document in earlier for name in document["names"]})
    plan = plan_of(session, keys, here, exports, former, remains(session, keys))
    if dry_run:
        emit(plan.to_json()) if as_json else show(plan.lines())
        return 0
    for line in plan.lines():
        say(line)
    if not confirm_by_typing(keys, typed):
        say("Nothing was removed.")
        if as_json:
            emit(plan.to_json())
        return 0
    found, lines = _found(session, plan, [document for _, document in earlier])
    receipt = Receipt(file or name_at(here, f"{session.now():%Y%m%dT%H%M%S%f}"), _head(session))
    receipt.write(BEGUN, _body_before(plan, found, lines))
    erasure = Erasure(session, plan, patience)
    erasure.run()
    body = {**look_again(erasure, found, lines, here, exports), "ended_at": session.now().isoformat(timespec="seconds")}
    body["next"] = next_step(session, keys, body)
    document = receipt.write(INCOMPLETE if has_stayed(body) else DONE, body)
    settle(earlier, keys, receipt.path)
    emit(document) if as_json else show(_lines(document, receipt.path))
    return int(has_stayed(body))


def _head(session: Session) -> dict[str, Any]:
    stack = session.stack
    buckets = {"source_bucket": stack.source_bucket, "output_bucket": stack.output_bucket}
    return {"stack": stack.name, **buckets, "begun_at": session.now().isoformat(timespec="seconds")}


def _found(session: Session, plan: Plan, earlier: list[dict[str, Any]]) -> tuple[dict[str, Evidence], dict[str, int]]:
    """Return what was found of each key, and how many lines in files, by this run and by those that did not end."""
    found, lines = evidence_of(session, plan), {str(each.path): each.lines for each in plan.mentions}
    for document in earlier:
        for picture in document["pictures"]:
            if picture["key"] in found:
                found[picture["key"]].add(Evidence.from_json(picture["found"]))
        lines |= {path: max(count, lines.get(path, 0)) for path, count in document["files"].items()}
    return found, lines


def _body_before(plan: Plan, found: Mapping[str, Evidence], lines: Mapping[str, int]) -> dict[str, Any]:
    pictures = [{"key": key, "found": evidence.to_json()} for key, evidence in found.items()]
    return {"pictures": pictures, "names": list(plan.names), "files": dict(lines)}


def _lines(document: Mapping[str, Any], path: Path) -> list[str]:
    lines = []
    for picture in document["pictures"]:
        removed = picture["removed"]
        messages = sum(map(len, removed["messages"].values()))
        lines.append(
            f"erased          {picture['key']}: {count(len(removed['objects']), 'object')}, {count(messages, 'message')}"
        )
        lines += [f"  stayed        {_what(each)}: {each['why']}" for each in picture["stayed"]]
    lines += [f"  stayed        {_what(each)}: {each['why']}" for each in document["stayed"]]
    lines += [f"  file          {count(number, 'line')} of {file}" for file, number in document["files"].items()]
    lines += [said(each) for each in document["remains"]]
    return [
        *lines,
        f"receipt         {path}",
        *([f"{document['state']:<16}{document['next']}"] if document["next"] else []),
    ]


def _what(each: Mapping[str, Any]) -> str:
    """Return what stayed, by the most exact of its names."""
    if "version_id" in each:
        return f"{'delete marker' if 'delete_marker' in each else 'version'} {each['version_id']} of {each['key']}"
    names = {
        "upload_id": "upload",
        "message": "message",
        "file": "file",
        "queue": "messages in:",
        "invalidation": "invalidation",
    }
    return next(f"{said} {each[name]}" for name, said in names.items() if name in each)
