"""Roles and their policies, and the question whether a role may do something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.provision.kinds import ID, Kind, Made, Order, removal, tag_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.cloud import Cloud


def denied_actions(cloud: Cloud, role_arn: str, actions: Sequence[str], resource_arn: str) -> list[str]:
    """Return those of `actions` that the role's policies do not allow on `resource_arn`."""
    answer = cloud.client("iam").simulate_principal_policy(
        PolicySourceArn=role_arn, ActionNames=list(actions), ResourceArns=[resource_arn]
    )
    decisions = {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}
    return [action for action in actions if decisions.get(action) != "allowed"]


def _make_role(cloud: Cloud, order: Order) -> Made:
    request = {**order.request, "Tags": tag_list(order.request.get("Tags", {}))}
    role = cloud.client("iam").create_role(**request)["Role"]
    return Made(role["RoleName"], {"arn": role["Arn"]})


def _make_role_policy(cloud: Cloud, order: Order) -> Made:
    cloud.client("iam").put_role_policy(**order.request)
    return Made(f"{order.request['RoleName']}:{order.request['PolicyName']}")


ROLE: Final = Kind(
    {
        "name": "RoleName",
        "assumeRolePolicy": "AssumeRolePolicyDocument",
        "tags": "Tags",
    },
    _make_role,
    named_by="name",
    remove=removal("iam", "delete_role", RoleName=ID),
)
ROLE_POLICY: Final = Kind(
    {"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
    _make_role_policy,
    named_by="name",
    remove=removal("iam", "delete_role_policy", RoleName="RoleName", PolicyName="PolicyName"),
)
