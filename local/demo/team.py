"""A bucket that another team has, to rehearse an adoption: pictures in it, and a queue and a topic that are told of changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from local import ROOT

if TYPE_CHECKING:
    from local.cloud import Cloud

BUCKET: Final = "team-pictures"
_SAMPLES: Final = ("rocket.jpg", "coffee.png", "retina.jpg")


def make_team_bucket(cloud: Cloud) -> None:
    """Make all of it, before anything is deployed."""
    s3, sqs = cloud.client("s3"), cloud.client("sqs")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for name in _SAMPLES:
        s3.put_object(Bucket=BUCKET, Key=f"photos/{name}", Body=(ROOT / "samples" / name).read_bytes())
    queue, topic = cloud.arn("sqs", "team-index"), cloud.client("sns").create_topic(Name="team-removals")["TopicArn"]
    sqs.create_queue(QueueName="team-index", Attributes={"Policy": _from_s3("sqs:SendMessage", queue)})
    policy = _from_s3("sns:Publish", topic)
    cloud.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    s3.put_bucket_notification_configuration(
        Bucket=BUCKET,
        NotificationConfiguration={
            "QueueConfigurations": [{"Id": "index", "QueueArn": queue, "Events": ["s3:ObjectCreated:*"]}],
            "TopicConfigurations": [{"Id": "removals", "TopicArn": topic, "Events": ["s3:ObjectRemoved:*"]}],
        },
    )


def _from_s3(action: str, resource: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{BUCKET}"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
