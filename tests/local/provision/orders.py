"""Single resources, ordered from the provisioner as Pulumi would, without a program."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from pathlib import Path

    from local.cloud import Cloud
    from local.provision.provisioner import Provisioner

BUCKET = "aws:s3/bucket:Bucket"
FUNCTION = "aws:lambda/function:Function"
ASYNCHRONOUS = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
PROVIDER = "pulumi:providers:aws"
QUEUE = "aws:sqs/queue:Queue"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
TOPIC = "aws:sns/topic:Topic"

ANSWERS_NOTHING = 'def handler(event, context):\n    return {"batchItemFailures": []}\n'


@dataclass(frozen=True)
class Shop:
    """Takes orders for resources and returns their outputs with the id as `id`."""

    cloud: Cloud
    provisioner: Provisioner

    def make(self, type_: str, resource: str, /, provider: str = "", **inputs: Any) -> dict[str, Any]:
        """Make one resource."""
        args = pulumi.runtime.MockResourceArgs(type_, resource, inputs, provider, "", True)
        id_, outputs = self.provisioner.new_resource(args)
        return {**outputs, "id": id_}

    def role(self, *, actions: dict[str, list[str]]) -> dict[str, Any]:
        """Return a role for Lambda that allows `actions`: the resource's ARN, and what may be done with it."""
        role = self.make(ROLE, "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
        statements = [
            {"Effect": "Allow", "Action": allowed, "Resource": resource} for resource, allowed in actions.items()
        ]
        if statements:
            policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
            self.make(ROLE_POLICY, "policy", role=role["id"], policy=policy)
        return role

    def function(self, directory: Path, code: str, *, role: dict[str, Any], **inputs: Any) -> dict[str, Any]:
        """Make a function whose `main.py` is `code`."""
        path = directory / "code.zip"
        path.write_bytes(zipped(code))
        return self.make(
            FUNCTION,
            "function",
            **{
                "role": role["arn"],
                "handler": "main.handler",
                "runtime": "python3.13",
                "code": pulumi.FileArchive(str(path)),
                **inputs,
            },
        )


def trust(service: str) -> str:
    """Return the policy that lets `service` assume a role."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
        }
    )


def zipped(code: str) -> bytes:
    """Return a deployment package whose `main.py` is `code`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("main.py", code)
    return buffer.getvalue()
