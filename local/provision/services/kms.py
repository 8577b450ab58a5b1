"""KMS keys, which the program makes none of: it looks at those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.cloud import Cloud


def key(cloud: Cloud, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what KMS says of a key, under the provider's names."""
    found = cloud.client("kms").describe_key(KeyId=asked["keyId"])["KeyMetadata"]
    told = {name: found[name] for name in ("Arn", "Enabled", "KeyManager", "KeySpec", "KeyState", "KeyUsage")}
    return {
        "id": found["KeyId"],
        "keyId": found["KeyId"],
        **{name[0].lower() + name[1:]: value for name, value in told.items()},
    }
