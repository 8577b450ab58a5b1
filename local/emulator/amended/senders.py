"""Who sent a message, as SQS says it and the emulator does not: its function, wrapped in its own process.

The id of the user, or the role's with the session's name
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html), where the emulator has the number
of the account. Of the root user, that is the id
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable).
"""

from __future__ import annotations

from typing import Any


def amend_senders() -> None:
    """Wrap the function, before the first request."""
    from ministack.core import iam_evaluator
    from ministack.services import sqs

    build = sqs._build_send_sys_attrs
    assert callable(iam_evaluator.resolve_caller_identity)

    def with_sender(now: float, given: Any) -> Any:
        request = iam_evaluator._signed_request.get()  # None for the root user's.
        caller = iam_evaluator.resolve_caller_identity(request.access_key_id) if request else None
        attributes = build(now, given)
        return {**attributes, "SenderId": caller["userId"]} if caller and caller["userId"] else attributes

    sqs._build_send_sys_attrs = with_sender
