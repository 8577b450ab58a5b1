"""The upload page's API: an HTTP API that hands every request of three routes to the uploader, throttled by route."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pulumi
import pulumi_aws as aws

from infra.page.access_log import AccessLog
from infra.part import Part

if TYPE_CHECKING:
    from infra.page.uploader import Uploader

UPLOAD: Final = "POST /api/uploads"
STATUS: Final = "GET /api/images/{id}"
OTHER: Final = "ANY /api/{proxy+}"
"""What is neither gets the uploader's own 404 or 405, in its error shape, and hardly any throughput."""
_BURSTS: Final = 2
"""Seconds' worth of requests that may come at once."""
_FOLLOWED: Final = 5
"""Requests for a picture's status for each upload."""
_OTHERS: Final = 5
_MILLISECONDS: Final = 10_000


@dataclass(frozen=True)
class Tokens:
    """Whose tokens are taken: those of `issuer` for `audience`."""

    issuer: str
    audience: str


@dataclass(frozen=True)
class ApiArgs:
    """What the API needs to know.

    Attributes:
        prefix: Of the resources' names.
        uploads_per_second: Of all users together; requests for a status are allowed five times as often.
        tokens: What its authorizer takes; none where the uploader checks an access code.
        log_retention: Days.
    """

    prefix: str
    uploads_per_second: int
    tokens: Tokens | None
    log_retention: int


class Api(Part):
    """Reaches the uploader. No CORS configuration: the page has the same origin, and no other page is to ask."""

    def __init__(
        self, name: str, args: ApiArgs, uploader: Uploader, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("web:Api", name, opts)
        self._args = args
        self.api = aws.apigatewayv2.Api(f"{args.prefix}-{name}", protocol_type="HTTP", opts=self._within)
        self.url, self.id = self.api.api_endpoint, self.api.id
        self.host = self.url.apply(lambda url: url.removeprefix("https://"))
        self.access = AccessLog("api-access", args.prefix, args.log_retention, self._within)
        may_invoke = self._permit(uploader)
        routes = self._route(uploader)
        self._deploy(args, [may_invoke, *routes])
        self.register_outputs({"url": self.url})

    def _permit(self, uploader: Uploader) -> aws.lambda_.Permission:
        """Let this API alone invoke the function."""
        return aws.lambda_.Permission(
            self.named("api-invokes-uploader"),
            action="lambda:InvokeFunction",
            function=uploader.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(self.api.execution_arn, "/*/*"),
            opts=self._within,
        )

    def _route(self, uploader: Uploader) -> list[aws.apigatewayv2.Route]:
        integration = aws.apigatewayv2.Integration(
            self.named("api-to-uploader"),
            api_id=self.id,
            integration_type="AWS_PROXY",
            integration_uri=uploader.arn,
            payload_format_version="2.0",
            timeout_milliseconds=_MILLISECONDS,
            opts=self._within,
        )
        target, authorizer = pulumi.Output.concat("integrations/", integration.id), self._authorize()
        return [
            aws.apigatewayv2.Route(
                self.named(f"api-{label}"),
                api_id=self.id,
                route_key=key,
                target=target,
                authorization_type="JWT" if authorizer else "NONE",
                authorizer_id=authorizer.id if authorizer else None,
                opts=self._within,
            )
            for label, key in (("signs-uploads", UPLOAD), ("tells-status", STATUS), ("refuses-others", OTHER))
        ]

    def _authorize(self) -> aws.apigatewayv2.Authorizer | None:
        """Make what checks tokens, where tokens are taken."""
        if self._args.tokens is None:
            return None
        return aws.apigatewayv2.Authorizer(
            self.named("api-checks-tokens"),
            api_id=self.id,
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration={"issuer": self._args.tokens.issuer, "audiences": [self._args.tokens.audience]},
            opts=self._within,
        )

    def _deploy(self, args: ApiArgs, after: list[pulumi.Resource]) -> None:
        """Deploy every change; a route's settings take the route to exist."""
        limits = {
            UPLOAD: args.uploads_per_second,
            STATUS: args.uploads_per_second * _FOLLOWED,
            OTHER: _OTHERS,
        }
        aws.apigatewayv2.Stage(
            f"{args.prefix}-api-stage",
            api_id=self.id,
            name="$default",
            auto_deploy=True,
            access_log_settings=self.access.settings,
            default_route_settings={"throttling_rate_limit": _OTHERS, "throttling_burst_limit": _OTHERS * _BURSTS},
            route_settings=[
                {"route_key": key, "throttling_rate_limit": rate, "throttling_burst_limit": rate * _BURSTS}
                for key, rate in limits.items()
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=after),
        )
