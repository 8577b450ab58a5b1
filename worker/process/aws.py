"""botocore at the edge: clients with the timeouts of a queue worker, and the only translation of its errors into ours."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

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
_BY_KMS_CODE: Final = (
    ("throttl", Throttled),
    ("internal", ServiceUnavailable),
    ("timeout", ServiceUnavailable),
    ("unavailable", ServiceUnavailable),
    (
        "",
        AccessDenied,
    ),  # denied, disabled, to be deleted, gone, of another use: somebody has to change the key or its policy
)
"""By a part of the code. S3 passes KMS's on (`KMS.DisabledException`), SNS and SQS have their own (`KMSDisabled`, `KmsDisabled`):
https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html"""
_KMS: Final = "kms"
_SERVER_ERROR: Final = 500
FLOOR: Final = (1, 35, 69)
"""Of botocore: the first version whose PutObject takes If-Match
(https://github.com/boto/botocore/blob/develop/CHANGELOG.rst). Lambda's runtimes bring a later one."""
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


class OutdatedSdk(Exception):
    """This botocore knows too little: every picture would fail."""


def check_sdk(version: str = botocore.__version__) -> None:
    """Return if this version of botocore has all parameters that the worker sends.

    Raises:
        OutdatedSdk: It has not.
    """
    if tuple(int(part) for part in version.split(".")[:3]) < FLOOR:
        needed = ".".join(map(str, FLOOR))
        raise OutdatedSdk(
            f"botocore {version} is older than {needed}. Lambda's runtime brings a later one: take the layer away that hides it."
        )


@cache
def _session() -> botocore.session.Session:
    check_sdk()
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
        code = exc.response["Error"].get("Code", "")
        said = exc.response["Error"].get("Message") or str(exc)
        why = f"{code}: {said}" if str(code).lower().startswith(_KMS) else said
        raise error(f"{request}: {why}{what_to_do}") from exc
    except ParamValidationError as exc:
        raise Unexpected(
            f"{request}: {exc}. This botocore, {botocore.__version__}, does not take what is sent."
        ) from exc
    except BotoCoreError as exc:
        raise ServiceUnavailable(f"{request}: {exc}") from exc


def _of_answer(exc: ClientError) -> type[PipelineError]:
    status = status_of(exc)
    by_status = ServiceUnavailable if status >= _SERVER_ERROR else _BY_STATUS.get(status, Unexpected)
    code = str(exc.response["Error"].get("Code", ""))
    if code.lower().startswith(_KMS):
        return next(error for part, error in _BY_KMS_CODE if part in code.lower())
    return _BY_CODE.get(code, by_status)
