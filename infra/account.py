"""The account and region that everything is in, as an explicit provider: no default one, no ambient region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class AccountArgs:
    """The region, the account and the tags of all resources.

    Attributes:
        region: AWS's name for it.
        settings: The other arguments of the provider, such as `profile` and `allowed_account_ids`. Passed on by hand, because an
            explicit provider reads nothing of the stack's `aws:` keys (pulumi/pulumi-aws#3259: deployed to the wrong account).
        tags: On every resource.
    """

    region: str
    settings: Mapping[str, Any]
    tags: Mapping[str, str]


def tags_of(stack: str) -> dict[str, str]:
    """Return the tags that say which stack has made a resource."""
    return {"project": "image-pipeline", "stack": stack, "managed-by": "pulumi"}


def in_account(args: AccountArgs) -> pulumi.ResourceOptions:
    """Return the options that put a component, and all that is in it, into the region with the default tags."""
    provider = aws.Provider("aws", region=args.region, default_tags={"tags": dict(args.tags)}, **args.settings)
    return pulumi.ResourceOptions(providers=[provider])
