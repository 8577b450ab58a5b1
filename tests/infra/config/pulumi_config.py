"""`pulumi config set` and `rm` on the configuration of a stack's file, by Pulumi's own rules, and what the engine makes of it.

The rules are those of sdk/go/common/resource/config and of sdk/go/common/workspace/config.go in pulumi/pulumi: how a path is
parsed, that a path from nothing makes objects and lists, that `true`, `false` and whole numbers keep their type in a path and
nowhere else, and that a stack's key replaces the project's default as a whole. pulumi 3.274.1 itself made the same file of each of
148 lists of commands, those of `test_wrong_values` and of the pages.
"""

from __future__ import annotations

import json
import re
import shlex
from itertools import pairwise
from typing import Any

import yaml

from infra.config.declaration import PROJECT_FILE
from infra.config.problems import NAMESPACE

SECRET = "correct-horse-battery-staple"
"""What is typed where a secret is asked for."""
_FLAGS = {"--path", "--secret"}
_SECRETIVE = re.compile("(?i)passwd|pass|password|pwd|secret|token")
"""Of `keyPattern` in pkg/cmd/pulumi/config/config.go: a long plain text there is refused."""


class Refused(Exception):
    """Pulumi's command line would not do it."""


def run(command: str, config: dict[str, Any]) -> None:
    """Change `config`, which is keyed as the file is, as the command would."""
    words = shlex.split(command)
    if words[:2] != ["pulumi", "config"] or words[2] not in {"set", "rm"} or "--stack" not in words:
        raise Refused(f"no pulumi config command that names its stack: {command}")
    verb, at = words[2], words.index("--stack")
    flags = _FLAGS.intersection(words)
    arguments = [word for word in words[3:at] + words[at + 2 :] if word not in flags]
    if "--" in arguments:  # The command line takes what follows as it is.
        arguments.remove("--")
    elif any(word.startswith("-") for word in arguments):
        raise Refused(f"unknown flag: {command}")
    if len(arguments) > 2:
        raise Refused(f"one argument too many: {command}")
    namespace, _, name = arguments[0].partition(":")
    segments = parsed(name) if "--path" in flags else [name]
    path = [f"{namespace}:{segments[0]}", *segments[1:]]
    if verb == "rm":
        _remove(config, path)
        return
    value: Any = arguments[1] if len(arguments) > 1 else None
    if value is None and "--secret" not in flags:
        raise Refused(f"Pulumi would ask for the value: {command}")
    if "--secret" not in flags and _SECRETIVE.search(name):
        raise Refused(f"Pulumi takes long values for secrets where a key says so: {command}")
    if "--secret" in flags:
        value = {"secure": value or SECRET}
    elif len(path) > 1:
        value = _coerced(value)
    _set(config, path, value)


def handed_over(config: dict[str, Any]) -> dict[str, str]:
    """Return what the program gets: each key as text, and the project's default of each that the stack has not set."""
    project = yaml.safe_load(PROJECT_FILE.read_text(encoding="utf-8"))["config"]
    defaults = {key if ":" in key else f"{NAMESPACE}:{key}": _default(entry) for key, entry in project.items()}
    return {key: _text(value) for key, value in {**defaults, **_decrypted(config)}.items()}


def _default(entry: Any) -> Any:
    return entry["default"] if isinstance(entry, dict) else entry


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def parsed(path: str) -> list[str | int]:
    """Return the segments of a property path."""
    segments: list[str | int] = []
    while path:
        if path[0] == ".":
            path = path[1:]
        elif path.startswith('["'):
            name, at = "", 2
            while path[at : at + 1] != '"':
                if at >= len(path):
                    raise Refused("missing closing quote in property name")
                escaped = path[at : at + 2] == '\\"'
                name += '"' if escaped else path[at]
                at += 2 if escaped else 1
            segments.append(name)
            path = path[at + 2 :]
        elif path[0] == "[":
            index, _, path = path[1:].partition("]")
            segments.append(int(index))
        else:
            end = min((at for at in (path.find("."), path.find("[")) if at >= 0), default=len(path))
            segments.append(path[:end])
            path = path[end:]
    return segments


def _coerced(value: str) -> Any:
    if value in {"true", "false"}:
        return value == "true"
    is_whole = value.lstrip("+-").isascii() and value.lstrip("+-").isdigit()
    return int(value) if is_whole and not (len(value) > 1 and value[0] == "0") else value


def _set(config: dict[str, Any], path: list[Any], value: Any) -> None:
    cursor: Any = config
    for depth, (segment, following) in enumerate(pairwise(path)):
        found = _got(cursor, segment)
        if found is None or (depth == 0 and not isinstance(found, dict | list)):
            found = [] if isinstance(following, int) else {}
            _put(cursor, segment, found)
        cursor = found
    _put(cursor, path[-1], value)


def _got(container: Any, segment: Any) -> Any:
    if isinstance(container, list):
        return container[segment] if isinstance(segment, int) and segment < len(container) else None
    return container.get(segment)


def _put(container: Any, segment: Any, value: Any) -> None:
    if isinstance(container, list):
        if not isinstance(segment, int) or segment > len(container):
            raise Refused(f"array index out of range, or no index: {segment}")
        container[segment : segment + 1] = [value]
    elif isinstance(container, dict) and isinstance(segment, str):
        container[segment] = value
    else:
        raise Refused(f"expected a map or an array at {segment}")


def _remove(config: dict[str, Any], path: list[Any]) -> None:
    cursor: Any = config
    for segment in path[:-1]:
        cursor = _got(cursor, segment) if isinstance(cursor, dict | list) else None
    if isinstance(cursor, list) and isinstance(path[-1], int) and path[-1] < len(cursor):
        del cursor[path[-1]]
    elif isinstance(cursor, dict):
        cursor.pop(path[-1], None)


def _decrypted(value: Any) -> Any:
    if isinstance(value, dict):
        return value["secure"] if set(value) == {"secure"} else {key: _decrypted(part) for key, part in value.items()}
    return [_decrypted(entry) for entry in value] if isinstance(value, list) else value
