"""What the worker would do about a picture now, tried here: the same code on the same bytes, nothing written to AWS.

The worker runs in a process of its own with the deployed renditions, memory and timeout: a picture that kills its
decoder kills nobody here. Needs the worker's packages: pip install -r worker/requirements.txt.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ops.dead_letters.verdict import is_current
from ops.stack.aws import translated
from ops.stack.outputs import ROOT
from worker.contracts.recipes.specs import dump_renditions

if TYPE_CHECKING:
    from ops.stack.buckets import Pictures
    from ops.stack.deployment import Deployment
    from worker.contracts.recipes.by_prefix import Recipe

_INTERPRETER_BYTES: Final = 2**30
"""Bytes of address space that Python and Pillow's libraries take before they load any picture."""
_MEBIBYTE: Final = 2**20
_REJECTED: Final = 1
_LIMITED: Final = (
    "import resource, runpy, sys; limit = int(sys.argv.pop(1));"
    " resource.setrlimit(resource.RLIMIT_AS, (limit, limit)); runpy.run_module('worker', run_name='__main__')"
)


@dataclass(frozen=True)
class DryRun:
    """What would happen to one key.

    Attributes:
        result: `ready`, `unchanged`, `removed`, `ignored`, `rejected` or `killed`.
        reason: Code of a rejection.
        detail: A sentence.
        renditions: One line each.
    """

    key: str
    result: str
    reason: str | None = None
    detail: str | None = None
    renditions: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether a redrive would settle it."""
        return self.result in {"ready", "unchanged", "removed", "ignored"}

    def lines(self) -> list[str]:
        """Return the result for people."""
        title = f"{self.key}: {self.result}" + (f", {self.reason}" if self.reason else "")
        return [title, *([f"  {self.detail}"] if self.detail else []), *(f"  {line}" for line in self.renditions)]

    def to_json(self) -> dict[str, Any]:
        """Return the result for programs."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}


def dry_run_of(key: str, pictures: Pictures, deployment: Deployment) -> DryRun:
    """Run the worker here on the picture that is under `key` in the source bucket now.

    Raises:
        Refusal: AWS does not hand over the picture.
    """
    source = pictures.source(key)
    if source is None:
        return DryRun(key, "removed", detail="The source is gone: its outputs would be deleted, if there are any.")
    recipe = deployment.recipes.of(key)
    if recipe.is_ignored:
        return DryRun(
            key, "ignored", detail="The configuration leaves it alone: its outputs would be deleted, if there are any."
        )
    if source.is_archived:
        detail = f"The source is in {source.storage_class}: restore it."
        return DryRun(key, "rejected", reason="archived", detail=detail)
    if is_current(source, pictures.manifest(key), recipe):
        return DryRun(key, "unchanged", detail="All outputs are of this very source and recipe.")
    with tempfile.TemporaryDirectory() as directory:
        picture = Path(directory) / "picture"
        with translated(f"read {key}", pictures.clients.endpoint_url):
            pictures.clients("s3").download_file(pictures.source_bucket, key, str(picture))
        return _run(key, picture, deployment, recipe)


def _run(key: str, picture: Path, deployment: Deployment, recipe: Recipe) -> DryRun:
    limit = deployment.memory * _MEBIBYTE + _INTERPRETER_BYTES
    worker = [str(picture), "--out", str(picture.parent / "out"), "--memory", str(deployment.memory)]
    command = [sys.executable, "-c", _LIMITED, str(limit), *worker, "--renditions", dump_renditions(recipe.specs)]
    try:
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=deployment.timeout, check=False
        )
    except subprocess.TimeoutExpired:
        return DryRun(key, "killed", detail=f"It did not end within the function's timeout of {deployment.timeout} s.")
    return _judged(key, f"{picture}: ", ended)


def _judged(key: str, opening: str, ended: subprocess.CompletedProcess[str]) -> DryRun:
    if ended.returncode == 0:
        return DryRun(key, "ready", renditions=tuple(Path(line).name for line in ended.stdout.splitlines()))
    if ended.returncode == _REJECTED and ended.stderr.startswith(opening):
        reason, _, detail = ended.stderr.removeprefix(opening).strip().partition(": ")
        return DryRun(key, "rejected", reason=reason, detail=detail)
    last = ended.stderr.strip().splitlines()[-1:] or [f"It ended with status {ended.returncode}."]
    return DryRun(key, "killed", detail=last[0])
