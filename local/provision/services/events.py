"""EventBridge's rules and their targets: schedules, which the emulator fires by this computer's clock, and patterns of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.provision.kinds import ID, Kind, Made, Nested, Order, removal, tag_list

if TYPE_CHECKING:
    from local.cloud import Cloud


def _make_rule(cloud: Cloud, order: Order) -> Made:
    made = cloud.client("events").put_rule(**{**order.request, "Tags": tag_list(order.request.get("Tags", {}))})
    return Made(order.request["Name"], {"arn": made["RuleArn"]})


def _target(cloud: Cloud, order: Order) -> Made:
    target = {"Id": order.name, **order.request}
    rule = target.pop("Rule")
    answer = cloud.client("events").put_targets(Rule=rule, Targets=[target])
    assert not answer["FailedEntryCount"], answer
    return Made(f"{rule}-{order.name}")


def _remove_target(cloud: Cloud, order: Order, _id: str) -> None:
    cloud.client("events").remove_targets(Rule=order.request["Rule"], Ids=[order.name])


RULE: Final = Kind(
    {
        "name": "Name",
        "description": "Description",
        "scheduleExpression": "ScheduleExpression",
        "eventPattern": "EventPattern",
        "tags": "Tags",
    },
    _make_rule,
    named_by="name",
    remove=removal("events", "delete_rule", Name=ID),
)
TARGET: Final = Kind(
    {"rule": "Rule", "arn": "Arn", "deadLetterConfig": Nested("DeadLetterConfig", {"arn": "Arn"})},
    _target,
    remove=_remove_target,
)
