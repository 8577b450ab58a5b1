"""What AWS does and the emulator does not: its functions, wrapped in its own process.

- Alarms keep their metric queries, and are evaluated by `local/monitoring/alarms.py` alone: the emulator's own evaluation sees a
  metric's data of every dimension, and knows neither missing data nor metric math.
- Every deleted message is counted in AWS/SQS.
- Distributions, HTTP APIs and their permissions: `local/emulator/gateway.py`; the access log: `local/emulator/access_log.py`.
- Distributions keep answers, and run functions, as `local/emulator/edge.py` says.
- Functions are counted, updated and fail as `local/emulator/functions.py` says.
- A long queue is as fast as a short one: `local/emulator/queues.py`. So are metrics: the emulator looks through all that it has
  at every request, for any of two weeks ago; no stack here becomes as old.
- A batch request of SQS or SNS needs the action of the single request: IAM has none of its own
  (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html).
- A log group is named in policies with `:*` behind it
  (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html).
- A restore from an archive takes longer by the slower tiers: the emulator has two seconds for all.
- Subscribers are delivered to as `local/emulator/fanout.py` says, functions as `local/emulator/pages.py` says.

Relies on inner names of the pinned version; one that is gone stops the emulator at its start.
"""

from __future__ import annotations

from typing import Any, Final

from local.emulator.access_log import amend_access_log
from local.emulator.edge import amend_edge
from local.emulator.fanout import amend_fanout
from local.emulator.functions import amend_functions
from local.emulator.gateway import amend_gateway
from local.emulator.pages import amend_pages
from local.emulator.queues import amend_queues

RESTORE_SECONDS: Final = {b"Expedited": 2.0, b"Standard": 20.0, b"Bulk": 600.0}
"""By tier, where AWS takes minutes, hours, and half a day."""


def amend() -> None:
    """Wrap the functions, before the first request."""
    _keep_metric_queries()
    amend_functions()
    amend_queues()
    _count_deletions()
    _authorize_batches()
    _name_log_groups()
    amend_gateway()
    amend_edge()
    amend_access_log()
    amend_fanout()
    amend_pages()
    _take_time_to_restore()


def _keep_metric_queries() -> None:
    from ministack.services import cloudwatch

    put = cloudwatch._put_metric_alarm

    def put_with_queries(params: Any, document: Any, *protocol: Any) -> Any:
        answer = put(params, document, *protocol)
        alarm = cloudwatch._alarms.get(document.get("AlarmName", ""))
        if alarm is not None and document.get("Metrics"):
            alarm["Metrics"] = document["Metrics"]
        return answer

    cloudwatch._put_metric_alarm = put_with_queries
    assert callable(cloudwatch._evaluate_alarm)
    assert callable(cloudwatch._evict_old_metrics)
    cloudwatch._evaluate_alarm = lambda _alarm: None
    cloudwatch._evict_old_metrics = lambda: None


def _count_deletions() -> None:
    from ministack.services import cloudwatch, sqs

    def counted(delete: Any, queue_of: Any) -> Any:
        def counting(*args: Any) -> Any:
            queue = queue_of(*args)
            before = len(queue["messages"])
            answer = delete(*args)
            deleted = max(0, before - len(queue["messages"]))
            cloudwatch.record_metric(
                "AWS/SQS", "NumberOfMessagesDeleted", deleted, "Count", {"QueueName": queue["name"]}
            )
            return answer

        return counting

    def of_request(data: Any, url: str) -> Any:
        return sqs._get_q(data.get("QueueUrl", url))

    for action in ("DeleteMessage", "DeleteMessageBatch"):
        sqs._HANDLERS[action] = counted(sqs._HANDLERS[action], of_request)
    sqs._delete_messages_for_esm = counted(
        sqs._delete_messages_for_esm,
        lambda url, _handles: sqs._get_q(url),
    )


def _take_time_to_restore() -> None:
    from ministack.services import s3

    restore = s3._restore_object
    usual = s3._RESTORE_DELAY_SECONDS

    def restored(bucket: str, key: str, body: bytes) -> Any:
        s3._RESTORE_DELAY_SECONDS = next((time_ for tier, time_ in RESTORE_SECONDS.items() if tier in body), usual)
        return restore(bucket, key, body)

    s3._restore_object = restored


def _authorize_batches() -> None:
    from ministack.core import iam_actions

    extract = iam_actions.extract_iam_action

    def extracted(*args: Any, **kwargs: Any) -> str | None:
        action: str | None = extract(*args, **kwargs)
        return action.removesuffix("Batch") if action and action.startswith(("sqs:", "sns:")) else action

    iam_actions.extract_iam_action = extracted


def _name_log_groups() -> None:
    from ministack.core import iam_actions

    extract = iam_actions.extract_resource_arn

    def extracted(service: str, *args: Any, **kwargs: Any) -> str:
        arn: str = extract(service, *args, **kwargs)
        return f"{arn}:*" if service == "logs" and ":log-group:" in arn and not arn.endswith(":*") else arn

    iam_actions.extract_resource_arn = extracted
