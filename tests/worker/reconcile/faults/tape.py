"""A worker that can stop between any two requests: what it was answered so far is on its tape.

To go one request further, the worker runs from its start again, is answered from the tape, and stops when the tape
and its allowance are used up. No threads, so every interleaving can be had and had again; the worker's own code is
the production code, and it has to be deterministic but for what is on the tape.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from worker.contracts.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

Fate = Literal["answered", "fails", "answer lost"]
"""Of a request: it is done and answered; it is not done; it is done, and the answer is lost."""


class Paused(BaseException):
    """The worker stops here; nothing of it catches that."""


@dataclass
class Tape:
    """The answers to one worker's requests, in order."""

    answers: list[Callable[[], Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    position: int = 0
    allowance: int = 0
    fate: Fate = "answered"

    def rewind(self, allowance: int, fate: Fate = "answered") -> None:
        """Start again, with this number of requests more; `fate` is that of the first of them."""
        self.position, self.allowance, self.fate = 0, allowance, fate

    def request(self, name: str, perform: Callable[[], Any]) -> Any:
        """Return the answer to a request: from the tape, or by performing it."""
        if self.position == len(self.answers):
            if not self.allowance:
                raise Paused
            self.allowance -= 1
            self.requests.append(name)
            self.answers.append(self._perform(perform))
        self.position += 1
        return self.answers[self.position - 1]()

    def note(self, observe: Callable[[], Any]) -> Any:
        """Return what is observed without a request, such as the time; the same every time."""
        if self.position == len(self.answers):
            self.answers.append(_returns(observe()))
        self.position += 1
        return self.answers[self.position - 1]()

    def _perform(self, perform: Callable[[], Any]) -> Callable[[], Any]:
        fate, self.fate = self.fate, "answered"
        if fate == "fails":
            return _raises(ServiceUnavailable("injected"))
        try:
            answer = perform()
        except Exception as exc:  # noqa: BLE001 - an error is an answer like any other
            return _raises(exc)
        return _raises(ServiceUnavailable("injected: answer lost")) if fate == "answer lost" else _returns(answer)


def _returns(value: Any) -> Callable[[], Any]:
    return lambda: value


def _raises(error: Exception) -> Callable[[], Any]:
    def fail() -> Any:
        raise error

    return fail
