"""The keys of delivery. All are checked, also where it is not enabled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra.config.keys.domain import read_domain
from infra.config.problems import Change
from infra.delivery.delivery import MOST_POLICY, DeliveryArgs, policy_size
from infra.storage.output_bucket import arn_for_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.config.place import Place

PRICE_CLASSES: Final = ("PriceClass_100", "PriceClass_200", "PriceClass_All")
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PriceClass.html"""
_SHORT: Final = {name.removeprefix("PriceClass_").lower(): name for name in PRICE_CLASSES}
_EVERYBODY: Final = "*"
_ORIGIN: Final = r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?"
"""As a browser sends it: lower case, no path (https://www.rfc-editor.org/rfc/rfc6454#section-6.2)."""


def read_delivery(place: Place, prefix: str, renditions: Sequence[str]) -> DeliveryArgs | None:
    """Read every key, and return the arguments of delivery where it is enabled."""
    enabled = place.at("enabled").flag()
    args = DeliveryArgs(
        prefix=prefix,
        renditions=renditions,
        manifests=place.at("manifests").flag(),
        origins=_read_origins(place.at("origins")),
        domain=read_domain(place),
        price_class=place.at("priceClass").choice(PRICE_CLASSES, _SHORT),
    )
    if not enabled:
        return None
    size = policy_size(args, arn_for_size(prefix))
    if size > MOST_POLICY:
        place.at("enabled").refuse_for(
            f"is true, but the output bucket's policy names the folder of each of {len(renditions)} renditions, and would have"
            f" {size:,} bytes of the {MOST_POLICY:,} that S3 takes; leave some out, give them shorter names, or make a second stack",
            Change((*place.path, "enabled"), value=False),
        )
    return args


def _read_origins(place: Place) -> tuple[str, ...]:
    entries = place.parts()
    for entry in reversed(entries):  # The last first: to remove one leaves the others where they are.
        others = [other.text for other in entries if other is not entry]
        if entry.text != _EVERYBODY and (not isinstance(entry.value, str) or not re.fullmatch(_ORIGIN, entry.text)):
            entry.refuse("the origin of a page, such as https://www.example.org, or * for all", _nearest(entry.text))
        elif _EVERYBODY in others or entry.text in others[: int(entry.path[-1])]:
            entry.refuse("no origin that is among the others already")
    return tuple(entry.text for entry in entries)


def _nearest(text: str) -> str:
    scheme, separator, rest = text.lower().strip().rpartition("://")
    origin = f"{scheme or 'https'}://{rest.partition('/')[0]}" if separator or "." in rest else ""
    return origin if re.fullmatch(_ORIGIN, origin) else "https://www.example.org"
