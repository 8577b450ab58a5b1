"""A distribution's host name: CloudFront's own, or one with a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

TLS_FLOOR: Final = "TLSv1.2_2021"


@dataclass(frozen=True)
class Domain:
    """A host name of one's own, and the ARN of its certificate in us-east-1."""

    name: str
    certificate: str


def aliases(domain: Domain | None) -> list[str]:
    """Return the names that a distribution has besides CloudFront's."""
    return [domain.name] if domain else []


def https_origin(domain: Domain | None, distribution: aws.cloudfront.Distribution) -> pulumi.Output[str]:
    """Return `https://` and the host that people use."""
    return pulumi.Output.concat("https://", domain.name if domain else distribution.domain_name)


def viewer_certificate(domain: Domain | None) -> aws.cloudfront.DistributionViewerCertificateArgs:
    """Return the certificate.

    Only with a certificate of your own can a minimum TLS version be set: CloudFront's own host name always takes TLS 1.0
    (https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ViewerCertificate.html).
    """
    if domain is None:
        return aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True)
    return aws.cloudfront.DistributionViewerCertificateArgs(
        acm_certificate_arn=domain.certificate, minimum_protocol_version=TLS_FLOOR, ssl_support_method="sni-only"
    )
