"""What the embedded AWS gives no meaning to.

Properties that are sent nowhere are in `LEFT_OUT`. Others are sent, stored and returned, and change nothing:

- S3: lifecycle rules (nothing expires or moves). S3, SQS and SNS: encryption, but for who may use the key (`local/emulator/amended/kms.py`).
- CloudWatch: the days that a log is kept, dashboards, and named queries, of which only the log groups are checked: the
  emulator answers a part of the query language, and answers the rest wrongly.
- Lambda: memory (the worker reads it, nothing limits the process to it), architecture and runtime (this computer's
  processor and interpreter), the log's format, tracing (the role's permission is checked), the batching window.
- CloudFront: price class, HTTP version, IPv6, aliases, the certificate (see `local/emulator/server.py`), restrictions,
  compression. What is kept at the edge, and what not: `local/emulator/amended/edge.py`.
- API Gateway: the integration's timeout (the function's own holds) and `autoDeploy`.
- EventBridge: scheduled rules fire by this computer's clock, which it looks at every ten seconds. What a rule cannot send to a queue is
  not tried again for a day: `local/emulator/amended/event_bus.py`.
- SNS: e-mail is written to a file; nothing leaves this computer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LEFT_OUT: Final[Mapping[tuple[str, str], str]] = {
    ("pulumi:providers:aws", "skipCredentialsValidation"): "there is no provider process that would validate anything",
    ("pulumi:providers:aws", "skipRegionValidation"): "same",
}
"""Properties that are not sent anywhere."""
