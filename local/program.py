"""A Pulumi program, the repository's own unless another is named, run in this process: its configuration read, its resources made by mocks.

Does what the Pulumi CLI would do with `Pulumi.yaml`, `Pulumi.<stack>.yaml` and `__main__.py`, and no more: it neither
knows what the program makes nor where.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import runpy
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pulumi
import yaml
from pulumi.runtime import set_all_config, set_mocks
from pulumi.runtime.settings import SETTINGS, _shutdown_callbacks, get_root_resource, reset_options
from pulumi.runtime.stack import wait_for_rpcs

from local import ROOT
from local.errors import LocalError
from local.provision.monitor import Monitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PROJECT_FILE: Final = "Pulumi.yaml"


def load_stack_config(stack: str, overrides: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Return the configuration of `stack` as the engine hands it to the program.

    A key of the stack replaces the project's default as a whole
    (https://www.pulumi.com/docs/iac/concepts/config/#project-level-configuration); `overrides` are laid over the stack's own
    part by part, as `pulumi config set --path` would.

    Raises:
        LocalError: A file is missing.
    """
    project, stack_file = _load(_PROJECT_FILE), f"Pulumi.{stack}.yaml"
    namespace = f"{project['name']}:"
    defaults = {_qualified(key, namespace): _default(entry) for key, entry in project["config"].items()}
    own = {_qualified(key, namespace): value for key, value in (_load(stack_file).get("config") or {}).items()}
    set_ = {_qualified(key, namespace): value for key, value in (overrides or {}).items()}
    return {key: _text(value) for key, value in {**defaults, **_over(own, set_)}.items()}


def _over(own: Any, set_: Any) -> Any:
    if not isinstance(own, dict) or not isinstance(set_, dict):
        return set_
    return {**own, **{key: _over(own.get(key), value) for key, value in set_.items()}}


def run_program(
    mocks: pulumi.runtime.Mocks, config: Mapping[str, str], *, stack: str, root: Path = ROOT
) -> dict[str, Any]:
    """Run the `__main__.py` of the project in `root` with `mocks` making its resources, and return the stack's outputs, resolved.

    Every call is a run of its own: nothing of one is left for the next.

    Raises:
        Exception: Whatever the program or `mocks` raised first, as it is.
    """
    project = str(_load(_PROJECT_FILE, root)["name"])
    with _event_loops() as loops, asyncio.Runner(loop_factory=lambda: _loop(loops)) as runner:
        return runner.run(_run(mocks, dict(config), project, stack, root), context=contextvars.Context())


async def _run(
    mocks: pulumi.runtime.Mocks, config: dict[str, str], project: str, stack: str, root: Path
) -> dict[str, Any]:
    """Do what the language host does, with `mocks` for the engine. Pulumi's whole state lives in context variables."""
    reset_options(project=project, stack=stack)
    set_all_config(config, [f"{project}:page"])  # Where it has an access code, Pulumi would have it encrypted.
    set_mocks(mocks, project=project, stack=stack, preview=False, monitor=Monitor(mocks))
    with warnings.catch_warnings():
        # pulumi-aws warns on import of every resource type that it has deprecated, used or not.
        warnings.filterwarnings("ignore", r".* has been deprecated in favor of", DeprecationWarning, r"pulumi_aws\.")
        with _own_path():
            runpy.run_path(str(root / "__main__.py"), run_name="__pulumi_program__")
    try:
        await wait_for_rpcs(await_all_outstanding_tasks=False)  # Raises what has failed.
        await _wait_for_outputs()
        await wait_for_rpcs()
    finally:
        await _shutdown_callbacks()  # type: ignore[no-untyped-call]  # of the SDK
    exports: dict[str, Any] = get_root_resource().outputs  # type: ignore[union-attr]  # set_mocks made the stack
    outputs = {name: await pulumi.Output.from_input(value).future() for name, value in exports.items()}
    return {name: value for name, value in outputs.items() if value is not None}  # The engine keeps no empty ones.


async def _wait_for_outputs() -> None:
    """Return when all outputs are there, or one has failed; the SDK's own wait looks at each of them again after every single one."""
    while pending := [task for task in list(SETTINGS.outputs) if not task.done()]:
        done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        if any(task.cancelled() or task.exception() for task in done):
            return


@contextmanager
def _own_path() -> Iterator[None]:
    """Take back what a program adds to the places that modules are imported from."""
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before


@contextmanager
def _event_loops() -> Iterator[list[asyncio.AbstractEventLoop]]:
    """Close the event loops that end up in the list: Pulumi's mocks use one in each of their threads, and leave it open."""
    loops: list[asyncio.AbstractEventLoop] = []
    try:
        yield loops
    finally:
        for loop in loops:
            loop.close()


def _loop(loops: list[asyncio.AbstractEventLoop]) -> asyncio.AbstractEventLoop:
    """Return an event loop whose threads have loops of their own, kept in `loops`."""

    def begin_thread() -> None:
        own = asyncio.new_event_loop()
        loops.append(own)
        asyncio.set_event_loop(own)

    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(initializer=begin_thread))
    # One failure fails all that depends on it; the first is raised, and the rest would only be noise on stderr.
    loop.set_exception_handler(lambda _loop, _context: None)
    return loop


def _load(name: str, root: Path = ROOT) -> dict[str, Any]:
    path = root / name
    if not path.is_file():
        raise LocalError(f"{name} is missing in {root}")
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _qualified(key: str, namespace: str) -> str:
    return key if ":" in key else namespace + key


def _default(entry: Any) -> Any:
    """A declared key has a `default`; one of a provider's can only have a `value`, or be the value."""
    return entry.get("default", entry.get("value")) if isinstance(entry, dict) else entry


def _text(value: Any) -> str:
    """Programs get every value as text: structured ones, numbers and booleans as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
