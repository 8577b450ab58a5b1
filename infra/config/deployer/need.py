"""A need: actions on a resource, as an IAM statement that lacks the names of the stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

ANY: Final = "*"
BUCKET: Final = "arn:aws:s3:::{prefix}-*"
ADOPTED: Final = "arn:aws:s3:::{adopted}"
KEY: Final = "{key}"
OBJECT: Final = "arn:aws:s3:::{prefix}-*/*"
LOG: Final = "arn:aws:logs:{region}:{account}:log-group:{prefix}-*"
FUNCTION: Final = "arn:aws:lambda:{region}:{account}:function:{prefix}-*"


@dataclass(frozen=True)
class Need:
    """Actions on a resource.

    Attributes:
        resource: Its ARN, with `{prefix}` and the like to be filled in; or `ANY`.
        actions: Such as `s3:GetBucketAcl`.
        condition: Under which they are needed, with places to be filled in as well: operator, key and value.
    """

    resource: str
    actions: tuple[str, ...]
    condition: tuple[str, str, str] | None = field(default=None)


Rows = dict[str, tuple[Need, ...]]


def on(resource: str, actions: str, condition: tuple[str, str, str] | None = None) -> Need:
    """Return a need from a text such as `s3:GetBucketAcl PutBucketAcl`."""
    service, _, names = actions.partition(":")
    return Need(resource, tuple(f"{service}:{name}" for name in names.split()), condition)


FILES: Final = on(OBJECT, "s3:DeleteObject DeleteObjectVersion")
