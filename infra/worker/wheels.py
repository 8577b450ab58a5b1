"""Wheels for the function's platform, fetched by pip on any computer and kept under a hash of what was asked for."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pulumi

from infra.worker.requirements import on_lambda, references_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
_DEADLINE: Final = 300
"""Seconds for pip."""
_MACHINES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}
_OLDEST_GLIBC: Final = 17
_NEWEST_GLIBC: Final = 34
"""Minor version of the glibc 2 of Amazon Linux 2023, which all runtimes from Python 3.12 on have
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html)."""
_UNREACHABLE: Final = re.compile(r"Retrying \(Retry|ConnectionError|ProxyError|SSLError|Read timed out")


class BundleError(pulumi.RunError):
    """The deployment package cannot be built; a `RunError`, so that Pulumi shows the message without a traceback."""


@dataclass(frozen=True)
class Target:
    """What the package has to run on.

    Attributes:
        runtime: Lambda's name for it, such as `python3.13`.
        architecture: `arm64` or `x86_64`.
        host: Instead of Lambda, this computer and its Python, which the embedded AWS runs functions on.
    """

    runtime: str
    architecture: str
    host: bool = False

    @property
    def python_version(self) -> str:
        """Such as `3.13`."""
        return self.runtime.removeprefix("python")

    def __str__(self) -> str:
        """Name the platform for a person."""
        return "this computer" if self.host else f"Python {self.python_version} on {self.architecture} (Lambda)"

    @property
    def machine(self) -> str:
        """The kernel's name of the processor."""
        return _MACHINES[self.architecture]

    def platforms(self) -> Iterator[str]:
        """Yield the platform tags that run on Lambda, newest first, because pip takes older ones only where they are named."""
        for minor in range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1):
            yield f"manylinux_2_{minor}_{self.machine}"
        yield f"manylinux2014_{self.machine}"


def wheels_for(target: Target, requirements: Path, cache: Path) -> Path:
    """Return a directory with the wheels of the requirements for `target`.

    Raises:
        BundleError: A wheel does not exist for the platform, or pip cannot fetch it.
    """
    directory = cache / f"fetched-{_key(target, requirements)}"
    if directory.is_dir():
        return directory
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="unfinished-") as unfinished:
        Path(unfinished, "wheels").mkdir()
        _fetch(target, requirements, Path(unfinished, "wheels"))
        _move(Path(unfinished, "wheels"), directory)
    return directory


def _key(target: Target, requirements: Path) -> str:
    host = f"{sys.implementation.cache_tag} {sysconfig.get_platform()}" if target.host else ""
    digest = hashlib.sha256(f"{target!r} {host}".encode())
    for file in (requirements, *references_of(requirements)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _fetch(target: Target, requirements: Path, directory: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--retries", "2"]
    command += ["--dest", str(directory), *_platform_options(target)]
    command += [
        "--requirement",
        str(requirements if target.host else _resolved(target, requirements, directory.parent)),
    ]
    try:
        pip = subprocess.run(command, capture_output=True, text=True, timeout=_DEADLINE, check=False)
    except subprocess.TimeoutExpired as exc:
        raise BundleError(
            f"pip did not fetch the wheels for {target} within {_DEADLINE} s; is the package index reachable?"
        ) from exc
    if pip.returncode:
        raise BundleError(_explain(target, requirements, pip.stderr))


def _resolved(target: Target, requirements: Path, directory: Path) -> Path:
    """Write the requirements that hold on Lambda; return the file."""
    file = directory / requirements.name
    file.write_text(on_lambda(requirements, target.python_version, target.machine), "utf-8")
    return file


def _platform_options(target: Target) -> list[str]:
    if target.host:
        return []
    tags = [option for platform in target.platforms() for option in ("--platform", platform)]
    return ["--implementation", "cp", "--python-version", target.python_version, *tags]


def _explain(target: Target, requirements: Path, stderr: str) -> str:
    # First, because pip that reaches no index says afterwards that there is no distribution.
    if _UNREACHABLE.search(stderr):
        return (
            "the worker's wheels cannot be fetched: pip does not reach its package index. Check the network, or the proxy"
            f" and index in `pip config list`.\n{stderr.strip().splitlines()[-1]}"
        )
    if "No module named pip" in stderr:
        return f"the worker's package is built with pip, which this Python lacks: run {sys.executable} -m ensurepip"
    missing = re.search(r"No matching distribution found for (\S+)", stderr)
    if missing:
        return (
            f"{missing[1]} has no wheel for {target}. Pin a version that has one in {requirements.parent.name}/"
            f"{requirements.name}, or set architecture or runtime to one that it has a wheel for."
        )
    return f"pip could not fetch the wheels for {target}:\n" + "\n".join(stderr.strip().splitlines()[-5:])


def _move(unfinished: Path, directory: Path) -> None:
    """Move the directory into its place, unless another process was faster."""
    try:
        unfinished.rename(directory)
    except OSError:
        if not directory.is_dir():
            raise
        shutil.rmtree(unfinished)
