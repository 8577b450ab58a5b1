"""Role policies without one of their actions, before or after they are attached."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.local.provision.orders import ROLE_POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.provision.provisioner import Transform
    from local.stack import LocalStack


def without(action: str) -> Transform:
    """Return a transform that takes `action` out of every role policy."""

    def transform(type_: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return {**inputs, "policy": _less(inputs["policy"], action)} if type_ == ROLE_POLICY else inputs

    return transform


@contextmanager
def taken_from_worker(stack: LocalStack, action: str) -> Iterator[None]:
    """Take `action` from the running worker's role, and give it back at the end."""
    iam = stack.client("iam")
    function = stack.client("lambda").get_function_configuration(FunctionName=stack["worker_function"])
    role = function["Role"].rpartition("/")[2]
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    before = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
    try:
        for name, document in before.items():
            iam.delete_role_policy(RoleName=role, PolicyName=name)
            less = _less(json.dumps(document), action)
            if json.loads(less)["Statement"]:
                iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=less)
        yield
    finally:
        for name, document in before.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _less(document: str, action: str) -> str:
    policy = json.loads(document)
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [each for each in actions if each != action]
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Action"]]
    return json.dumps(policy)
