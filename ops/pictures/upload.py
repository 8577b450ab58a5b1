"""Puts files into the source bucket, several at once, and waits for what becomes of them."""

from __future__ import annotations

import mimetypes
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ops.stack.aws import translated
from ops.stack.parallel import each_with_result
from ops.terminal.errors import Misuse
from worker.contracts.recipes.focus import METADATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ops.stack.buckets import Pictures
    from ops.stack.picture import ManifestState
    from worker.contracts.recipes.by_prefix import Recipes
    from worker.contracts.recipes.focus import Focus

READY: Final = "ready"
REJECTED: Final = "rejected"
QUEUED: Final = "queued"
IGNORED: Final = "ignored"
_FILES: Final = 4
"""Uploaded at once; boto3 sends the parts of a large one several at once too."""
_POLL_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Upload:
    """A file and the key that it gets."""

    path: Path
    key: str


@dataclass(frozen=True)
class Sent:
    """A picture in the source bucket; ETag without quotes. Nothing is made of it if it is ignored.

    `focus` is the mark of its own, where something is cropped.
    """

    key: str
    etag: str
    is_ignored: bool = False
    focus: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a picture: `READY`, `REJECTED` with its reason and detail, still `QUEUED`, or `IGNORED` by the recipes."""

    key: str
    state: str
    reason: str | None = None
    detail: str | None = None


def uploads_of(paths: Sequence[Path], prefix: str) -> list[Upload]:
    """Return every file of `paths`, with `prefix` and its name, or its path within the folder, as the key.

    Raises:
        Misuse: A path is not there, there are no files, or two would get the same key.
    """
    found = [Upload(file, f"{prefix}{name}") for path in paths for file, name in _files(path)]
    if not found:
        raise Misuse("There are no files in what was named.")
    keys = [upload.key for upload in found]
    twice = sorted({key for key in keys if keys.count(key) > 1}) if len(set(keys)) < len(keys) else []
    if twice:
        raise Misuse(f"Two files would get the key {twice[0]}: upload them one after the other with another --prefix.")
    return found


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, path.name
    elif path.is_dir():
        for file in sorted(file for file in path.rglob("*") if file.is_file()):
            yield file, file.relative_to(path).as_posix()
    else:
        raise Misuse(f"{path} is not there.")


def replaced_by(pictures: Pictures, uploads: Sequence[Upload], on_progress: Callable[[int], None]) -> list[str]:
    """Return the keys of `uploads` under which there is a picture already: one HEAD each.

    Raises:
        Refusal: AWS does not show one.
    """
    replaced = []
    for upload, source in each_with_result(lambda upload: pictures.source(upload.key), uploads):
        replaced += [upload.key] if source else []
        on_progress(1)
    return replaced


def send_all(
    pictures: Pictures,
    recipes: Recipes,
    uploads: Sequence[Upload],
    on_progress: Callable[[int], None],
    focus: Focus | None = None,
) -> list[Sent]:
    """Upload files and return them as they are in the bucket, in order; all of them get `focus` as their own.

    Raises:
        Refusal: AWS did not take one.
    """

    def send(upload: Upload) -> Sent:
        content_type = mimetypes.guess_type(upload.path.name)[0] or "application/octet-stream"
        more = {"ContentType": content_type, **({"Metadata": {METADATA: str(focus)}} if focus else {})}
        with translated(f"upload {upload.key}", pictures.clients.endpoint_url):
            pictures.clients("s3").upload_file(str(upload.path), pictures.source_bucket, upload.key, ExtraArgs=more)
        source, recipe = pictures.source(upload.key), recipes.of(upload.key)
        on_progress(1)
        if source is None:
            return Sent(upload.key, "", recipe.is_ignored)
        return Sent(upload.key, source.etag, recipe.is_ignored, recipe.counted(source.focus))

    with ThreadPoolExecutor(_FILES, "upload") as pool:
        return list(pool.map(send, uploads))


def outcomes_of(
    pictures: Pictures,
    sent: Sequence[Sent],
    patience: float,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> list[Outcome]:
    """Wait until the manifest of each picture is about the version that was sent, `patience` seconds at most; ignored ones get none.

    Raises:
        Refusal: AWS does not show a manifest.
    """
    outcomes = {each.key: Outcome(each.key, IGNORED) for each in sent if each.is_ignored}
    on_progress(len(outcomes))
    deadline = time.monotonic() + patience
    while True:
        waiting = [each for each in sent if each.key not in outcomes]
        checked = each_with_result(lambda each: _outcome(each, pictures.manifest(each.key)), waiting)
        decided = [outcome for _, outcome in checked if outcome.state != QUEUED]
        outcomes |= {outcome.key: outcome for outcome in decided}
        on_progress(len(decided))
        if len(decided) == len(waiting) or time.monotonic() >= deadline:
            return [outcomes.get(each.key, Outcome(each.key, QUEUED)) for each in sent]
        time.sleep(_POLL_SECONDS)


def _outcome(sent: Sent, manifest: ManifestState | None) -> Outcome:
    if manifest is None or manifest.etag != sent.etag:
        return Outcome(sent.key, QUEUED)
    if manifest.is_ready:
        return Outcome(sent.key, READY if manifest.focus == sent.focus else QUEUED)
    document = manifest.document
    return Outcome(sent.key, REJECTED, document.get("reason"), document.get("detail"))
