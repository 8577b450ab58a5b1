"""The worker's renderer, and what else decodes pictures here, in a process of its own: a picture that kills its decoder kills nobody.

Needs the worker's packages: pip install -r worker/requirements.txt.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ops.stack.outputs import ROOT
from worker.contracts.recipes.specs import dump_renditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.contracts.recipes.specs import RenditionSpec

_INTERPRETER_BYTES: Final = 2**30
"""Bytes of address space that Python and Pillow's libraries take before they load any picture."""
_MEBIBYTE: Final = 2**20
_REJECTED: Final = 1
_LIMITED: Final = (
    "import resource, runpy, sys; limit, module = int(sys.argv.pop(1)), sys.argv.pop(1);"
    " resource.setrlimit(resource.RLIMIT_AS, (limit, limit)); runpy.run_module(module, run_name='__main__')"
)


@dataclass(frozen=True)
class Made:
    """One rendition, in a file; sides in pixels."""

    name: str
    path: Path
    width: int
    height: int
    bytes: int


@dataclass(frozen=True)
class Rendering:
    """What became of one picture.

    Attributes:
        renditions: None of them where it was rejected or killed.
        cpu_seconds: That the rendering took.
        reason: Code of a rejection.
        detail: A sentence, where there are no renditions.
    """

    renditions: tuple[Made, ...] = ()
    cpu_seconds: float = 0.0
    reason: str | None = None
    detail: str | None = None

    @property
    def failure(self) -> str | None:
        """Why there are no renditions."""
        return None if self.detail is None else f"{self.reason or 'killed'}: {self.detail}"


def render_here(picture: Path, specs: Sequence[RenditionSpec], out: Path, *, memory: int, timeout: int) -> Rendering:
    """Render the file `picture` into the directory `out`, with a function's memory in MB and its timeout in seconds."""
    arguments = [str(picture), "--out", str(out), "--memory", str(memory), "--json"]
    renditions = ["--renditions", dump_renditions(specs)]
    ended = run_limited("worker", [*arguments, *renditions], memory=memory, timeout=timeout)
    if ended is None:
        return Rendering(detail=f"It did not end within the function's timeout of {timeout} s.")
    return _read(f"{picture}: ", ended)


def run_limited(
    module: str, arguments: Sequence[str], *, memory: int, timeout: int
) -> subprocess.CompletedProcess[str] | None:
    """Run `python -m module` with that many MB and seconds; None if it did not end in time."""
    limit = memory * _MEBIBYTE + _INTERPRETER_BYTES
    command = [sys.executable, "-c", _LIMITED, str(limit), module, *arguments]
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return None


def _read(opening: str, ended: subprocess.CompletedProcess[str]) -> Rendering:
    if ended.returncode == 0:
        document = json.loads(ended.stdout)
        made = (Made(**{**each, "path": Path(each["path"])}) for each in document["renditions"])
        return Rendering(tuple(made), document["cpu_seconds"])
    if ended.returncode == _REJECTED and ended.stderr.startswith(opening):
        reason, _, detail = ended.stderr.removeprefix(opening).strip().partition(": ")
        return Rendering(reason=reason, detail=detail)
    last = ended.stderr.strip().splitlines()[-1:] or [f"It ended with status {ended.returncode}."]
    return Rendering(detail=last[0])
