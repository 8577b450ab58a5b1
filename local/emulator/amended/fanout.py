"""What SNS does for subscribers and the emulator does not: its functions, wrapped in its own process.

- An e-mail is written to `mail.jsonl` in the engine's directory, a line each: there is nobody to confirm it, and no mail server.
- Nothing leaves this computer: an HTTPS endpoint elsewhere is not asked. One on the loopback needs no certificate that anybody
  knows, which would protect nothing there.
- What cannot be delivered goes to the dead-letter queue of its subscription; at once, where AWS would try for an hour or for weeks
  (https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html).

Relies on inner names of the pinned version; one that is gone stops the emulator at its start.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import os
import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

MAIL: Final = "mail.jsonl"
MAIL_VARIABLE: Final = "LOCAL_MAIL"
"""In the emulator's environment: the path of the file."""
_SECONDS: Final = 5


def amend_fanout() -> None:
    """Wrap the functions, before the first request."""
    from ministack.services import sns

    assert callable(sns._http_post_sync)
    sns._http_post_sync = _post
    _write_mail(sns)
    _keep_what_a_queue_does_not_take(sns)
    _keep_what_a_server_does_not_take(sns)


def _write_mail(sns: Any) -> None:
    fan_out = sns._fanout

    def with_mail(topic_arn: str, id_: str, message: str, subject: str, *rest: Any, **named: Any) -> None:
        fan_out(topic_arn, id_, message, subject, *rest, **named)
        structure = rest[0] if rest else named.get("message_structure") or ""
        attributes = rest[1] if len(rest) > 1 else named.get("message_attributes") or {}
        body = sns._resolve_message_for_protocol(message, structure, "email")
        for subscription in sns._topic_by_arn_any_scope(topic_arn)["subscriptions"]:
            if subscription["protocol"] == "email" and sns._matches_filter_policy(subscription, attributes, body):
                line = {"to": subscription["endpoint"], "subject": subject or None, "body": body}
                with Path(os.environ[MAIL_VARIABLE]).open("a", encoding="utf-8") as mail:
                    mail.write(json.dumps(line) + "\n")

    sns._fanout = with_mail


def _keep_what_a_queue_does_not_take(sns: Any) -> None:
    deliver = sns._deliver_to_sqs

    def delivered(endpoint: str, envelope: str, raw: bool, message: str, **named: Any) -> None:
        topic_arn = named.get("topic_arn", "")
        queue, account = sns._sqs._queue_by_arn(endpoint), topic_arn.split(":")[4]
        if queue and sns._sqs.queue_policy_allows(endpoint, "sns.amazonaws.com", topic_arn, account):
            deliver(endpoint, envelope, raw, message, **named)
        else:
            dead_letters = _dead_letters(sns, topic_arn, endpoint)
            if dead_letters:
                deliver(dead_letters, envelope, raw, message, **named)

    sns._deliver_to_sqs = delivered


def _keep_what_a_server_does_not_take(sns: Any) -> None:
    from ministack.core.iam_evaluator import pin_request_origin

    async def deliver(endpoint: str, payload: str) -> None:
        try:
            sns._http_post_sync(endpoint, payload, "Notification")
        except OSError as exc:
            sns.logger.warning("SNS HTTP delivery to %s failed: %s", endpoint, exc)
            topic_arn = json.loads(payload)["TopicArn"]
            region, account = topic_arn.split(":")[3:5]
            pin_request_origin("127.0.0.1", True)  # A thread of its own knows neither that nor the scope.
            with sns.request_scope(account, region):
                dead_letters = _dead_letters(sns, topic_arn, endpoint)
                if dead_letters:
                    sns._deliver_to_sqs(dead_letters, payload, False, payload, topic_arn=topic_arn)

    assert callable(sns._deliver_to_http)
    sns._deliver_to_http = deliver


def _dead_letters(sns: Any, topic_arn: str, endpoint: str) -> str | None:
    """Return the dead-letter queue of the subscription of `endpoint`, None where it has none, or is one itself."""
    for subscription in sns._topic_by_arn_any_scope(topic_arn)["subscriptions"]:
        policy = subscription["attributes"].get("RedrivePolicy")
        if subscription["endpoint"] == endpoint and policy:
            return str(json.loads(policy)["deadLetterTargetArn"])
    return None


def _post(endpoint: str, payload: str, kind: str) -> int:
    """POST as SNS does and return the status.

    Raises:
        OSError: Nobody is there, or answers with an error, or it is another computer.
    """
    address = urlsplit(endpoint)
    host = address.hostname or ""
    if host != "localhost" and not _is_loopback(host):
        raise OSError(f"{host} is another computer")
    # No redirects, no proxies: the loopback is the only place that this goes to.
    connection = (
        http.client.HTTPSConnection(address.netloc, timeout=_SECONDS, context=_unverified())
        if address.scheme == "https"
        else http.client.HTTPConnection(address.netloc, timeout=_SECONDS)
    )
    try:
        headers = {"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": kind}
        connection.request("POST", address.path or "/", payload.encode(), headers)
        status = connection.getresponse().status
    finally:
        connection.close()
    if status >= http.HTTPStatus.BAD_REQUEST:
        raise OSError(f"it answers {status}")
    return status


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
