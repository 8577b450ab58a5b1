"""Configuration values, read one by one, with every wrong one collected instead of stopping at the first.

Knows nothing of which keys there are: `infra.config.stack_config` does.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import pulumi

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_ABSENT: Final = "(not set)"
_HIDDEN: Final = "a secret that is not shown"


class PartError(ValueError):
    """A part of a structured value is wrong.

    Attributes:
        path: Of the part, such as `[0].width`; empty for the whole.
        example: A right value for it; None where it can only go, or where the value is to go back to its default.
    """

    def __init__(self, message: str, path: str = "", example: str | None = None) -> None:
        super().__init__(message)
        self.path = path
        self.example = example


class Source(Protocol):
    """What `pulumi.Config` is to this module: text by key."""

    name: str

    def get(self, key: str) -> str | None:
        """Return the value of `key`, or nothing where it has none."""


@dataclass(frozen=True)
class Problem:
    """One wrong value.

    Attributes:
        key: With its namespace, such as `image-pipeline:batchSize`.
        value: As it is configured.
        takes: What would be right.
        example: A right value for the key, or for its part at `path`; None where that is to be removed.
        path: Of a structured value's part, such as `[0].width`.
        secret: Whether the value is one, which the command asks for instead of being given it.
    """

    key: str
    value: str
    takes: str
    example: str | None
    path: str = ""
    secret: bool = False

    def __str__(self) -> str:
        """Say what is wrong, in a line."""
        return f"{self.key} is {self.value}; it takes {self.takes}"

    def command(self, stack: str) -> str:
        """Return the command that sets it right.

        A structured value is set part by part: Pulumi refuses a text where Pulumi.yaml declares an array or an object
        (https://www.pulumi.com/docs/iac/concepts/config/#structured-configuration).
        """
        if self.secret:
            return shlex.join(["pulumi", "config", "set", "--stack", stack, "--secret", self.key])
        verb = "rm" if self.example is None else "set"
        where = ["--path", self.key + self.path] if self.path else [self.key]
        return shlex.join(["pulumi", "config", verb, "--stack", stack, *where, *filter(None, [self.example])])


class ConfigError(pulumi.RunError):
    """The stack's configuration is wrong; a `RunError`, so that Pulumi shows the message without a traceback."""

    def __init__(self, stack: str, problems: tuple[Problem, ...]) -> None:
        lines = [f"  {problem}\n    {problem.command(stack)}" for problem in problems]
        super().__init__(
            "\n".join([f"The configuration is wrong. Fix Pulumi.{stack}.yaml, or run the command below each:", *lines])
        )


@dataclass
class Values:
    """Reads values of one namespace; a wrong one gives a stand-in of the right type and a problem."""

    source: Source
    problems: list[Problem] = field(default_factory=list)

    def integer(self, key: str, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        text = self._text(key)
        if re.fullmatch(r"-?\d{1,10}", text) and low <= int(text) <= high:
            return int(text)
        self.refuse(key, f"a whole number from {low} to {high}", str(low))
        return low

    def choice(self, key: str, choices: Collection[str]) -> str:
        """Return one of `choices`."""
        text = self._text(key)
        if text not in choices:
            self.refuse(key, f"one of {', '.join(choices)}", next(iter(choices)))
        return text

    def text(self, key: str, pattern: str, takes: str, example: str) -> str:
        """Return text that matches `pattern` as a whole."""
        text = self._text(key)
        if not re.fullmatch(pattern, text):
            self.refuse(key, takes, example)
        return text

    def secret(self, key: str, pattern: str, takes: str) -> str:
        """Return text that matches `pattern` as a whole, or nothing; a wrong value is not shown."""
        text = self._text(key)
        if text and not re.fullmatch(pattern, text):
            self.refuse_secret(key, takes)
        return text

    def flag(self, key: str) -> bool:
        """Return true or false."""
        return self.choice(key, ("true", "false")) == "true"

    def document(self, key: str, parse: Callable[[Any], Any], takes: str) -> Any:
        """Return what `parse` makes of a structured value, or nothing where it raises `PartError`."""
        try:
            return parse(json.loads(self._text(key)))
        except json.JSONDecodeError:
            self.refuse(key, takes, None)
        except PartError as exc:
            self.refuse(key, f"{takes}: {exc}", exc.example, exc.path)
        return None

    def refuse(self, key: str, takes: str, example: str | None, path: str = "") -> None:
        """Note that the value of `key`, or of its part at `path`, is wrong."""
        value = self._text(key)
        shown = repr(value) if value else _ABSENT
        self.problems.append(Problem(f"{self.source.name}:{key}", shown, takes, example, path))

    def refuse_secret(self, key: str, takes: str) -> None:
        """Note that a secret value is wrong, without it."""
        shown = _HIDDEN if self._text(key) else _ABSENT
        self.problems.append(Problem(f"{self.source.name}:{key}", shown, takes, None, secret=True))

    def _text(self, key: str) -> str:
        return self.source.get(key) or ""
