"""`python -m local demo`: the sample pictures through the whole pipeline, and what became of each.

Works on the stack from outside, as a user would: uploads to the source bucket, reads the output bucket and the
dead-letter queue. Looks at the worker's log only to fail in seconds when a permission is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from local import ROOT
from local.engine import DIRECTORY, OUTPUTS, running
from local.errors import LocalError
from local.report import write_page
from worker.events import keys_of
from worker.keys import manifest_key
from worker.manifest import READY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from local.provision.provisioner import Transform
    from local.stack import LocalStack

SAMPLES: Final = ROOT / "samples"
BUILD: Final = ROOT / "build" / "demo"
REJECTED: Final = {"not-a-picture.jpg": "unsupported-format", "truncated.jpg": "truncated"}
"""The samples that must fail, with their reasons; every other one must become ready."""

SMOKE_WIDTH: Final = 100
"""Columns of smoke's table, as printed and as on the page."""
_SMOKE_DEADLINE: Final = 300.0
"""Seconds; smoke itself gives up earlier."""

PATIENCE: Final = 60.0
"""Seconds until a picture that is neither ready nor rejected is a failure."""

_REMOVED: Final = "removed/rocket.jpg"
_POLL: Final = 0.2


class DemoError(LocalError):
    """The pipeline did not do what it should; the message says what was seen last."""


@dataclass(frozen=True)
class Picture:
    """What became of one sample; `source` and `renditions` are as in its manifest."""

    key: str
    status: str
    reason: str | None
    detail: str | None
    source: Mapping[str, Any]
    renditions: tuple[dict[str, Any], ...]

    @property
    def as_expected(self) -> bool:
        """Whether the picture is where it belongs."""
        expected = REJECTED.get(self.key)
        if expected is not None:
            return (self.status, self.reason) == ("rejected", expected)
        return self.status == "ready" and len(self.renditions) > 0

    def to_json(self) -> dict[str, Any]:
        """Return the picture's entry in `report.json`."""
        fields = ("name", "key", "width", "height", "bytes")
        renditions = [{field: rendition[field] for field in fields} for rendition in self.renditions]
        return {"key": self.key, "status": self.status, "reason": self.reason, "renditions": renditions}


def main(build: Path = BUILD, transform: Transform | None = None) -> int:
    """Run the demo; exit status 0 only if every picture is where it belongs."""
    console = Console(width=None if Console().is_terminal else 120)
    began = time.monotonic()
    try:
        console.print("Starting the embedded AWS and deploying the Pulumi program on it ...")
        with running(directory=DIRECTORY / "demo", transform=transform) as stack:
            console.print(f"Deployed after {time.monotonic() - began:.1f} s; it runs at {stack['endpoint_url']}")
            return _show(stack, build, console, began)
    except LocalError as exc:
        console.print(f"[bold red]demo failed:[/] {exc}", markup=True, highlight=False)
        return 1


def _show(stack: LocalStack, build: Path, console: Console, began: float) -> int:
    samples = sorted(path for path in SAMPLES.iterdir() if path.name != "README.md")
    _upload(stack, samples)
    _follow(stack, [path.name for path in samples], console)
    letters = _dead_letters(stack, len(REJECTED))
    _remove(stack)
    console.print(f"{_REMOVED}: deleted from the source bucket, and its outputs are gone")
    pictures = [_picture(stack, path.name) for path in samples]
    _save(stack, build, samples, pictures)
    notes = _notifications(stack)
    smoke = _smoke(stack, console)
    seconds = round(time.monotonic() - began, 1)
    document = {"images": [picture.to_json() for picture in pictures], "seconds": seconds}
    (build / "report.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    write_page(build / "index.html", pictures, letters, smoke.stdout, seconds)
    console.print(_picture_table(pictures), _letter_table(letters), _inbox_table(notes))
    console.print("Smoke test", smoke.stdout, sep="\n", end="", markup=False, highlight=False)
    return _verdict(pictures, letters, smoke, build, seconds, console)


def _upload(stack: LocalStack, samples: Sequence[Path]) -> None:
    s3 = stack.client("s3")
    for path in samples:
        s3.upload_file(str(path), stack["source_bucket"], path.name)
    s3.upload_file(str(SAMPLES / "rocket.jpg"), stack["source_bucket"], _REMOVED)


def _follow(stack: LocalStack, keys: Iterable[str], console: Console) -> None:
    """Show the progress until every key has its manifest."""
    waiting = {manifest_key(key) for key in (*keys, _REMOVED)}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("pictures handled", total=len(waiting))

        def all_handled() -> bool:
            handled = _keys_under(stack, "manifest/") & waiting
            progress.update(task, completed=len(handled))
            return handled == waiting

        _wait(stack, all_handled, "manifests")


def _dead_letters(stack: LocalStack, expected: int) -> list[dict[str, Any]]:
    """Return the dead letters, waiting for as many as there must be; they stay where they are."""
    sqs, url = stack.client("sqs"), stack["dead_letter_queue_url"]
    letters: dict[str, dict[str, Any]] = {}

    def all_there() -> bool:
        answer = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageAttributeNames=["All"]
        )
        letters.update((message["MessageId"], message) for message in answer.get("Messages", []))
        return len(letters) >= expected

    _wait(stack, all_there, "dead letters")
    return [_letter(message, stack["source_bucket"]) for message in letters.values()]


def _letter(message: dict[str, Any], bucket: str) -> dict[str, Any]:
    attributes = {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}
    return {"key": ", ".join(keys_of(message["Body"], bucket)), **attributes}


def _remove(stack: LocalStack) -> None:
    """Delete a source and wait until nothing is left of its outputs."""
    stack.client("s3").delete_object(Bucket=stack["source_bucket"], Key=_REMOVED)
    _wait(stack, lambda: not any(_REMOVED in key for key in _keys_under(stack, "")), f"removal of {_REMOVED}")


def _picture(stack: LocalStack, key: str) -> Picture:
    body = stack.client("s3").get_object(Bucket=stack["output_bucket"], Key=manifest_key(key))["Body"]
    manifest = json.loads(body.read())
    status = "ready" if manifest["type"] == READY else "rejected"
    told = manifest.get("reason"), manifest.get("detail")
    return Picture(key, status, *told, manifest["source"], tuple(manifest["renditions"]))


def _save(stack: LocalStack, build: Path, samples: Sequence[Path], pictures: Sequence[Picture]) -> None:
    """Lay the originals and the renditions side by side in an empty `build`."""
    shutil.rmtree(build, ignore_errors=True)
    for sample in samples:
        _copy_of(build / "source" / sample.name).write_bytes(sample.read_bytes())
    for rendition in (rendition for picture in pictures for rendition in picture.renditions):
        body = stack.client("s3").get_object(Bucket=stack["output_bucket"], Key=rendition["key"])["Body"]
        _copy_of(build / rendition["key"]).write_bytes(body.read())


def _copy_of(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _picture_table(pictures: Sequence[Picture]) -> Table:
    table = Table("picture", "status", "renditions", title="Pictures", title_justify="left")
    for picture in pictures:
        sizes = ", ".join(f"{r['name']} {r['width']} x {r['height']} ({r['bytes']:,} B)" for r in picture.renditions)
        colour = "green" if picture.as_expected else "bold red"
        table.add_row(picture.key, f"[{colour}]{picture.status}[/]", sizes or f"{picture.reason}")
    return table


def _letter_table(letters: Sequence[dict[str, Any]]) -> Table:
    table = Table("key", "reason", "detail", title="Dead letters", title_justify="left")
    for letter in sorted(letters, key=lambda letter: str(letter["key"])):
        table.add_row(letter["key"], letter.get("reason", "no answer"), letter.get("detail", ""))
    return table


def _notifications(stack: LocalStack) -> list[dict[str, Any]]:
    """Return what the alarms have told, waiting for the first: the dead letters' one goes off in every demo."""
    _wait(stack, lambda: bool(stack.inbox.notifications()), "an alarm on the dead letters")
    return stack.inbox.notifications()


def _inbox_table(notifications: Sequence[dict[str, Any]]) -> Table:
    table = Table("alarm", "state", "what it means and what to do", title="Inbox of the operator", title_justify="left")
    for note in notifications:
        table.add_row(note["AlarmName"], note["NewStateValue"], note["AlarmDescription"])
    return table


def _smoke(stack: LocalStack, console: Console) -> subprocess.CompletedProcess[str]:
    """Run the operator's smoke test on the stack, as its user would; what it prints is its table."""
    outputs = stack.directory / OUTPUTS
    shown = outputs.relative_to(ROOT) if outputs.is_relative_to(ROOT) else outputs
    console.print(f"python -m ops --outputs {shown} smoke", highlight=False)
    command = [sys.executable, "-m", "ops", "--outputs", str(outputs), "smoke"]
    environment = {**os.environ, "COLUMNS": str(SMOKE_WIDTH), "NO_COLOR": "1"}
    try:
        ended = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_SMOKE_DEADLINE, check=False
        )
    except subprocess.TimeoutExpired as exc:
        raise DemoError(f"smoke did not end within {_SMOKE_DEADLINE:.0f} s") from exc
    if ended.returncode:
        console.print(ended.stderr, end="", style="bold red", markup=False, highlight=False)
    return ended


def _verdict(
    pictures: Sequence[Picture],
    letters: Sequence[dict[str, Any]],
    smoke: subprocess.CompletedProcess[str],
    build: Path,
    seconds: float,
    console: Console,
) -> int:
    astray = [picture.key for picture in pictures if not picture.as_expected]
    reasons = sorted(str(letter.get("reason")) for letter in letters)
    if astray or reasons != sorted(REJECTED.values()):
        console.print(f"[bold red]not where they belong:[/] {astray or reasons}")
        return 1
    if smoke.returncode:
        console.print("[bold red]the smoke test failed[/]: its table says where")
        return smoke.returncode
    page = (build / "index.html").relative_to(ROOT) if build.is_relative_to(ROOT) else build / "index.html"
    console.print(f"Every picture is where it belongs, after {seconds} s. Look at {page}")
    return 0


def _keys_under(stack: LocalStack, prefix: str) -> set[str]:
    pages = stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack["output_bucket"], Prefix=prefix)
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def _wait(stack: LocalStack, done: Callable[[], bool], what: str) -> None:
    """Wait until `done`.

    Raises:
        DemoError: A permission is missing, or `PATIENCE` is over.
        EmulatorError: The emulator has ended.
    """
    deadline = time.monotonic() + PATIENCE
    while not done():
        stack.assert_alive()
        retries = [line for line in stack.worker_log_lines() if line.get("event") == "message.retry"]
        denied = [line for line in retries if line["reason"] == "access-denied"]
        if denied:
            raise DemoError(f"the worker's role lacks a permission: {denied[0]['detail']}")
        if time.monotonic() > deadline:
            last = f"; the worker's last retry: {retries[-1]}" if retries else ""
            raise DemoError(f"still waiting for {what} after {PATIENCE:.0f} s{last}")
        time.sleep(_POLL)
