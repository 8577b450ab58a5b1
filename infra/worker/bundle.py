"""A function's deployment package: its code and the wheels it needs, as a zip of the same bytes for the same input.

Pure Python on any operating system. boto3 is not in it: Lambda's runtime brings its own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.worker.wheels import ROOT, BundleError, Target, wheels_for
from infra.worker.zip_file import Member, members_of, stored, write_zip

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILD: Final = ROOT / "build"
WORKER: Final = "worker"
UPLOADER: Final = "uploader"
PAGER: Final = "pager"
"""Needs no wheels, as the uploader does not: the runtime has all that they import."""
UNZIPPED_LIMIT: Final = 250 * 1024 * 1024
"""Bytes; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_FORMAT: Final = 2
"""Raise it when the same input is to give another zip."""


def build_bundle(
    target: Target,
    package: str = WORKER,
    *,
    texts: Mapping[str, str] | None = None,
    root: Path = ROOT,
    build: Path = BUILD,
) -> Path:
    """Return the zip for `target`, built only if its content would differ from the last ones'.

    Args:
        target: What it has to run on.
        package: The Python package to build; its `requirements.txt`, if it has one, says which wheels.
        texts: Files besides, by their name in the zip.
        root: Where the package is.
        build: Where wheels and zips are kept.

    Raises:
        BundleError: A wheel is missing for the platform, or the package would be too large for Lambda.
    """
    members = {**_wheel_files(target, root / package / "requirements.txt", build), **_code_files(root, package)}
    members.update({name: stored(text.encode()) for name, text in (texts or {}).items()})
    bundle = build / "bundle" / f"{package}-{_digest(members)}.zip"
    if not bundle.is_file():
        _check_size(package, members)
        _write(members, bundle)
    return bundle


def _code_files(root: Path, package: str) -> dict[str, Member]:
    """Return the modules with the same line ends on every computer; Python reads them so, too."""
    files = (root / package).rglob("*.py")
    return {file.relative_to(root).as_posix(): stored(file.read_text("utf-8").encode()) for file in files}


def _wheel_files(target: Target, requirements: Path, build: Path) -> dict[str, Member]:
    if not requirements.is_file():
        return {}
    wheels = wheels_for(target, requirements, build / "bundle")
    return {name: member for wheel in sorted(wheels.glob("*.whl")) for name, member in members_of(wheel)}


def _digest(members: Mapping[str, Member]) -> str:
    digest = hashlib.sha256(str(_FORMAT).encode())
    for name, member in sorted(members.items()):
        digest.update(f"\0{name}\0{member.method}\0{len(member.data)}\0".encode())
        digest.update(member.data)
    return digest.hexdigest()[:16]


def _check_size(package: str, members: Mapping[str, Member]) -> None:
    size = sum(member.size for member in members.values())
    if size > UNZIPPED_LIMIT:
        raise BundleError(
            f"the {package}'s package has {size:,} bytes unzipped; Lambda takes {UNZIPPED_LIMIT:,} at most"
        )


def _write(members: Mapping[str, Member], bundle: Path) -> None:
    """Write the zip beside its place and move it there whole, so that none is ever half written."""
    bundle.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=bundle.parent, prefix="unfinished-")
    try:
        with os.fdopen(handle, "wb") as stream:
            write_zip(members, stream)
        Path(unfinished).replace(bundle)
    finally:
        Path(unfinished).unlink(missing_ok=True)
