"""Where the outputs of a source key are: the contract between the worker and all that read outputs.

Pure. The extension is always appended to the whole source key, so `a.jpg` and `a.png` never collide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.contracts.errors import KeyTooLong

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.contracts.recipes.specs import RenditionSpec

MAX_KEY_BYTES: Final = 1024
"""Of UTF-8: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""


def rendition_key(spec: RenditionSpec, source_key: str) -> str:
    """Return the key of one rendition, such as `thumbnail/cats/tom.jpg.webp`.

    Raises:
        KeyTooLong: It would exceed S3's limit.
    """
    return _checked(f"{spec.name}/{source_key}.{spec.format}", source_key)


def listing(keys: Iterable[str], source_key: str) -> str:
    """Return rendition keys of one source as its manifest's metadata lists them: `thumbnail.webp web.webp`."""
    around = f"/{source_key}."
    return " ".join(".".join(key.split(around, 1)) for key in keys)


def listed_keys(listing: str, source_key: str) -> list[str]:
    """Return the rendition keys in a listing, which alone has the names of a former recipe's renditions."""
    pairs = [entry.partition(".") for entry in listing.split()]
    return [f"{name}/{source_key}.{extension}" for name, _, extension in pairs]


def manifest_key(source_key: str) -> str:
    """Return the key of the manifest, such as `manifest/cats/tom.jpg.json`.

    Raises:
        KeyTooLong: It would exceed S3's limit.
    """
    return _checked(f"manifest/{source_key}.json", source_key)


REJECTS: Final = "_rejected/"
"""Start of the keys of the index of rejected pictures; no rendition can have that name."""


def reject_key(source_key: str, reason: str) -> str | None:
    """Return the key of a picture's entry in the index, such as `_rejected/truncated/cats/tom.jpg`; None where S3 takes none so long."""
    key = f"{REJECTS}{reason}/{source_key}"
    return key if len(key.encode()) <= MAX_KEY_BYTES else None


def in_reject_key(key: str) -> tuple[str, str]:
    """Return the source key and the reason of an entry."""
    reason, _, source_key = key.removeprefix(REJECTS).partition("/")
    return source_key, reason


def _checked(key: str, source_key: str) -> str:
    excess = len(key.encode()) - MAX_KEY_BYTES
    if excess > 0:
        raise KeyTooLong(
            f"An output's key would be {excess} bytes over S3's limit of {MAX_KEY_BYTES}: give the picture a key that is"
            f" shorter by as much (it has {len(source_key.encode())} bytes) and upload it again."
        )
    return key
