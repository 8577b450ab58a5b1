"""List prices of US East (N. Virginia), in dollars, without free tiers and volume discounts.

As others report them, not read from AWS's own pages, which build their tables in the browser; compare with
https://aws.amazon.com/lambda/pricing/, https://aws.amazon.com/s3/pricing/, https://aws.amazon.com/sqs/pricing/ and
https://aws.amazon.com/sns/pricing/ before you go by them. Data between S3 and Lambda in one region is taken to be free.
"""

from __future__ import annotations

from typing import Final

GIGABYTE_SECOND: Final = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
"""https://cloudchipr.com/blog/aws-lambda-pricing (2024)."""
INVOCATION: Final = 0.20e-6
"""No source at hand; in the default's batches of ten it is a thousandth of the sum."""
PUT: Final = 0.005 / 1000
GET: Final = 0.0004 / 1000
"""HEAD too; both by https://c3x.dev/blog/s3-request-fees-explained."""
QUEUE_REQUEST: Final = 0.40e-6
"""https://cloudburn.io/blog/amazon-sqs-pricing (March 2026)."""
PUBLISH: Final = 0.50e-6
"""https://awsnegotiations.com/sqs-sns-cost-optimization.html, "approximately"."""
INSTANT_RETRIEVAL_GIGABYTE: Final = 0.03
INFREQUENT_ACCESS_GIGABYTE: Final = 0.01
"""Read from these classes; no page found, as docs/costs.md says."""
RETRIEVAL_GIGABYTE: Final = {
    "GLACIER_IR": INSTANT_RETRIEVAL_GIGABYTE,
    "STANDARD_IA": INFREQUENT_ACCESS_GIGABYTE,
    "ONEZONE_IA": INFREQUENT_ACCESS_GIGABYTE,
}
"""By storage class; none from the others that can be read at once."""

VCPU: Final = 1769
"""MB that come with one processor; less memory is a share of it
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""
