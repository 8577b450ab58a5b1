"""How the emulator's SNS hands a message to a function, and what becomes of one that fails: see `local/emulator/amendments.py`.

- A function is invoked only if its policy lets the topic; else the message is lost and counted, as by SNS
  (https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html).
- It is invoked asynchronously: what fails goes to the function's destination, which the emulator leaves to other callers alone.
- A destination gets it only if the function's role, or the topic, lets that role publish
  (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html); else that is counted.

Relies on inner names of the pinned version; one that is gone stops the emulator at its start.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any


def amend_pages() -> None:
    """Replace the functions, before the first request."""
    from ministack.services import cloudwatch, lambda_svc, sns

    assert callable(sns._deliver_to_lambda)

    def deliver(endpoint: str, envelope: str, topic_arn: str, subscription: str, *_: Any) -> None:
        function, config, _name = lambda_svc._get_func_record_for_ref(endpoint)
        if not function or not config or not _may_invoke(function, topic_arn):
            topic = {"TopicName": topic_arn.rpartition(":")[2]}
            cloudwatch.record_metric("AWS/SNS", "NumberOfNotificationsFailed", 1, "Count", topic)
            return
        record = {
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "EventSource": "aws:sns",
            "Sns": json.loads(envelope),
        }
        lambda_svc.invoke_async_with_retry(function, {"Records": [record]})

    send = lambda_svc._route_async_failure

    def sent(target: str, name: str, event: Any, result: Any) -> None:
        role = lambda_svc._functions[name]["config"]["Role"]
        if ":sns:" in target and not _may_publish(role, target):
            cloudwatch.record_metric("AWS/Lambda", "DestinationDeliveryFailures", 1, "Count", {"FunctionName": name})
            return
        send(target, name, event, result)

    sns._deliver_to_lambda, lambda_svc._route_async_failure = deliver, sent


def _may_invoke(function: Any, topic_arn: str) -> bool:
    policy = function.get("policy") or {"Statement": []}
    return any(
        statement["Principal"] == {"Service": "sns.amazonaws.com"}
        and fnmatchcase(topic_arn, statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", ""))
        for statement in policy["Statement"]
    )


def _may_publish(role_arn: str, topic_arn: str) -> bool:
    from ministack.core import iam_evaluator
    from ministack.services import sns

    account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    context = iam_evaluator.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=account,
        action="sns:Publish",
        resource_arn=topic_arn,
        region=topic_arn.split(":")[3],
        secure_transport=True,
    )
    identity = iam_evaluator.evaluate(context, iam_evaluator._gather_role_policies(name, account))
    policy, _owner = sns.topic_policy_for_arn(topic_arn)
    resource = iam_evaluator.evaluate_resource_policy(policy, context, named_only=True)
    decisions = {identity.decision, resource.decision}
    return "Deny" not in decisions and "Allow" in decisions
