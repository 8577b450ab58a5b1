"""The upload page: its files, its API, its uploader and the distribution before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

from infra.page.api import Api, ApiArgs
from infra.page.distribution import Distribution, DistributionArgs, Origin
from infra.page.site import Site
from infra.page.uploader import Uploader, UploaderArgs
from infra.part import Part

if TYPE_CHECKING:
    from infra.storage.output_bucket import OutputBucket
    from infra.storage.source_bucket import SourceBucket


@dataclass(frozen=True)
class PageArgs:
    """The arguments of the page's parts.

    Attributes:
        uploader: The function.
        api: The API before it.
        distribution: What serves both.
        sign_in_url: Where people get their token; empty where they type it, or an access code.
        crops: Whether any rendition of what they upload is a crop, so that the page asks for the focal point.
    """

    uploader: UploaderArgs
    api: ApiArgs
    distribution: DistributionArgs
    sign_in_url: str
    crops: bool

    @property
    def settings(self) -> dict[str, object]:
        """The settings that the page itself reads; they are public."""
        return {
            "access": "token" if self.api.tokens else "code",
            "signInUrl": self.sign_in_url,
            "maxBytes": self.uploader.max_bytes,
            "crops": self.crops,
        }


class UploadPage(Part):
    """Lets people put pictures into `source` from a browser, and shows them what is in `output` of theirs.

    Attributes:
        url: Of the page.
        api_url: Of the API behind it.
        api_id: Of the API.
        uploader: The function behind it.
        access_log: The API's.
    """

    def __init__(
        self,
        name: str,
        args: PageArgs,
        source: SourceBucket,
        output: OutputBucket,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("web:UploadPage", name, opts)
        origin_key = _random_key(f"{args.api.prefix}-origin-key", self._within)
        uploader = Uploader("uploader", args.uploader, origin_key, source, output, self._within)
        api = Api("api", args.api, uploader, self._within)
        site = Site("site", args.api.prefix, args.settings, self._within)
        distribution = Distribution(
            name, args.distribution, site, Origin(api.host, origin_key), source, output, self._within
        )
        site.accept_from(distribution.arn)
        source.accept_forms_of(distribution.origin)
        self.url = pulumi.Output.concat(distribution.origin, "/")
        self.api_url, self.api_id, self.uploader = api.url, api.id, uploader
        self.access_log = api.access.log
        self.register_outputs({"url": self.url})


def _random_key(name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Return a key that API Gateway draws, a secret of the stack's state; without a usage plan it opens nothing.

    https://docs.aws.amazon.com/apigateway/latest/api/API_CreateApiKey.html
    """
    key = aws.apigateway.ApiKey(name, description="Proves that a request came through the distribution.", opts=opts)
    return pulumi.Output.secret(key.value)
