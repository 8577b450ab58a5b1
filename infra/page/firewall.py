"""The optional firewall of the upload page: WAF blocks addresses that ask too often, or that AWS knows for bad."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import wafv2

REGION: Final = "us-east-1"
"""Where everything of CloudFront's is: https://docs.aws.amazon.com/waf/latest/developerguide/cloudfront-features.html"""
_BAD_ADDRESSES: Final = "AWSManagedRulesAmazonIpReputationList"


def web_acl(name: str, requests_per_ip: int, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Make a web ACL for a distribution and return its ARN; `requests_per_ip` is within five minutes."""
    acl = wafv2.WebAcl(
        name,
        region=REGION,
        scope="CLOUDFRONT",
        default_action=wafv2.WebAclDefaultActionArgs(allow=wafv2.WebAclDefaultActionAllowArgs()),
        rules=[_limit(requests_per_ip), _bad_addresses()],
        visibility_config=wafv2.WebAclVisibilityConfigArgs(
            cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return pulumi.Output.from_input(acl.arn)


def _limit(requests_per_ip: int) -> wafv2.WebAclRuleArgs:
    return wafv2.WebAclRuleArgs(
        name="too-many-requests",
        priority=0,
        action=wafv2.WebAclRuleActionArgs(block=wafv2.WebAclRuleActionBlockArgs()),
        statement=wafv2.WebAclRuleStatementArgs(
            rate_based_statement=wafv2.WebAclRuleStatementRateBasedStatementArgs(
                limit=requests_per_ip, aggregate_key_type="IP"
            )
        ),
        visibility_config=_visible("too-many-requests"),
    )


def _bad_addresses() -> wafv2.WebAclRuleArgs:
    nothing = wafv2.WebAclRuleOverrideActionNoneArgs()  # type: ignore[no-untyped-call]  # its only method takes nothing
    return wafv2.WebAclRuleArgs(
        name="bad-addresses",
        priority=1,
        override_action=wafv2.WebAclRuleOverrideActionArgs(none=nothing),
        statement=wafv2.WebAclRuleStatementArgs(
            managed_rule_group_statement=wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs(
                vendor_name="AWS", name=_BAD_ADDRESSES
            )
        ),
        visibility_config=_visible("bad-addresses"),
    )


def _visible(name: str) -> wafv2.WebAclRuleVisibilityConfigArgs:
    return wafv2.WebAclRuleVisibilityConfigArgs(
        cloudwatch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )
