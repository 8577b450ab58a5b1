"""The engine: the embedded AWS with the repository's own Pulumi program deployed on it.

    with running() as stack:
        stack.client("s3").upload_file("cat.jpg", stack["source_bucket"], "cat.jpg")

Everything is gone when the context ends, and when the process ends in whatever way. Two engines can run side by side
in different directories.
"""

from __future__ import annotations

import json
import platform
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pulumi

from local import ROOT
from local.cloud import Cloud
from local.emulator.amended.fanout import MAIL
from local.emulator.process import running_emulator
from local.errors import ProgramError
from local.loopback import on_loopback
from local.monitoring.inbox import Inbox
from local.monitoring.minutes import MINUTE, passing
from local.program import load_stack_config, run_program
from local.provision.provisioner import Provisioner, Transform
from local.stack import LocalStack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

STACK: Final = "local"
DIRECTORY: Final = ROOT / ".local"
OUTPUTS: Final = "outputs.json"

_ARCHITECTURES: Final = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}


@contextmanager
def running(
    *,
    port: int | None = None,
    config: Mapping[str, Any] | None = None,
    directory: Path | None = None,
    transform: Transform | None = None,
    minute: float = MINUTE,
    before: Callable[[Cloud], None] = lambda _cloud: None,
) -> Iterator[LocalStack]:
    """Run the emulator, deploy the program on it, and take both away afterwards.

    Args:
        port: Of the loopback; any free one by default.
        config: On top of `Pulumi.local.yaml`; a key without a namespace is the project's.
        directory: For the log, `outputs.json` and temporary files; `.local` of the repository by default.
        transform: Changes a resource's inputs, given its type, name and inputs, before it is made.
        minute: Seconds that a minute of CloudWatch's takes.
        before: Makes what is there before the program.

    Raises:
        EmulatorError: The emulator does not start, or the port or the directory is in use.
        ProgramError: The program refuses its configuration.
        ProvisionError: The program asks for what cannot be made, or AWS would refuse.
    """
    directory = (directory or DIRECTORY).resolve()
    settings = stack_config(config or {})
    with ExitStack() as exits:
        region = settings["aws:region"]
        emulator = exits.enter_context(running_emulator(directory, region=region, port=port))
        cloud = Cloud(emulator.endpoint_url, region)
        exits.callback(cloud.close)
        try:
            before(cloud)
            outputs = deploy(Provisioner(cloud, transform), settings)
        except Exception:
            emulator.assert_alive()  # If it has died, that is the error to show; the other one follows from it.
            raise
        exits.enter_context(_written(directory / OUTPUTS, outputs))
        inbox = Inbox.open(cloud, outputs["alarm_topic_arn"], directory)
        exits.callback(inbox.file.unlink)
        exits.callback(partial((directory / MAIL).unlink, missing_ok=True))
        exits.enter_context(passing(cloud, inbox, minute))
        yield LocalStack(outputs, directory, emulator, cloud, inbox)


def deploy(provisioner: Provisioner, settings: Mapping[str, str], root: Path = ROOT) -> dict[str, Any]:
    """Run the program in `root` with what makes its resources, check its functions, and return its outputs with `endpoint_url` and `region`."""
    cloud = provisioner.cloud
    try:
        outputs = run_program(provisioner, settings, stack=STACK, root=root)
    except pulumi.RunError as exc:
        raise ProgramError(str(exc)) from exc
    provisioner.check_functions()
    reached = {name: on_loopback(value, cloud) for name, value in outputs.items()}
    return {**reached, "endpoint_url": cloud.endpoint_url, "region": cloud.region}


def stack_config(overrides: Mapping[str, Any]) -> dict[str, str]:
    """Return the configuration of the stack `local`, with `overrides` on top and this computer's processor."""
    worker = {"architecture": _ARCHITECTURES.get(platform.machine().lower(), "x86_64"), **overrides.get("worker", {})}
    return load_stack_config(STACK, {**overrides, "worker": worker})


@contextmanager
def _written(path: Path, outputs: Mapping[str, Any]) -> Iterator[None]:
    """Keep `outputs` in `path` as long as they are true."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(outputs, indent=2) + "\n")
    unfinished.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
