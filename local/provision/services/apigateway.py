"""HTTP APIs: routes to functions, authorizers, and stages with their throttling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from local.provision.kinds import ID, Kind, Made, Nested, Order, Table, removal

if TYPE_CHECKING:
    from local.cloud import Cloud


def _make_api(cloud: Cloud, order: Order) -> Made:
    api = cloud.client("apigatewayv2").create_api(**order.request)["ApiId"]
    return Made(
        api,
        {
            "arn": f"arn:aws:apigateway:{cloud.region}::/apis/{api}",
            "apiEndpoint": f"https://{api}.execute-api.{cloud.region}.amazonaws.com",
            "executionArn": cloud.arn("execute-api", api),
        },
    )


def _make_key(cloud: Cloud, order: Order) -> Made:
    made = cloud.client("apigateway").create_api_key(**order.request)
    return Made(made["id"], {"value": made["value"]})


def _make_integration(cloud: Cloud, order: Order) -> Made:
    return Made(cloud.client("apigatewayv2").create_integration(**order.request)["IntegrationId"])


def _make_authorizer(cloud: Cloud, order: Order) -> Made:
    return Made(cloud.client("apigatewayv2").create_authorizer(**order.request)["AuthorizerId"])


def _make_route(cloud: Cloud, order: Order) -> Made:
    return Made(cloud.client("apigatewayv2").create_route(**order.request)["RouteId"])


def _make_stage(cloud: Cloud, order: Order) -> Made:
    settings = {limits.pop("RouteKey"): limits for limits in order.request.pop("RouteSettings", [])}
    cloud.client("apigatewayv2").create_stage(**order.request, RouteSettings=settings)
    return Made(order.request["StageName"])


_LIMITS: Final[Table] = {
    "throttlingRateLimit": "ThrottlingRateLimit",
    "throttlingBurstLimit": "ThrottlingBurstLimit",
}
_API: Final[dict[str, Any]] = {"apiId": "ApiId"}

API: Final = Kind(
    {"name": "Name", "protocolType": "ProtocolType", "tags": "Tags"},
    _make_api,
    named_by="name",
    remove=removal("apigatewayv2", "delete_api", ApiId=ID),
)
KEY: Final = Kind(
    {"name": "name", "description": "description", "tags": "tags"},
    _make_key,
    named_by="name",
    remove=removal("apigateway", "delete_api_key", apiKey=ID),
)
INTEGRATION: Final = Kind(
    {
        **_API,
        "integrationType": "IntegrationType",
        "integrationUri": "IntegrationUri",
        "payloadFormatVersion": "PayloadFormatVersion",
        "timeoutMilliseconds": "TimeoutInMillis",
    },
    _make_integration,
)
AUTHORIZER: Final = Kind(
    {
        **_API,
        "name": "Name",
        "authorizerType": "AuthorizerType",
        "identitySources": "IdentitySource",
        "jwtConfiguration": Nested("JwtConfiguration", {"issuer": "Issuer", "audiences": "Audience"}),
    },
    _make_authorizer,
    named_by="name",
)
ROUTE: Final = Kind(
    {
        **_API,
        "routeKey": "RouteKey",
        "target": "Target",
        "authorizationType": "AuthorizationType",
        "authorizerId": "AuthorizerId",
    },
    _make_route,
)
STAGE: Final = Kind(
    {
        **_API,
        "name": "StageName",
        "autoDeploy": "AutoDeploy",
        "accessLogSettings": Nested("AccessLogSettings", {"destinationArn": "DestinationArn", "format": "Format"}),
        "defaultRouteSettings": Nested("DefaultRouteSettings", _LIMITS),
        "routeSettings": Nested("RouteSettings", {"routeKey": "RouteKey", **_LIMITS}),
        "tags": "Tags",
    },
    _make_stage,
)
