"""botocore at the edge: clients for one stack, and its errors as ours, here and nowhere else."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import (
    ConnectionError as NoConnection,
)

from ops.terminal.errors import Busy, Denied, Invalid, Missing, Refusal, Unanswered, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONNECTIONS: Final = 32
"""Per client; no command runs more requests at once."""

_USER_AGENT: Final = f"image-pipeline-ops Boto3/{boto3.__version__}"
"""What CloudTrail shows; botocore puts its own together anew, twice a request, which is an eighth of a request's work."""
_LOCAL_KEY: Final = "test"
_NOT_LOGGED_IN: Final = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    ProfileNotFound,
    TokenRetrievalError,
    SSOError,
)
_STALE: Final = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_MISSING: Final = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "NoSuchBucket",
    "ResourceNotFoundException",
}
_INVALID: Final = {
    "BatchRequestTooLong",
    "InvalidAttributeValue",
    "InvalidMessageContents",
    "InvalidParameterValue",
    "InvalidParameterValueException",
}
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html"""
_REQUEST_IDS: Final = {"x-amzn-requestid", "x-amz-request-id"}
"""https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html; every other service has the first."""
_SHOWN: Final = 80
"""Characters of a foreign answer."""
_FORBIDDEN, _NOT_FOUND, _TOO_MANY, _SERVER_ERROR = 403, 404, 429, 500
_THROTTLED: Final = {
    "RequestThrottled",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "KMS.ThrottlingException",
    "KmsThrottled",
}
_ABORTED: Final = "OperationAborted"
"""Somebody else changes the same bucket right now (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)."""
_DENIED: Final = ("AccessDenied", "AuthorizationError", "KMS.AccessDenied", "KmsAccessDenied")
"""Beginnings of codes. S3 passes KMS's on, SQS has its own, with a 400
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html)."""


class Clients:
    """The boto3 clients of one stack's region, each built once; safe to use from several threads.

    Attributes:
        endpoint_url: Of the embedded AWS; None on AWS itself.
    """

    def __init__(self, region: str | None, endpoint_url: str | None) -> None:
        self.endpoint_url = endpoint_url
        self._region = region
        self._session: boto3.session.Session | None = None
        self._clients: dict[tuple[str, int], Any] = {}
        self._lock = threading.Lock()

    def __call__(self, service: str) -> Any:
        """Return the client of `service`; it asks again, up to three times, when AWS is busy or does not answer."""
        return self._cached(service, attempts=4)

    def once(self, service: str) -> Any:
        """Return a client of `service` that never asks twice by itself: for what must not be done twice."""
        return self._cached(service, attempts=1)

    def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def _cached(self, service: str, attempts: int) -> Any:
        key = (service, attempts)
        with self._lock:  # A session may not build two clients at once.
            if key not in self._clients:
                with translated(f"find credentials for {service}", self.endpoint_url):
                    self._clients[key] = self._build(service, attempts)
            return self._clients[key]

    def _build(self, service: str, attempts: int) -> Any:
        config = Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=CONNECTIONS,
            user_agent=_USER_AGENT,
            parameter_validation=service != "sqs",  # A fifth of a redrive's time, for requests that we build ourselves.
        )
        if self._session is None:  # One for all: what it has read of the services' descriptions, it reads once.
            key = None if self.endpoint_url is None else _LOCAL_KEY
            self._session = boto3.session.Session(key, key, region_name=self._region)
        if self.endpoint_url is not None:
            config = config.merge(Config(s3={"addressing_style": "path"}, proxies={}))
        client = self._session.client(service, endpoint_url=self.endpoint_url, config=config)  # type: ignore[call-overload]  # the service's name is a variable
        client.meta.events.register("before-parse", _check_it_is_aws)
        return client


class NotAws(BotoCoreError):
    """Something else has answered, such as a proxy or a network that wants a login, or an answer was cut."""

    fmt = "It was not AWS that answered, or only a part of its answer came; is there a proxy in between? It began: {beginning}"


def _check_it_is_aws(response_dict: Mapping[str, Any], **_: Any) -> None:
    """Refuse a page of HTML, and JSON that ends early: botocore takes both for an empty answer, a queue without messages.

    Raises:
        NotAws: It is one.
    """
    headers = {name.lower(): value for name, value in response_dict["headers"].items()}
    body = response_dict.get("body")
    text = body.strip() if isinstance(body, bytes) else b""
    is_page = "html" in headers.get("content-type", "") and _REQUEST_IDS.isdisjoint(headers)
    if is_page or (text.startswith(b"{") and not text.endswith(b"}")):
        raise NotAws(beginning=repr(text[:_SHOWN].decode("utf-8", "replace")))


@contextmanager
def translated(request: str, endpoint_url: str | None = None) -> Iterator[None]:
    """Raise botocore's errors within as ours; `request` is what was asked, such as `receive from the queue`.

    Raises:
        Refusal: One of its leaves.
    """
    try:
        yield
    except _NOT_LOGGED_IN as exc:
        raise Denied(
            f"There are no AWS credentials to {request}: {_sentence(exc)} Log in (aws sso login, aws configure) or set"
            " AWS_PROFILE, and try again."
        ) from exc
    except NoRegionError as exc:
        raise Denied(f"There is no AWS region to {request} in: set AWS_REGION and try again.") from exc
    except ClientError as exc:
        raise _of_answer(exc, request) from exc
    except Boto3Error as exc:  # A failed transfer, which wraps what AWS answered.
        if isinstance(exc.__context__, ClientError):
            raise _of_answer(exc.__context__, request) from exc
        raise Unknown(f"AWS did not {request}: {_sentence(exc)}") from exc
    except NoConnection as exc:
        raise Unanswered(_unreachable(request, endpoint_url, exc)) from exc
    except BotoCoreError as exc:
        raise Unanswered(f"AWS gave no answer to: {request}. {_sentence(exc)} Try again.") from exc


def code_of(exc: ClientError) -> str:
    """Return AWS's code of an error, such as `AccessDenied`."""
    return str(exc.response.get("Error", {}).get("Code", ""))


def is_not_found(exc: ClientError) -> bool:
    """Whether AWS answered 404 for a key; a bucket that is not there is another matter."""
    status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == _NOT_FOUND and code_of(exc) != "NoSuchBucket"


def _of_answer(exc: ClientError, request: str) -> Refusal:
    code, status = code_of(exc), exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _STALE:
        return Denied(f"AWS does not take your credentials to {request}: {_sentence(exc)} Log in again, and try again.")
    if code in _MISSING:
        return Missing(
            f"AWS has nothing there to {request}: {_sentence(exc)} Is this the right stack? If it was removed, run"
            " pulumi up for it."
        )
    if code in {*_THROTTLED, _ABORTED} or status == _TOO_MANY or status >= _SERVER_ERROR:
        return Busy(f"AWS is busy and did not {request}: {_sentence(exc)} Try again in a minute.")
    if code.rpartition(".")[2] in _INVALID:
        return Invalid(f"AWS takes no such request to {request}: {_sentence(exc)}")
    if status == _FORBIDDEN or code.startswith(_DENIED):
        return Denied(
            f"You are not allowed to {request}: {_sentence(exc)} Use other credentials (AWS_PROFILE), or ask for the"
            " permission; docs/operations.md lists those that each command needs."
        )
    return Unknown(f"AWS did not {request}: {_sentence(exc)}")


def _unreachable(request: str, endpoint_url: str | None, exc: Exception) -> str:
    if endpoint_url is not None:
        return f"The local stack does not answer at {endpoint_url}: start it with make up, and try again."
    return f"AWS gave no answer to: {request}. {_sentence(exc)} Check the network, and try again."


def _sentence(exc: Exception) -> str:
    """Return botocore's or AWS's message with a full stop."""
    error = exc.response.get("Error", {}) if isinstance(exc, ClientError) else {}
    text = (error.get("Message") or str(exc)).strip().rstrip(".")
    return f"{text}."
