"""A function's deployment package: its code and the wheels it needs, as a zip of the same bytes for the same input.

Pure Python on any operating system. boto3 is not in it: Lambda's runtime brings its own.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.worker.wheels import ROOT, BundleError, Target, wheels_for

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILD: Final = ROOT / "build"
WORKER: Final = "worker"
UPLOADER: Final = "uploader"
"""Needs no wheels: the runtime has all that it imports."""
UNZIPPED_LIMIT: Final = 250 * 1024 * 1024
"""Bytes; https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
_FORMAT: Final = 1
"""Raise it when the same input is to give another zip."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o644
_UNIX: Final = 3
_LEFT_OUT: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""Notes of pip's on how it installed something here: different on every computer, and never read in Lambda."""


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
    paths = {**_wheel_files(target, root / package / "requirements.txt", build), **_code_files(root, package)}
    files = {name: path.read_bytes() for name, path in paths.items()}
    files.update({name: text.encode() for name, text in (texts or {}).items()})
    bundle = build / "bundle" / f"{package}-{_digest(files)}.zip"
    if not bundle.is_file():
        _check_size(package, files)
        _write(files, bundle)
    return bundle


def _code_files(root: Path, package: str) -> dict[str, Path]:
    return {file.relative_to(root).as_posix(): file for file in (root / package).rglob("*.py")}


def _wheel_files(target: Target, requirements: Path, build: Path) -> dict[str, Path]:
    if not requirements.is_file():
        return {}
    wheels = wheels_for(target, requirements, build / "bundle")
    names = {file.relative_to(wheels).as_posix(): file for file in wheels.rglob("*") if file.is_file()}
    return {name: file for name, file in names.items() if _belongs(Path(name))}


def _belongs(name: Path) -> bool:
    in_metadata = name.parts[0].endswith(".dist-info")
    return name.parts[0] != "bin" and "__pycache__" not in name.parts and not (in_metadata and name.name in _LEFT_OUT)


def _digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(str(_FORMAT).encode())
    for name, content in sorted(files.items()):
        digest.update(f"\0{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _check_size(package: str, files: Mapping[str, bytes]) -> None:
    size = sum(map(len, files.values()))
    if size > UNZIPPED_LIMIT:
        raise BundleError(
            f"the {package}'s package has {size:,} bytes unzipped; Lambda takes {UNZIPPED_LIMIT:,} at most"
        )


def _write(files: Mapping[str, bytes], bundle: Path) -> None:
    """Write the zip beside its place and move it there whole, so that none is ever half written."""
    bundle.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=bundle.parent, prefix="unfinished-")
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as package:
            for name, content in sorted(files.items()):
                package.writestr(_entry(name), content, zipfile.ZIP_DEFLATED)
        Path(unfinished).replace(bundle)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system = _UNIX
    entry.external_attr = _MODE << 16
    return entry
