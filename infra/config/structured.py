"""The configuration's lists and objects: what may be in them, and which part is wrong. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

from infra.values import PartError
from worker.contracts.recipe import DEFAULT_RENDITIONS, RenditionSpec, SpecError, parse_renditions

FILTER_CHARACTERS: Final = "letters, digits and / ! _ . ' ( ) -"
"""S3 takes others only URL-encoded in a notification's filter, and takes no `*` at all:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html"""

_SUFFIX: Final = re.compile(r"[A-Za-z0-9/!_.'()-]{1,64}")
_TAG_KEY: Final = re.compile(r"(?!aws:)[\w .:/=+@-]{1,128}")
_TAG_VALUE: Final = re.compile(r"[\w .:/=+@-]{0,256}")
"""https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""


def tags(document: Any) -> dict[str, str]:
    """Parse tags: texts that AWS takes, besides the program's own.

    Raises:
        PartError: Not an object, a key that is taken, or characters that AWS does not take.
    """
    if not isinstance(document, dict):
        raise PartError("it is none")
    for key, value in document.items():
        if not _TAG_KEY.fullmatch(key) or key in {"project", "stack", "managed-by"}:
            raise PartError(f"{key!r} is the program's own, AWS's own, or not of AWS's characters", f'["{key}"]')
        if not isinstance(value, str) or not _TAG_VALUE.fullmatch(value):
            raise PartError(f"{key!r} is not up to 256 letters, digits, spaces and .:/=+@_-", f'["{key}"]', "web")
    return document


def suffixes(document: Any) -> tuple[str, ...]:
    """Parse the endings of keys, refusing what S3 would refuse.

    Raises:
        PartError: Not a list, characters that a filter does not take, or an ending of which another one is the end.
    """
    if not isinstance(document, list):
        raise PartError("it is none")
    for index, suffix in enumerate(document):
        if not isinstance(suffix, str) or not _SUFFIX.fullmatch(suffix):
            raise PartError(f"{suffix!r} is not 1 to 64 {FILTER_CHARACTERS}", f"[{index}]", ".jpg")
    for index, suffix in enumerate(document):
        if any(suffix.endswith(other) for other in document[:index] + document[index + 1 :]):
            raise PartError(f"{suffix!r} ends in another one, and S3 refuses filters that overlap", f"[{index}]")
    return tuple(document)


def renditions(document: Any) -> tuple[RenditionSpec, ...]:
    """Parse renditions, with the very parser that the worker uses.

    Raises:
        PartError: What the parser refuses, with the path of the part.
    """
    try:
        return parse_renditions(document)
    except SpecError as exc:
        raise PartError(str(exc), _path_of(exc), _right_value(exc)) from None


def _path_of(error: SpecError) -> str:
    field = f'["{error.field}"]' if error.field and not error.known else f".{error.field}" if error.field else ""
    return "" if error.index is None else f"[{error.index}]{field}"


def _right_value(error: SpecError) -> str | None:
    """Return a value that the field takes: the default rendition's; none for what is no field at all."""
    return str(DEFAULT_RENDITIONS[0].to_json()[error.field]).lower() if error.field and error.known else None
