"""What CloudFront keeps of a key's outputs, invalidated.

An address has a version in its query, so a path needs a wildcard, which stands at the end of a path only
(https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/invalidation-specifying-objects.html): that of `web/a.webp`
takes `web/a.webp.webp` along, which CloudFront then reads once more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from uuid import uuid4

from ops.stack.aws import translated
from ops.terminal.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ops.stack.aws import Clients

AT_ONCE: Final = 15
"""Paths with a wildcard that may be under way, of one distribution:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"""
_COMPLETED: Final = "Completed"
_POLL_SECONDS: Final = 5.0
_BROWSERS: Final = "/!$&'()*+,;=:@~"
"""What a browser leaves as it is in a path: the same output has two addresses."""


@dataclass(frozen=True)
class Invalidation:
    """What was asked for, and what became of it; `why` it is not done, None where it is."""

    ids: tuple[str, ...]
    paths: tuple[str, ...]
    why: str | None

    def to_json(self) -> dict[str, Any]:
        """Return what the receipt says of it."""
        return {"ids": list(self.ids), "paths": list(self.paths), "done": self.why is None}


def paths_of(names: Collection[str], keys: Collection[str]) -> tuple[str, ...]:
    """Return the paths of all outputs of `keys` below `names`, each as all may have asked for it."""
    outputs = [f"{name}/{key}." for key in sorted(keys) for name in sorted(names)]
    return tuple(dict.fromkeys(f"/{quote(each, safe)}*" for each in outputs for safe in ("/", _BROWSERS)))


def invalidate(
    clients: Clients,
    distribution: str,
    paths: Sequence[str],
    patience: float,
    pause: Callable[[float], None] = time.sleep,
) -> Invalidation:
    """Invalidate `paths`, as many at once as CloudFront takes, and wait up to `patience` seconds for all."""
    deadline, ids = time.monotonic() + patience, []
    try:
        for some in _chunks(paths):
            with translated("invalidate the delivery's copies", clients.endpoint_url):
                answer = clients("cloudfront").create_invalidation(
                    DistributionId=distribution,
                    InvalidationBatch={
                        "Paths": {"Quantity": len(some), "Items": list(some)},
                        "CallerReference": f"erase-{uuid4()}",
                    },
                )
            ids.append(answer["Invalidation"]["Id"])
            while _status(clients, distribution, ids[-1]) != _COMPLETED:
                left = deadline - time.monotonic()
                if left <= 0:
                    return Invalidation(tuple(ids), tuple(paths), "CloudFront is still at it")
                pause(min(_POLL_SECONDS, left))
    except Refusal as exc:
        return Invalidation(tuple(ids), tuple(paths), str(exc))
    return Invalidation(tuple(ids), tuple(paths), None)


def _chunks(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    return (paths[first : first + AT_ONCE] for first in range(0, len(paths), AT_ONCE))


def _status(clients: Clients, distribution: str, id_: str) -> str:
    with translated("look at the invalidation", clients.endpoint_url):
        answer = clients("cloudfront").get_invalidation(DistributionId=distribution, Id=id_)
    return str(answer["Invalidation"]["Status"])
