"""What a KMS key of one's own does to requests and deliveries, which the emulator does not ask: see `local/emulator/amendments.py`.

- Who reads or writes an object, and who receives, sends or publishes a message, needs actions on the key of the bucket, queue or topic,
  by its own policies and the key's. A HEAD needs none. An object has the key that its bucket has now.
- S3, SNS and EventBridge send to a queue, CloudWatch publishes to a topic, and CloudFront reads a bucket, if the key's policy lets them.

Nothing is encrypted, no data key is reused, and a key's state, its grants and `kms:ViaService` are not looked at.
Relies on inner names of the pinned version; one that is gone stops the emulator at its start.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_READ: Final = ("kms:Decrypt",)
_SEND: Final = ("kms:GenerateDataKey", "kms:Decrypt")
_NEEDED: Final = {
    "s3:GetObject": _READ,
    "s3:GetObjectVersion": _READ,
    "s3:PutObject": ("kms:GenerateDataKey",),
    "sqs:ReceiveMessage": _READ,
    "sqs:SendMessage": _SEND,
    "sns:Publish": _SEND,
}
_CODES: Final = {"s3": "AccessDenied", "sqs": "KmsAccessDenied", "sns": "KMSAccessDenied"}
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors and
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors"""
_ACTIONS_OF_ALARMS: Final = ("AlarmActions", "OKActions", "InsufficientDataActions")


def amend_kms() -> None:
    """Wrap the functions, before the first request."""
    _ask_for_callers()
    _ask_for_queues()
    _ask_for_alarms()
    _ask_for_distributions()


def _ask_for_callers() -> None:
    from ministack.core import iam_actions, iam_evaluator

    extract, enforce = iam_actions.extract_iam_action, iam_evaluator.enforce
    method: ContextVar[str] = ContextVar("method", default="")

    def extracted(service: str, method_: str, *rest: Any, **named: Any) -> str | None:
        method.set(method_)  # A HEAD has the action of a GET.
        action: str | None = extract(service, method_, *rest, **named)
        return action

    def enforced(access_key: str, action: str, service: str, *rest: Any, resource_arn: str = "*", **named: Any) -> Any:
        denied = enforce(access_key, action, service, *rest, resource_arn=resource_arn, **named)
        if denied is not None or action not in _NEEDED or method.get() == "HEAD":
            return denied
        key = _key_of(service, resource_arn)
        return _refusal(access_key, _NEEDED[action], key, _CODES[service]) if key else None

    iam_actions.extract_iam_action, iam_evaluator.enforce = extracted, enforced


def _refusal(access_key: str, actions: Sequence[str], key: str, code: str) -> Any:
    """Return an error for the first action that the caller may not do with the key, None if it may do all."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_account_id, get_region
    from ministack.services import kms

    caller = iam_evaluator.resolve_principal(access_key, get_account_id())
    if isinstance(caller, iam_evaluator.AuthError) or caller.policies is None:
        return None  # Refused elsewhere, or the account's root.
    for action in actions:
        context = iam_evaluator.EvalContext(caller.arn, caller.type, caller.account, action, key, get_region())
        by_identity = iam_evaluator.evaluate(context, caller.policies, *caller.limits)
        policy, owner = kms.key_policy_for_arn(key) or ("", get_account_id())
        decided = iam_evaluator.combine_resource_policy(
            by_identity, context, policy, owner, required=True, limits=caller.limits
        )
        if decided.decision != "Allow":
            sentence = f"User: {caller.arn} is not authorized to perform: {action} on resource: {key}"
            return iam_evaluator.AuthError(code, sentence)
    return None


def _ask_for_queues() -> None:
    from ministack.services import sqs

    allows = sqs.queue_policy_allows

    def allowed(queue_arn: str, service: str, source_arn: str, source_account: str) -> bool:
        key = _key_of("sqs", queue_arn)
        lets = not key or _lets(key, service, _SEND, source_arn, source_account)
        return lets and bool(allows(queue_arn, service, source_arn, source_account))

    sqs.queue_policy_allows = allowed


def _ask_for_alarms() -> None:
    from ministack.services import cloudwatch

    dispatch = cloudwatch._dispatch_alarm_actions

    def dispatched(alarm: Any, *rest: Any) -> None:
        told = {name: [arn for arn in alarm.get(name) or [] if _may_publish(alarm, arn)] for name in _ACTIONS_OF_ALARMS}
        dispatch({**alarm, **told}, *rest)

    cloudwatch._dispatch_alarm_actions = dispatched


def _may_publish(alarm: Any, topic_arn: str) -> bool:
    key = _key_of("sns", topic_arn)
    account = topic_arn.split(":")[4]
    return not key or _lets(key, "cloudwatch.amazonaws.com", _SEND, alarm.get("AlarmArn", ""), account)


def _ask_for_distributions() -> None:
    from ministack.services import s3

    allows = s3._cloudfront_origin_allows

    def allowed(owner: str, bucket: str, key: str, source_arn: str, *rest: Any) -> bool:
        kms_key = _key_of("s3", f"arn:aws:s3:::{bucket}/{key}")
        lets = not kms_key or _lets(kms_key, "cloudfront.amazonaws.com", _READ, source_arn, owner)
        return lets and bool(allows(owner, bucket, key, source_arn, *rest))

    s3._cloudfront_origin_allows = allowed


def _lets(key: str, service: str, actions: Sequence[str], source_arn: str, source_account: str) -> bool:
    """Whether the key's policy lets a service of AWS's do all this on behalf of a source."""
    from ministack.core import iam_evaluator
    from ministack.core.responses import get_region
    from ministack.services import kms

    policy, _owner = kms.key_policy_for_arn(key) or ("", "")
    source = {"aws:sourcearn": source_arn, "aws:sourceaccount": source_account}
    contexts = [
        iam_evaluator.EvalContext("*", "Service", "", action, key, get_region(), service_context=source)
        for action in actions
    ]
    return all(
        iam_evaluator.evaluate_resource_policy(policy, context, service=service).decision == "Allow"
        for context in contexts
    )


def _key_of(service: str, arn: str) -> str:
    """Return the ARN of the key of a queue, a topic or an object's bucket; nothing where it is AWS's own."""
    from ministack.services import s3, sns, sqs

    if service == "s3":
        bucket = arn.rpartition(":")[2].partition("/")[0]
        key = s3._bucket_default_sse_headers(bucket).get("x-amz-server-side-encryption-aws-kms-key-id", "")
    else:
        thing = sqs._queue_by_arn(arn) if service == "sqs" else sns._topic_by_arn_any_scope(arn)
        key = ((thing or {}).get("attributes") or {}).get("KmsMasterKeyId", "")
    return key if str(key).startswith("arn:") else ""
