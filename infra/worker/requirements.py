"""Which of the worker's requirements hold on a target.

pip has options for the platform of wheels, but evaluates markers for the computer that it runs on
(https://github.com/pypa/pip/issues/11664): here they are evaluated for the function.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_REFERENCE = re.compile(r"^\s*(-[cr]|--constraint|--requirement)[\s=]+(\S+)", re.MULTILINE)
_COMMENT = re.compile(r"(^|\s)#.*")
"""Not part of an address such as `package @ https://…/wheel.whl#sha256=…`."""


def references_of(requirements: Path) -> list[Path]:
    """Return the files that the requirements refer to by `-c` or `-r`, which are as much an input as they are."""
    found = _REFERENCE.findall(requirements.read_text("utf-8"))
    return [requirements.parent / reference for _, reference in found]


def on_lambda(requirements: Path, python_version: str, machine: str) -> str:
    """Return the text of `requirements` for Lambda on a `machine` such as `aarch64`, to be read from any directory.

    What has a marker that does not hold there is left out. Files that it refers to by `-r` are not looked into.
    """
    return "".join(f"{line}\n" for line in _lines(requirements, _environment(python_version, machine)))


def _lines(requirements: Path, environment: dict[str, str]) -> Iterator[str]:
    for written in requirements.read_text("utf-8").splitlines():
        line = _COMMENT.sub("", written).strip()
        reference = _REFERENCE.match(line)
        if reference:
            yield f"{reference[1]} {(requirements.parent / reference[2]).resolve()}"
        elif not line or line.startswith("-"):
            yield line
        else:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate(environment):
                requirement.marker = None
                yield str(requirement)


def _environment(python_version: str, machine: str) -> dict[str, str]:
    """Return the variables of markers (https://packaging.python.org/en/latest/specifications/dependency-specifiers/)."""
    return {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python_version}.0",
        "python_version": python_version,
        "sys_platform": "linux",
    }
