"""Every property of a role arrives in the emulator, read back through IAM's own API."""

from __future__ import annotations

import json

from tests.local.provision.orders import ROLE, ROLE_POLICY, trust
from tests.local.provision.properties import DENY, TAG_LIST, TAGS, make


def test_a_role_and_its_policy_are_set(shop, cloud):
    """Role and RolePolicy: documents, tags."""
    role = make(
        shop,
        ROLE,
        "r",
        name="worker",
        assumeRolePolicy=trust("lambda.amazonaws.com"),
        tags=TAGS,
    )
    made = make(shop, ROLE_POLICY, "p", name="queue", role="worker", policy=DENY)

    found = cloud.client("iam").get_role(RoleName="worker")["Role"]
    policy = cloud.client("iam").get_role_policy(RoleName="worker", PolicyName="queue")
    assert (role["id"], role["arn"]) == ("worker", found["Arn"])
    assert found["Tags"] == TAG_LIST
    assert found["AssumeRolePolicyDocument"] == json.loads(trust("lambda.amazonaws.com"))
    assert made["id"] == "worker:queue"
    assert policy["PolicyDocument"] == json.loads(DENY)
