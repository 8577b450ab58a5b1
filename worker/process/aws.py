"""botocore at the edge: clients with the timeouts of a queue worker, and the only translation of its errors into ours."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from worker.contracts.errors import (
    AccessDenied,
    Archived,
    Conflict,
    PipelineError,
    ServiceUnavailable,
    Throttled,
    Unexpected,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CONFIG: Final = Config(
    connect_timeout=3, read_timeout=20, retries={"mode": "standard", "max_attempts": 3}, max_pool_connections=16
)
_IMPATIENT: Final = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 1})
_BY_STATUS: Final[dict[int, type[PipelineError]]] = {403: AccessDenied, 409: Conflict, 412: Conflict, 429: Throttled}
_BY_CODE: Final[dict[str, type[PipelineError]]] = {
    "AuthorizationError": AccessDenied,
    "AccessDenied": AccessDenied,
    "AccessDeniedException": AccessDenied,
    "InvalidObjectState": Archived,
    "NoSuchKey": Conflict,  # of a conditional write: what it was conditional on is deleted
    "NoSuchVersion": Conflict,  # of a tag: its version is deleted
    "SlowDown": Throttled,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "RequestThrottled": Throttled,
    "TooManyRequestsException": Throttled,
}
_SERVER_ERROR: Final = 500
NOT_FOUND: Final = 404


def client(service: str) -> Any:
    """Return a client of `service` for the region and credentials of the environment.

    botocore's own: importing boto3 would cost a fifth of a cold start more, for managed transfers that are not used.
    """
    return _session().create_client(service, config=_CONFIG)


def impatient_client(service: str) -> Any:
    """Return a client for requests that may fail: one attempt, two seconds at most."""
    return _session().create_client(service, config=_IMPATIENT)


class OnDemand:
    """A client that is made at its first use: a client that only a rare path needs is no part of a cold start."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = cache(make)

    def __getattr__(self, name: str) -> Any:
        """Return the client's own attribute."""
        return getattr(self._make(), name)


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def status_of(exc: ClientError) -> int:
    """Return the HTTP status of AWS's answer."""
    return int(exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def translated(request: str) -> Iterator[None]:
    """Raise botocore's errors within as ours; `request`, such as `s3:PutObject KEY`, opens the detail.

    Raises:
        Archived: A source that has to be restored first.
        Retry: One of its leaves.
    """
    try:
        yield
    except ClientError as exc:
        error = _of_answer(exc)
        what_to_do = ". Restore the original; it is rendered as soon as it can be read." if error is Archived else ""
        raise error(f"{request}: {exc.response['Error'].get('Message') or exc}{what_to_do}") from exc
    except BotoCoreError as exc:
        raise ServiceUnavailable(f"{request}: {exc}") from exc


def _of_answer(exc: ClientError) -> type[PipelineError]:
    status = status_of(exc)
    by_status = ServiceUnavailable if status >= _SERVER_ERROR else _BY_STATUS.get(status, Unexpected)
    return _BY_CODE.get(exc.response["Error"].get("Code", ""), by_status)
