"""The account and region that everything is in, as an explicit provider: no default one, no ambient region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class AccountArgs:
    """The region, the account and the tags of all resources.

    Attributes:
        region: AWS's name for it.
        profile: Of the AWS configuration files; None for what the environment says. Passed on by hand, because an
            explicit provider reads nothing of the stack's `aws:` keys.
        tags: On every resource.
    """

    region: str
    profile: str | None
    tags: Mapping[str, str]


def in_account(args: AccountArgs) -> pulumi.ResourceOptions:
    """Return the options that put a component, and all that is in it, into the region with the default tags."""
    provider = aws.Provider("aws", region=args.region, profile=args.profile, default_tags={"tags": dict(args.tags)})
    return pulumi.ResourceOptions(providers=[provider])
