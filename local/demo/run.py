"""`python -m local demo`: the sample pictures through the whole pipeline, and what became of each.

Works on the stack from outside, as its users do: with the operators' commands, and by looking into the output bucket.
"""

from __future__ import annotations

import json
import shutil
import time
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console

from local import ROOT
from local.demo import tables
from local.demo.commands import PATIENCE, Operator, still_waiting, wait
from local.demo.on_a_page import snippets, write_on_a_page
from local.demo.page import write_page
from local.demo.picture import AVATARS, FOLDERS, PAGE, RAW, RECIPES, REJECTED, SAMPLES, Picture
from local.engine import DIRECTORY, running
from local.errors import LocalError
from worker.contracts.keys import manifest_key

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence
    from pathlib import Path

    from local.provision.provisioner import Transform
    from local.stack import LocalStack

BUILD: Final = ROOT / "build" / "demo"
CONFIG: Final = {"recipes": RECIPES, "delivery": {"enabled": True}}
_REMOVED: Final = "removed/rocket.jpg"
_FOLLOW: Final = ("--wait", "--patience", f"{PATIENCE:.0f}", "--json")


def main(build: Path = BUILD, transform: Transform | None = None) -> int:
    """Run the demo; exit status 0 only if every picture is where it belongs."""
    console = Console(width=None if Console().is_terminal else 120)
    began = time.monotonic()
    try:
        console.print("Starting the embedded AWS and deploying the Pulumi program on it ...")
        with running(directory=DIRECTORY / "demo", config=CONFIG, transform=transform) as stack:
            console.print(f"Deployed after {time.monotonic() - began:.1f} s; it runs at {stack['endpoint_url']}")
            return _show(stack, build, console, began)
    except LocalError as exc:
        console.print(f"[bold red]demo failed:[/] {exc}", markup=True, highlight=False)
        return 1


def _show(stack: LocalStack, build: Path, console: Console, began: float) -> int:
    operator = Operator(stack, console)
    samples = sorted(path for path in SAMPLES.iterdir() if path.name != "README.md")
    typed = " ".join(f"samples/*{suffix}" for suffix in sorted({path.suffix for path in samples}))
    _upload(operator, *map(str, samples), shown=typed)
    _upload(operator, str(SAMPLES / "rocket.jpg"), "--prefix", "removed/", shown="samples/rocket.jpg --prefix removed/")
    _upload_to_folders(operator)
    _remove(stack)
    console.print(f"{_REMOVED}: deleted from the source bucket, and its outputs are gone")
    letters = _dead_letters(operator)
    pictures = [_picture(stack, key) for key in (*(path.name for path in samples), *_keys_in(PAGE), *_keys_in(AVATARS))]
    pictures += [_left_alone(operator, key) for key in _keys_in(RAW)]
    _save(stack, build, pictures)
    write_on_a_page(build, snippets(operator), stack["delivery_url"])
    notes = _notifications(stack)
    smoke = operator.run("smoke")
    seconds = round(time.monotonic() - began, 1)
    document = {"images": [picture.to_json() for picture in pictures], "seconds": seconds}
    (build / "report.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    write_page(build / "index.html", pictures, letters, smoke.stdout, seconds)
    console.print(tables.of_pictures(pictures), tables.of_letters(letters), tables.of_inbox(notes))
    console.print("Smoke test", smoke.stdout, sep="\n", end="", markup=False, highlight=False)
    return _verdict(pictures, letters, smoke, build, seconds, console)


def _upload(operator: Operator, *arguments: str, shown: str) -> None:
    """Upload, and wait for what becomes of each picture."""
    fates = operator.documents("upload", *arguments, *_FOLLOW, shown=f"upload {shown} {' '.join(_FOLLOW)}")
    queued = [fate["key"] for fate in fates if fate["state"] == "queued"]
    if queued or not fates:
        raise still_waiting(operator.stack, ", ".join(queued) or "an upload")


def _upload_to_folders(operator: Operator) -> None:
    """Upload some samples again, below prefixes that have a recipe of their own."""
    for folder, names in FOLDERS.items():
        typed = " ".join(f"'samples/{name}'" if " " in name else f"samples/{name}" for name in names)
        _upload(
            operator, *(str(SAMPLES / name) for name in names), "--prefix", folder, shown=f"{typed} --prefix {folder}"
        )


def _keys_in(folder: str) -> list[str]:
    return [f"{folder}{name}" for name in FOLDERS[folder]]


def _remove(stack: LocalStack) -> None:
    """Delete a source and wait until nothing is left of its outputs."""
    s3, bucket = stack.client("s3"), stack["output_bucket"]
    s3.delete_object(Bucket=stack["source_bucket"], Key=_REMOVED)

    def gone() -> bool:
        return not any(_REMOVED in entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"])

    wait(stack, gone, f"removal of {_REMOVED}")


def _dead_letters(operator: Operator) -> list[dict[str, Any]]:
    """Return the dead letters; they are sent right after the manifests, so that the last may be on its way."""
    sqs, url = operator.stack.client("sqs"), operator.stack["dead_letter_queue_url"]
    depth = "ApproximateNumberOfMessages"

    def all_there() -> bool:
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[depth])["Attributes"]
        return int(attributes[depth]) >= len(REJECTED)

    wait(operator.stack, all_there, "dead letters")
    return operator.documents("dlq", "list", "--json")


def _picture(stack: LocalStack, key: str) -> Picture:
    body = stack.client("s3").get_object(Bucket=stack["output_bucket"], Key=manifest_key(key))["Body"]
    return Picture.of(key, json.loads(body.read()))


def _left_alone(operator: Operator, key: str) -> Picture:
    (told,) = operator.documents("where", key, "--json")
    return Picture.left_alone(key, told["state"])


def _save(stack: LocalStack, build: Path, pictures: Sequence[Picture]) -> None:
    """Lay the originals and the renditions side by side in an empty `build`."""
    shutil.rmtree(build, ignore_errors=True)
    for picture in pictures:
        _copy_of(build / "source" / picture.key).write_bytes((SAMPLES / picture.key.rpartition("/")[2]).read_bytes())
    for rendition in (rendition for picture in pictures for rendition in picture.renditions):
        body = stack.client("s3").get_object(Bucket=stack["output_bucket"], Key=rendition["key"])["Body"]
        _copy_of(build / rendition["key"]).write_bytes(body.read())


def _copy_of(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _notifications(stack: LocalStack) -> list[dict[str, Any]]:
    """Return the alarms' notifications, waiting for the first: the alarm on dead letters goes off in every demo."""
    wait(stack, lambda: bool(stack.inbox.notifications()), "an alarm on the dead letters")
    return stack.inbox.notifications()


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
