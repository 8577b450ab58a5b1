"""What AWS does and the emulator does not: its functions, wrapped in its own process.

- Alarms keep their metric queries, and are evaluated by `local/monitoring/alarms.py` alone: the emulator's own evaluation sees a
  metric's data of every dimension, and knows neither missing data nor metric math.
- Every deleted message is counted in AWS/SQS.
- Distributions, HTTP APIs and their permissions: `local/emulator/amended/gateway.py`; the access log: `local/emulator/amended/access_log.py`.
- Distributions keep answers, and run functions, as `local/emulator/amended/edge.py` says.
- Functions are counted, updated and fail as `local/emulator/amended/functions.py` says.
- A long queue is as fast as a short one: `local/emulator/amended/queues.py`. So are metrics: the emulator looks through all that it has
  at every request, for any of two weeks ago; no stack here becomes as old.
- Requests are authorized by the actions and resources of `local/emulator/amended/authorization.py`.
- A restore from an archive takes longer by the slower tiers: the emulator has two seconds for all.
- Subscribers are delivered to as `local/emulator/amended/fanout.py` says, functions as `local/emulator/amended/pages.py` says.
- Rules of EventBridge send to queues as `local/emulator/amended/event_bus.py` says.
- Keys of KMS are asked as `local/emulator/amended/kms.py` says.
- Messages name their senders as `local/emulator/amended/senders.py` says.

Relies on inner names of the pinned version; one that is gone stops the emulator at its start.
"""

from __future__ import annotations

from typing import Any, Final

from local.emulator.amended.access_log import amend_access_log
from local.emulator.amended.authorization import amend_authorization
from local.emulator.amended.edge import amend_edge
from local.emulator.amended.event_bus import amend_event_bus
from local.emulator.amended.fanout import amend_fanout
from local.emulator.amended.functions import amend_functions
from local.emulator.amended.gateway import amend_gateway
from local.emulator.amended.kms import amend_kms
from local.emulator.amended.pages import amend_pages
from local.emulator.amended.queues import amend_queues
from local.emulator.amended.senders import amend_senders

RESTORE_SECONDS: Final = {b"Expedited": 2.0, b"Standard": 20.0, b"Bulk": 600.0}
"""By tier, where AWS takes minutes, hours, and half a day."""


def amend() -> None:
    """Wrap the functions, before the first request."""
    _keep_metric_queries()
    amend_functions()
    amend_queues()
    amend_senders()
    _count_deletions()
    amend_authorization()
    amend_gateway()
    amend_edge()
    amend_access_log()
    amend_fanout()
    amend_event_bus()
    amend_kms()
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
