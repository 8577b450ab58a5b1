"""A function's deployed package: one file out of the zip, without the rest of it. Never writes anything."""

from __future__ import annotations

import io
import urllib.request
import zipfile
from http import HTTPStatus
from typing import Final

TAIL: Final = 1024 * 1024
"""Bytes at the end of the zip: its directory, and the worker's own files, whose names come last. The wheels before are tens of
megabytes."""
_TIMEOUT: Final = 60
"""Seconds."""


def read_file(address: str, name: str, *, proxies: bool) -> bytes:
    """Return the file `name` of the zip at `address`, the one that Lambda's GetFunction gives out for ten minutes.

    https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCodeLocation.html

    Args:
        address: Signed; it needs no credentials.
        name: In the zip.
        proxies: Whether to go through the proxies that the environment names.

    Raises:
        KeyError: The zip has no such file.
        OSError: The address does not answer, or with what is no zip.
    """
    try:
        return _read(_fetch(address, proxies, f"bytes=-{TAIL}"), name)
    except zipfile.BadZipFile:  # The file is further ahead than anything of ours.
        pass
    try:
        return _read(_fetch(address, proxies), name)
    except zipfile.BadZipFile as exc:
        raise OSError(f"the function's package is no zip: {exc}") from exc


def _read(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name)


def _fetch(address: str, proxies: bool, wanted: str | None = None) -> bytes:
    """Return the content, with zeros for the part that was not wanted, so that every offset in it holds."""
    request = urllib.request.Request(address, headers={"Range": wanted} if wanted else {})  # noqa: S310 - Lambda's own
    handlers = [] if proxies else [urllib.request.ProxyHandler({})]
    with urllib.request.build_opener(*handlers).open(request, timeout=_TIMEOUT) as answer:
        content: bytes = answer.read()
        if answer.status != HTTPStatus.PARTIAL_CONTENT:
            return content
        size = int(answer.headers["Content-Range"].rpartition("/")[2])
        return bytes(size - len(content)) + content
