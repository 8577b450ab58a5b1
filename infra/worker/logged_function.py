"""A Lambda function that has a role and a log group of its own: what the worker, the auditor and the uploader have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from infra.access.policies import assumable_by, grant_log
from infra.part import Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.worker.wheels import Target


class LoggedFunction(Part):
    """The log and the role at first; `_run` makes the function when the role has its grants.

    Attributes:
        log: The log group; the role may write into it and make none.
        role: What the function may do.
        function: Of AWS; `name` and `arn` are its.
    """

    def __init__(
        self, kind: str, name: str, prefix: str, log_retention: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(kind, name, opts)
        self._full_name = f"{prefix}-{name}"
        self.log = aws.cloudwatch.LogGroup(self._full_name, retention_in_days=log_retention, opts=self._within)
        trust = assumable_by("lambda.amazonaws.com")
        self.role = aws.iam.Role(self._full_name, assume_role_policy=trust, opts=self._within)
        self._writes_log = grant_log(f"{name}-writes-log", self.role, self.log, parent=self)

    def _run(
        self,
        handler: str,
        code: pulumi.Input[pulumi.Archive],
        target: Target,
        variables: Mapping[str, pulumi.Input[str]],
        granted: Sequence[pulumi.Resource],
        **more: Any,
    ) -> None:
        """Make the function; `more` are arguments of `aws.lambda_.Function`."""
        self.function = aws.lambda_.Function(
            self._full_name,
            handler=handler,
            code=code,
            runtime=target.runtime,
            architectures=[target.architecture],
            role=self.role.arn,
            environment={"variables": variables},
            logging_config={"log_format": "JSON", "log_group": self.log.name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._writes_log, *granted]),
            **more,
        )
        self.name, self.arn = self.function.name, self.function.arn
        self.register_outputs({"function": self.name})
