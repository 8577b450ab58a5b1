"""The access log of the upload page's API: a JSON line for each request, of which throttles and refusals are counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pulumi_aws as aws

from infra.part import Part
from worker.contracts.metrics import NAMESPACE

if TYPE_CHECKING:
    import pulumi

FIELDS: Final = {
    "api": "$context.apiId",
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "error": "$context.error.responseType",
    "integration": "$context.integrationStatus",
}
"""Of each request, those included that API Gateway answers itself. The route and not the path: an id is a capability.
Ids, addresses, numbers and closed lists of words only, no message: AWS nowhere says that a quote in one is escaped, and it
has broken lines (https://github.com/DataBiosphere/azul/issues/4009).
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html"""
API_ID: Final = "ApiId"
"""The dimension of both metrics, named as in AWS/ApiGateway."""
THROTTLED: Final = "PageThrottled"
REFUSED: Final = "PageRefused"
COUNTED: Final = {
    THROTTLED: '{ $.api = "*" && $.status = "429" }',
    REFUSED: '{ $.api = "*" && $.status = "4*" && $.status != "429" }',
}
"""Which lines each metric counts: AWS/ApiGateway's 4xx has both in one. What is a dimension is in the pattern.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html"""


class AccessLog(Part):
    """The log group and its metric filters; `settings` are the stage's."""

    def __init__(
        self, name: str, prefix: str, retention_in_days: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("web:AccessLog", name, opts)
        self.log = aws.cloudwatch.LogGroup(f"{prefix}-{name}", retention_in_days=retention_in_days, opts=self._within)
        self.settings = aws.apigatewayv2.StageAccessLogSettingsArgs(
            destination_arn=self.log.arn, format=json.dumps(FIELDS)
        )
        for metric, pattern in COUNTED.items():
            aws.cloudwatch.LogMetricFilter(
                f"{prefix}-{name}-{metric}",
                log_group_name=self.log.name,
                pattern=pattern,
                metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                    name=metric, namespace=NAMESPACE, value="1", unit="Count", dimensions={API_ID: "$.api"}
                ),
                opts=self._within,
            )
        self.register_outputs({"name": self.log.name})
