"""Who sent a foreign message, told by each kind of id that SQS gives, with what finds it."""

from __future__ import annotations

import shlex

import pytest

from ops.queues.sender import described, sender_in
from worker.contracts.names import SENT_BY

USER, ROLE, ACCOUNT = "AIDACKCEVSQ6C2EXAMPLE", "AROADBQP57FF2AEXAMPLE", "123456789012"


@pytest.mark.parametrize(
    ("id_", "words", "command"),
    [
        (
            USER,
            f"the user with id {USER}",
            f"aws iam list-users --query \"Users[?UserId=='{USER}'].Arn\" --output text",
        ),
        (
            f"{ROLE}:worker",
            f"the role with id {ROLE}, session worker",
            f"aws iam list-roles --query \"Roles[?RoleId=='{ROLE}'].Arn\" --output text",
        ),
        (
            ROLE,
            f"the role with id {ROLE}",
            f"aws iam list-roles --query \"Roles[?RoleId=='{ROLE}'].Arn\" --output text",
        ),
        (ACCOUNT, f"the root user of account {ACCOUNT}", "aws sts get-caller-identity --query Account --output text"),
        (
            f"{ACCOUNT}:bob",
            f"the federated user bob of account {ACCOUNT}",
            "aws sts get-caller-identity --query Account --output text",
        ),
        ("s3.amazonaws.com", "a service of AWS, s3.amazonaws.com", None),
        ("AIDA", "AIDA, which is no id of a user or a role", None),
        (f"{USER}';ls", f"{USER}';ls, which is no id of a user or a role", None),
    ],
)
def test_a_sender_is_told_by_the_kind_of_its_id(id_, words, command):
    """With a command that a shell takes as it is, in which nothing stands that the sender chose."""
    sender = described(id_)
    assert sender.words.startswith(words)
    assert sender.command == command
    assert command is None or shlex.split(command)[0] == "aws"


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        (f"The message is no JSON.{SENT_BY}{ROLE}:i-0abc.", f"the role with id {ROLE}, session i-0abc"),
        (f"The key ' Sent by {USER}.' is odd.{SENT_BY}{ACCOUNT}.", f"the root user of account {ACCOUNT}"),
        ("The message is no JSON.", None),
        (f"{SENT_BY}{USER}. And more.", None),
        (None, None),
    ],
)
def test_it_is_read_at_the_end_of_a_detail(detail, words):
    """What stands before is the foreign message's own text."""
    sender = sender_in(detail)
    assert (sender and sender.words[: len(words or "")]) == words
