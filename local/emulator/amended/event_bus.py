"""What EventBridge does for a queue and the emulator does not: its functions, wrapped in its own process.

- The queue's policy has to let the rule send. What cannot be sent is left in the target's dead-letter queue, if the policy of that
  lets it, as it was, with attributes that say why; at once, where AWS tries for a day what may pass
  (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html).
- AWS/Events counts what matched and what was sent, left and lost, by the rule's name
  (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html).
- An event says to the second when it happened (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html).

Relies on inner names of the pinned version; one that is gone stops the emulator at its start.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_SENDER: Final = "events.amazonaws.com"
_RULE: Final = "rule "
"""How the emulator names the owner of a pattern that is a rule's: with its bus and its name, apart from an archive's."""


def amend_event_bus() -> None:
    """Wrap the functions, before the first request."""
    _count_matches()
    _keep_what_a_queue_does_not_take()
    _tell_seconds()


def _count_matches() -> None:
    from ministack.services import eventbridge

    match = eventbridge._matches_pattern_view

    def matched(pattern: Any, view: Any, owner: str = "rule") -> bool:
        found = bool(match(pattern, view, owner))
        if found and owner.startswith(_RULE):
            for metric in ("MatchedEvents", "TriggeredRules"):
                _count(metric, owner.rpartition("|")[2])
        return found

    eventbridge._matches_pattern_view = matched


def _keep_what_a_queue_does_not_take() -> None:
    from ministack.services import eventbridge, sqs

    invoke = eventbridge._invoke_target

    def invoked(target: Any, event: Any, rule: Any, view: Any = None) -> None:
        arn, name = target["Arn"], rule["Name"]
        _count("Invocations", name)
        failure = _refusal(sqs, arn, rule) if ":sqs:" in arn else None
        if failure is None:
            invoke(target, event, rule, view)
            return
        _count("FailedInvocations", name)
        letters = target.get("DeadLetterConfig", {}).get("Arn")
        if letters and _refusal(sqs, letters, rule) is None:
            body = json.dumps((view or eventbridge._pattern_event_view(event)).event_with_detail())
            _leave(sqs, eventbridge.parse_arn(letters), body, {"RULE_ARN": rule["Arn"], "TARGET_ARN": arn, **failure})
            _count("InvocationsSentToDlq", name)
        elif letters:
            _count("InvocationsFailedToBeSentToDlq", name)

    eventbridge._invoke_target = invoked


def _tell_seconds() -> None:
    from ministack.services import eventbridge

    tell = eventbridge._event_time_string
    eventbridge._event_time_string = lambda event: re.sub(r"\.\d+Z$", "Z", tell(event))


def _refusal(sqs: Any, arn: str, rule: Any) -> dict[str, str] | None:
    """Return why the queue does not take what the rule sends, as attributes; None if it does."""
    region, account = arn.split(":")[3:5]
    if sqs._queue_by_arn(arn) is None:
        return {"ERROR_CODE": "NO_RESOURCE", "ERROR_MESSAGE": "The specified queue does not exist."}
    if not sqs.queue_policy_allows(arn, _SENDER, rule["Arn"], account):
        message = f"Access to the resource https://sqs.{region}.amazonaws.com/ is denied."
        return {"ERROR_CODE": "NO_PERMISSIONS", "ERROR_MESSAGE": message}
    return None


def _leave(sqs: Any, arn: Any, body: str, texts: dict[str, str]) -> None:
    from ministack.services import eventbridge

    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
    with (
        sqs._queues_lock
    ):  # The one of `local/emulator/amended/queues.py`: nobody receives the message before it is whole.
        eventbridge._dispatch_to_sqs(arn, body)
        sqs._queue_by_arn(str(arn))["messages"][-1]["message_attributes"] = attributes


def _count(metric: str, rule: str) -> None:
    from ministack.services import cloudwatch

    cloudwatch.record_metric("AWS/Events", metric, 1, "Count", {"RuleName": rule})
