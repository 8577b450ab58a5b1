"""A host name of one's own: `domain` and `certificateArn`, which come together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra.delivery.certificate import Domain

if TYPE_CHECKING:
    from infra.config.place import Place

_CERTIFICATE: Final = r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[0-9a-f-]+"
_HOST: Final = r"[a-z0-9-]+(\.[a-z0-9-]+)+"


def read_domain(place: Place) -> Domain | None:
    """Return what the two keys at `place` say; None for CloudFront's own host."""
    name, certificate = place.at("domain"), place.at("certificateArn")
    if not name.text and not certificate.text:
        return None
    return Domain(
        name.matching(_HOST, f"a host name beside {certificate}", _host(name.text)),
        certificate.matching(
            _CERTIFICATE,
            f"beside {name} the ARN of a certificate in us-east-1, where CloudFront looks for it",
            "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
        ),
    )


def _host(text: str) -> str:
    nearest = text.lower().partition("://")[2].partition("/")[0] or text.lower()
    return nearest if re.fullmatch(_HOST, nearest) else "pictures.example.org"
