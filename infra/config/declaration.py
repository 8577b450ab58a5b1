"""What `Pulumi.yaml` declares: every key of the program's, its default and what it is. Never reads a stack's own values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT_FILE: Final = Path(__file__).parents[2] / "Pulumi.yaml"
SECRETS: Final = frozenset({("page", "access", "code")})
"""Paths of values that Pulumi keeps encrypted, and that nothing shows."""
NAMED_BY_PEOPLE: Final = frozenset({"recipes", "renditions", "subscribers", "tags"})
"""Keys whose parts have names that the stack chooses: any part may be there."""


@dataclass(frozen=True)
class Declared:
    """One key.

    Attributes:
        default: What the program gets where a stack sets nothing; the engine hands it over as well, but a stack's value
            replaces it as a whole (https://www.pulumi.com/docs/iac/concepts/config/#project-level-configuration).
        sentence: What the key is.
        parts: What each of its parts is, by its path below the key, such as `access.code`.
    """

    default: Any
    sentence: str
    parts: Mapping[str, str]


@cache
def declared() -> Mapping[str, Declared]:
    """Return the keys of the program's, in the order of the file; a provider's key has a namespace and is none of them."""
    config = yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))["config"]
    return {key: _read(entry) for key, entry in config.items() if ":" not in key}


def _read(entry: Mapping[str, Any]) -> Declared:
    sentence, *lines = str(entry["description"]).strip().splitlines()
    return Declared(entry["default"], sentence, dict(line.split(": ", 1) for line in lines))


def holds_secret(path: tuple[str | int, ...]) -> bool:
    """Whether a secret is at `path`, or below it."""
    return any(secret[: len(path)] == path for secret in SECRETS)


def may_be_secret(path: tuple[str | int, ...]) -> bool:
    """Whether what is set at `path` is a secret, or may be one that was misspelt: an unknown part of a key that has one."""
    key = path[0]
    if path in SECRETS:
        return True
    return any(secret[0] == key for secret in SECRETS) and path not in leaves(declared()[str(key)].default, (str(key),))


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return the values of an object and of the objects in it, by their path; an empty object is a value."""
    if not isinstance(value, dict) or not value:
        return {path: value}
    return {leaf: found for name, part in value.items() for leaf, found in leaves(part, (*path, name)).items()}
