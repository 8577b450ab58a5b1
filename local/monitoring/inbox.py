"""The operator's inbox on this computer: every alarm's notification, in `inbox.jsonl` while the stack runs.

A queue is subscribed to the alarm topic, as an e-mail address would be on AWS.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from local.cloud import Cloud

FILE: Final = "inbox.jsonl"
_QUEUE: Final = "alarm-inbox"


@dataclass(frozen=True)
class Inbox:
    """One topic's notifications.

    Attributes:
        file: Where they are, one a line as CloudWatch writes them, oldest first.
    """

    cloud: Cloud
    queue_url: str
    file: Path

    @classmethod
    def open(cls, cloud: Cloud, topic_arn: str, directory: Path) -> Inbox:
        """Subscribe a new inbox to the topic."""
        queue_arn = cloud.arn("sqs", _QUEUE)
        attributes = {"Policy": json.dumps(_accept(topic_arn, queue_arn))}
        url = cloud.client("sqs").create_queue(QueueName=_QUEUE, Attributes=attributes)["QueueUrl"]
        raw = {"RawMessageDelivery": "true"}
        cloud.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue_arn, Attributes=raw)
        file = directory / FILE
        file.write_text("")
        return cls(cloud, url, file)

    def collect(self) -> None:
        """Move what has arrived into the file."""
        sqs = self.cloud.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10).get("Messages", []):
            with self.file.open("a") as lines:
                lines.writelines(json.dumps(json.loads(message["Body"])) + "\n" for message in messages)
            for message in messages:
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])

    def notifications(self) -> list[dict[str, Any]]:
        """Return the notifications so far, of alarms that went off and of alarms that are OK again.

        Not the first OK of each alarm, which only says that it is watching.
        """
        notes = [json.loads(line) for line in self.file.read_text().splitlines()]
        return [each for each in notes if "ALARM" in {each["NewStateValue"], each["OldStateValue"]}]


def _accept(topic_arn: str, queue_arn: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
