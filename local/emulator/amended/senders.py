"""Who sent a message, as SQS says it and the emulator does not: its functions, wrapped in its own process.

The id of the user, or the role's with the session's name
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html), where the emulator has the number
of the account. Of the root user, that is the id
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable).
"""

from __future__ import annotations

from typing import Any


def amend_senders() -> None:
    """Wrap the functions, before the first request."""
    _keep_senders()
    _hand_senders_over()


def _keep_senders() -> None:
    from ministack.core import iam_evaluator
    from ministack.services import sqs

    build = sqs._build_send_sys_attrs
    assert callable(iam_evaluator.resolve_caller_identity)

    def with_sender(now: float, given: Any) -> Any:
        caller = iam_evaluator.resolve_caller_identity(iam_evaluator._verified_key.get())  # No key for the root user.
        attributes = build(now, given)
        return {**attributes, "SenderId": caller["userId"]} if caller and caller["userId"] else attributes

    sqs._build_send_sys_attrs = with_sender


def _hand_senders_over() -> None:
    """Have the records of an event for a function name who sent each message."""
    from ministack.services import lambda_svc

    run = lambda_svc._run_sqs_batch

    def run_with_senders(esm: Any, function: Any, event: Any, batch: Any, *rest: Any) -> Any:
        senders = {message["id"]: (message.get("sys") or {}).get("SenderId") for message in batch}
        for record in event["Records"]:
            record["attributes"]["SenderId"] = senders[record["messageId"]] or record["attributes"]["SenderId"]
        return run(esm, function, event, batch, *rest)

    lambda_svc._run_sqs_batch = run_with_senders
