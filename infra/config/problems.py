"""Wrong values, and the `pulumi config` commands that correct them. Never shows a secret."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pulumi

if TYPE_CHECKING:
    from collections.abc import Callable

NAMESPACE: Final = "image-pipeline"
_PLAIN: Final = re.compile(r"[^.\[\]\"\s]+")

Path = tuple[str | int, ...]
"""From a key of the stack's to one of its parts. The key of a provider has its namespace: `aws:region`."""


def text_of(path: Path) -> str:
    """Return a path as `pulumi config set --path` reads it, such as `renditions.hero.width` or `source.suffixes[0]`.

    https://www.pulumi.com/docs/iac/cli/commands/pulumi_config_set/
    """
    key, *parts = path
    return str(key) + "".join(_segment(part) for part in parts)


def _segment(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    quoted = part.replace('"', '\\"')
    return f".{part}" if _PLAIN.fullmatch(part) else f'["{quoted}"]'


@dataclass(frozen=True)
class Change:
    """One command: it sets what is at `path`, asks for it where that is a secret, or removes it.

    Attributes:
        value: To set; None where it is asked for or removed.
        secret: Whether Pulumi asks for the value, so that it is in no shell's history.
    """

    path: Path
    value: str | int | bool | None = None
    secret: bool = False

    @property
    def sets(self) -> bool:
        """Whether something is at `path` afterwards."""
        return self.value is not None or self.secret

    @property
    def can_be_typed(self) -> bool:
        """Whether a command line can name the path and the value; a path of Pulumi's has no way to spell a backslash."""
        return self.command("s").isprintable() and not any("\\" in str(part) for part in self.path)

    def contradicts(self, other: Change) -> bool:
        """Whether both set something, one of them a part of what the other sets."""
        shorter, longer = sorted((self.path, other.path), key=len)
        return self.sets and other.sets and len(shorter) < len(longer) and longer[: len(shorter)] == shorter

    def command(self, stack: str) -> str:
        """Return the command for a shell."""
        key = text_of(self.path)
        words = ["pulumi", "config", "set" if self.sets else "rm", "--stack", stack]
        words += ["--secret"] if self.secret else []
        words += ["--path"] if len(self.path) > 1 else []
        value = [] if self.value is None else [shown_to_pulumi(self.value)]
        words += ["--"] if value and value[0].startswith("-") else []
        return shlex.join([*words, key if ":" in str(self.path[0]) else f"{NAMESPACE}:{key}", *value])

    def in_settings(self) -> str:
        """Return what to do in the program that gives a pipeline its settings."""
        if not self.sets:
            return f"leave out {text_of(self.path)}"
        return f"set {text_of(self.path)}" if self.value is None else f"set {text_of(self.path)} to {self.value!r}"


def changes_to(path: Path, value: Any) -> list[Change]:
    """Return the commands that set a value part by part, since Pulumi's command line takes no objects."""
    if isinstance(value, dict):
        return [change for name, part in value.items() for change in changes_to((*path, name), part)]
    if isinstance(value, list):
        entries = [part for part in value if changes_to(path, part)]  # A list grows by one at its end, without gaps.
        return [change for index, part in enumerate(entries) for change in changes_to((*path, index), part)]
    return [] if value is None else [Change(path, value)]


@dataclass(frozen=True)
class Problem:
    """One wrong value.

    Attributes:
        path: Of the value.
        sentence: The place, the value, and what it takes.
        changes: What corrects it, in order.
    """

    path: Path
    sentence: str
    changes: tuple[Change, ...]


class ConfigError(pulumi.RunError):
    """The stack's configuration is wrong; a `RunError`, so that Pulumi shows the message without a traceback."""

    def __init__(self, stack: str, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        headline = f"The configuration is wrong. Fix Pulumi.{stack}.yaml, or run the commands under each line:"
        super().__init__(_listed(headline, problems, lambda change: change.command(stack)))


class SettingsError(pulumi.RunError):
    """The settings that a program gives a pipeline are wrong; shown without a traceback, too."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        headline = f"The settings of ImagePipeline {name!r} are wrong. Under each line is what corrects it:"
        super().__init__(_listed(headline, problems, Change.in_settings))


def _listed(headline: str, problems: list[Problem], correction: Callable[[Change], str]) -> str:
    """Return problems for a terminal: what cannot be printed is escaped, and a change that cannot be typed is left out."""
    lines = [headline]
    for problem in problems:
        lines.append(f"  {_printable(problem.sentence)}")
        lines += [f"    {correction(change)}" for change in problem.changes if change.can_be_typed]
    return "\n".join(lines)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(value: Any) -> str:
    """Return a value for a person, in at most 80 characters."""
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - a line of a terminal


def shown_to_pulumi(value: str | int | bool) -> str:
    """Return a value as Pulumi's command line takes it: `true`, `false` and whole numbers keep their type in a path."""
    return value if isinstance(value, str) else json.dumps(value)
