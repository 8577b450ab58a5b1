"""The keys that name a KMS key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra.access.kms_key import KmsKey
from infra.config.problems import Change

if TYPE_CHECKING:
    from infra.config.place import Place

_ARN: Final = re.compile(r"(arn:aws[a-z-]*:kms):([a-z0-9-]+):(\d{12}:key/((mrk-)[0-9a-f]{32}|[0-9a-f-]{36}))")
"""https://docs.aws.amazon.com/kms/latest/developerguide/concepts-intro.html"""
_ALIAS: Final = re.compile(r"(arn:aws[a-z-]*:kms:[^:]*:[^:]*:)?alias/.*")


def read_kms_key(place: Place, region: str | None) -> KmsKey:
    """Return the key, which is in `region` where that is known, or AWS's own where none is named."""
    name, found = str(place), _ARN.fullmatch(place.text)
    if not place.text:
        return KmsKey(name)
    if _ALIAS.fullmatch(place.text):
        place.refuse_for(
            "is an alias; it takes the ARN of the key (aws kms describe-key --key-id ALIAS shows it), which is what roles are let use. What"
            " alias/aws/ stands for has a policy that nobody can change",
            Change(place.path),
        )
    elif not found:
        place.refuse("the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID")
    elif region and found[2] != region:
        replica = f"{found[1]}:{region}:{found[3]}" if found[5] else None
        place.refuse(
            f"a key in {region}, where everything is{', such as its replica there' if replica else ''}", replica
        )
    else:
        return KmsKey(name, place.text)
    return KmsKey(name)
