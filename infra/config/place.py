"""A place in the configuration: what stands there is read and checked, and what is wrong is collected instead of raised.

Knows nothing of what a key is for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import chain, count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from infra.config.declaration import holds_secret, may_be_secret
from infra.config.nearest import closest, fits, spellings
from infra.config.problems import Change, Path, Problem, changes_to, shown, shown_to_pulumi, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True)
class Place:
    """A value, and where it stands. A wrong one gives a stand-in of the right type, and a problem.

    Attributes:
        path: From the key on.
        value: The stack's, laid over the default; None where there is none.
        default: Of `Pulumi.yaml`; None where that has nothing here.
        problems: Of the whole configuration, in the order in which they were found.
        encrypted: Keys whose values are kept encrypted: nothing of them is shown.
    """

    path: Path
    value: Any
    default: Any = None
    problems: list[Problem] = field(default_factory=list, repr=False)
    encrypted: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Return the path as people write it."""
        return text_of(self.path)

    def at(self, name: str | int) -> Place:
        """Return the place of a part."""
        return replace(self, path=(*self.path, name), value=_part(self.value, name), default=_part(self.default, name))

    @property
    def is_encrypted(self) -> bool:
        """Whether the value is kept encrypted; a part of an object is if any part of it is."""
        return self.path[0] in self.encrypted

    @property
    def text(self) -> str:
        """The value as Pulumi's command line would take it; empty where there is none."""
        return "" if self.value is None else shown_to_pulumi(self.value)

    def integer(self, low: int, high: int, otherwise: int | None = None) -> int:
        """Return a whole number from `low` to `high`; `otherwise` is proposed for what is no number, or the default."""
        number = _whole(self.value)
        if number is not None and low <= number <= high:
            return number
        default = low if self.default is None else int(self.default)
        nearest = (otherwise or default) if number is None else min(max(number, low), high)
        self.refuse(f"a whole number from {low} to {high}", nearest)
        return nearest

    def choice(self, choices: Collection[str], synonyms: Mapping[str, str] = MappingProxyType({})) -> str:
        """Return one of `choices`; `synonyms` are what other programs call them."""
        if self.text in choices:
            return self.text
        fallback = self.default if self.default in choices else next(iter(choices))
        nearest = synonyms.get(self.text.lower()) or closest(self.text, choices) or str(fallback)
        self.refuse(f"one of {', '.join(choices)}", nearest)
        return nearest

    def number_of(self, numbers: Collection[int]) -> int:
        """Return one of `numbers`."""
        number = _whole(self.value)
        if number in numbers:
            return int(number or 0)
        wanted = int(self.default) if number is None else number
        nearest = min(numbers, key=lambda known: abs(known - wanted))
        self.refuse(f"one of {', '.join(map(str, numbers))}", nearest)
        return nearest

    def matching(self, pattern: str, takes: str, example: str) -> str:
        """Return text that matches `pattern` as a whole; `example` is one that does, as near to the value as can be."""
        if isinstance(self.value, dict | list) or not re.fullmatch(pattern, self.text):
            self.refuse(takes, example)
            return example
        return self.text

    def flag(self) -> bool:
        """Return true or false."""
        if self.text in {"true", "false"}:
            return self.text == "true"
        meant = {"yes": True, "on": True, "1": True, "no": False, "off": False, "0": False}
        nearest = meant.get(self.text.lower(), bool(self.default))
        self.refuse("true or false", nearest)
        return nearest

    def parts(self) -> list[Place]:
        """Return the places of an object's parts, or of a list's entries; of anything else there are none."""
        if isinstance(self.value, dict):
            return [self.at(name) for name in self.value]
        return [self.at(index) for index in range(len(self.value))] if isinstance(self.value, list) else []

    def refuse_unknown(self, known: Collection[str], elsewhere: Mapping[Path, Any] | None = None) -> None:
        """Refuse each part that has no name of `known`, with the nearest that has one.

        Args:
            known: Names that parts have here.
            elsewhere: Defaults by the paths to look at, too: a part may stand in the wrong object.
        """
        defaults = self.default if isinstance(self.default, dict) else dict.fromkeys(known, "")
        others, siblings = elsewhere or {}, {(*self.path, name): defaults.get(name) for name in known}
        spelt = {**spellings(others), **{str(path[-1]): path for path in siblings}}
        for part in self.parts():
            if part.path[-1] not in known:
                part._refuse_name(self, known, spelt, {**others, **siblings})  # noqa: SLF001 - of the same class

    def refuse(self, takes: str, nearest: str | int | bool | None = None) -> None:
        """Say that the value is wrong, what it takes, and the nearest right one; None where it can only go."""
        self._add(f"{self} is {self._shown}; it takes {takes}", Change(self.path, nearest))

    def refuse_secret(self, takes: str) -> None:
        """Say that a secret is wrong or missing; Pulumi asks for it, so that it is in no shell's history."""
        self._add(f"{self} is {self._shown}; it takes {takes}", Change(self.path, secret=True))

    def renamed(self, takes: str, nearest: str, taken: Collection[str]) -> Place:
        """Say that this part's name is wrong and what a name takes; return the place by the nearest one that is free."""
        proposed = {change.path[: len(self.path)] for problem in self.problems for change in problem.changes}
        taken = {*taken, *(str(path[-1]) for path in proposed if path[:-1] == self.path[:-1])}
        free = next(name for name in chain([nearest], (f"{nearest}-{n}" for n in count(2))) if name not in taken)
        moved = (*self.path[:-1], free)
        self._add(f"{self} has a name that cannot be; it takes {takes}", Change(self.path), *self.moved_to(moved))
        return replace(self, path=moved)

    def refuse_for(self, sentence: str, *changes: Change) -> None:
        """Say with a sentence of its own what is wrong here, and what corrects it."""
        self._add(f"{self} {sentence}", *changes)

    def _refuse_name(
        self, parent: Place, known: Collection[str], spelt: Mapping[str, Path], defaults: Mapping[Path, Any]
    ) -> None:
        name = str(self.path[-1])
        near = closest(name, [word for word, path in spelt.items() if self._can_move(parent, path, defaults[path])])
        if near is not None:
            moved = spelt[near]
            self.refuse_for(f"is not a key; did you mean {text_of(moved)}?", Change(self.path), *self.moved_to(moved))
        elif (like := closest(name, known)) is not None:
            meant = text_of((*self.path[:-1], like))
            self.refuse_for(f"is not a key; did you mean {meant}? Set it anew there", Change(self.path))
        else:
            self.refuse_for(f"is not a key; there are {', '.join(known)}", Change(self.path))

    def _can_move(self, parent: Place, path: Path, default: Any) -> bool:
        """Whether the value has the shape of what is declared at `path`, and of what the stack has there already, and on the way."""
        there = parent.value if path[: len(parent.path)] == parent.path else None
        for name in path[len(parent.path) :]:
            if not (there is None or isinstance(there, dict)):
                return False
            there = _part(there, name)
        return fits(self.value, default) and (there is None or fits(self.value, there))

    def moved_to(self, path: Path) -> list[Change]:
        """Return the commands that set the value at another path; a secret is asked for, as is what may be one."""
        return [
            Change(change.path, secret=True) if self.is_encrypted or may_be_secret(change.path) else change
            for change in changes_to(path, self.value)
        ]

    @property
    def _shown(self) -> str:
        if self.value in (None, ""):
            return "not set"
        return "a secret that is not shown" if holds_secret(self.path) else shown(self.value)

    def _add(self, sentence: str, *changes: Change) -> None:
        """Note a problem; a change that contradicts an earlier one's waits until that one is made."""
        before = [change for problem in self.problems for change in problem.changes]
        able = tuple(change for change in changes if not any(change.contradicts(other) for other in before))
        self.problems.append(Problem(self.path, sentence, able))


def _part(value: Any, name: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    return value[name] if isinstance(value, list) and isinstance(name, int) and name < len(value) else None


def _whole(value: Any) -> int | None:
    """A number stands as text where it was set without a path; as a float where the engine parsed it."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return int(value) if isinstance(value, int) or (isinstance(value, float) and value.is_integer()) else None
