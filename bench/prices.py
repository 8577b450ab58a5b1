"""AWS's list prices for US East (N. Virginia), in dollars, without free tiers and volume discounts, as of November 2026.

https://aws.amazon.com/lambda/pricing/, https://aws.amazon.com/s3/pricing/, https://aws.amazon.com/sqs/pricing/,
https://aws.amazon.com/sns/pricing/. Data between S3 and Lambda in one region costs nothing.
"""

from __future__ import annotations

from typing import Final

GIGABYTE_SECOND: Final = {"x86_64": 0.0000166667, "arm64": 0.0000133334}
INVOCATION: Final = 0.20e-6
PUT: Final = 0.005 / 1000
GET: Final = 0.0004 / 1000
"""HEAD too."""
QUEUE_REQUEST: Final = 0.40e-6
PUBLISH: Final = 0.50e-6

VCPU: Final = 1769
"""MB that come with one processor; less memory is a share of it
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""
