"""Who sent a message that is nobody's event, in words, and what finds it. Pure.

SQS names the principal's id
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html), whose first letters say what it is
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids). Behind a role's id is the
name of the session: a function's name, an instance's id, or what who assumed it chose
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from worker.contracts.names import SENT_BY

_ID: Final = re.compile(rf"{SENT_BY}(\S{{1,200}})\.$")
_ACCOUNT: Final = re.compile(r"(\d{12})(?::(.+))?")
_ROLE: Final = re.compile(r"(AROA[A-Z0-9]+)(?::(.+))?")
_USER: Final = re.compile(r"AIDA[A-Z0-9]+")
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")
_WHOSE: Final = "aws sts get-caller-identity --query Account --output text"


@dataclass(frozen=True)
class Sender:
    """Who it is, in words; and the command that finds it, None where there is none."""

    words: str
    command: str | None

    def __str__(self) -> str:
        """Return both."""
        return f"{self.words}: {self.command}" if self.command else self.words


def sender_in(detail: str | None) -> Sender | None:
    """Return who is named at the end of a dead letter's detail; None where nobody is."""
    found = _ID.search(detail or "")
    return described(found[1]) if found else None


def described(id_: str) -> Sender:
    """Return who has the id that SQS gives for a message's sender."""
    if _USER.fullmatch(id_):
        return Sender(f"the user with id {id_}, or a service of AWS where no user has it", _listed("user", id_))
    if role := _ROLE.fullmatch(id_):
        session = f", session {role[2]}" if role[2] else ""
        return Sender(f"the role with id {role[1]}{session}", _listed("role", role[1]))
    if account := _ACCOUNT.fullmatch(id_):
        who = f"the federated user {account[2]}" if account[2] else "the root user"
        return Sender(f"{who} of account {account[1]}; the number of yours", _WHOSE)
    if _SERVICE.fullmatch(id_):
        return Sender(f"a service of AWS, {id_}", None)
    return Sender(f"{id_}, which is no id of a user or a role", None)


def _listed(kind: str, id_: str) -> str:
    """Return the command that prints the ARN, and nothing where another account has the id."""
    name = kind.capitalize()
    return f"aws iam list-{kind}s --query \"{name}s[?{name}Id=='{id_}'].Arn\" --output text"
