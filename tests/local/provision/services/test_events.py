"""A rule of EventBridge and its target arrive in the emulator."""

from __future__ import annotations

import json

from tests.local.provision.properties import TAG_LIST, TAGS, make

PATTERN = json.dumps({"source": ["aws.s3"]})


def test_a_rule_has_its_pattern_and_its_target_a_queue_for_what_it_does_not_take(shop, cloud, queue):
    """EventRule: schedule, pattern, description and tags; EventTarget: whom it tells, and the dead-letter queue."""
    rule = make(
        shop,
        "aws:cloudwatch/eventRule:EventRule",
        "r",
        name="told",
        description="Tells.",
        scheduleExpression="rate(1 day)",
        eventPattern=PATTERN,
        tags=TAGS,
    )
    letters = {"arn": queue["arn"]}
    make(shop, "aws:cloudwatch/eventTarget:EventTarget", "t", rule="told", arn=queue["arn"], deadLetterConfig=letters)

    client = cloud.client("events")
    found = client.describe_rule(Name="told")
    assert (found["Arn"], found["EventPattern"]) == (rule["arn"], PATTERN)
    assert (found["Description"], found["ScheduleExpression"]) == ("Tells.", "rate(1 day)")
    assert client.list_tags_for_resource(ResourceARN=rule["arn"])["Tags"] == TAG_LIST
    (target,) = client.list_targets_by_rule(Rule="told")["Targets"]
    assert target == {"Id": "t", "Arn": queue["arn"], "DeadLetterConfig": {"Arn": queue["arn"]}}
    client.remove_targets(Rule="told", Ids=["t"])
    client.delete_rule(Name="told")
