"""Clients of the embedded AWS: boto3, loopback endpoint, root credentials or a role's. Opens no connection before its first use."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ACCESS_KEY: Final = "test"
SECRET_KEY: Final = "test"  # noqa: S105 - the emulator's root credentials
ACCOUNT_ID: Final = "000000000000"

SERVICES: Final = (
    "s3",
    "sqs",
    "sns",
    "lambda",
    "iam",
    "kms",
    "ssm",
    "sts",
    "logs",
    "cloudwatch",
    "events",
    "cloudfront",
    "apigateway",
)
"""What the emulator offers; a request to any other service is answered with an error."""


class Cloud:
    """The embedded AWS as one account sees it.

    Attributes:
        endpoint_url: Of all services.
        region: Of all resources.
        account_id: The emulator's only account.
        root: As root sees it: for what AWS checks by itself, whoever asks.
    """

    account_id: Final = ACCOUNT_ID

    def __init__(
        self, endpoint_url: str, region: str, role: Mapping[str, str] | None = None, root: Cloud | None = None
    ) -> None:
        """`role` is what STS answers to who assumes a role; without, everything is done as root."""
        self.endpoint_url = endpoint_url
        self.region = region
        self.root = root or self
        keys = role or {"AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}
        self._session = boto3.session.Session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys.get("SessionToken"), region_name=region
        )
        self._clients: dict[tuple[str, float], Any] = {}
        self._lock = threading.Lock()

    def as_role(self, arn: str) -> Cloud:
        """Return the same AWS as a role sees it that this one may assume."""
        role = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="local")["Credentials"]
        return Cloud(self.endpoint_url, self.region, role, self.root)

    def client(self, service: str) -> Any:
        """Return the boto3 client of `service`, the same one every time; safe to use from several threads."""
        return self._cached(service, read_timeout=60, attempts=2)

    def impatient_client(self, service: str, seconds: float) -> Any:
        """Return a client that waits for an answer `seconds` at most and asks only once."""
        return self._cached(service, read_timeout=seconds, attempts=1)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of `resource`, such as `function:worker`, in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def check_requests(self, check: Callable[..., None]) -> None:
        """Have every request that is made from now on held against `check`, which raises what it finds."""
        self._session.events.register("before-parameter-build", check, unique_id="check-requests")

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _cached(self, service: str, read_timeout: float, attempts: int) -> Any:
        key = (service, read_timeout)
        with self._lock:  # A session may not build two clients at once.
            if key not in self._clients:
                self._clients[key] = self._build(service, read_timeout, attempts)
            return self._clients[key]

    def _build(self, service: str, read_timeout: float, attempts: int) -> Any:
        config = Config(
            s3={"addressing_style": "path"},
            proxies={},  # Not the environment's: no proxy can reach this loopback.
            connect_timeout=2,
            read_timeout=read_timeout,
            retries={"total_max_attempts": attempts, "mode": "standard"},
        )
        return self._session.client(service, endpoint_url=self.endpoint_url, config=config)  # type: ignore[call-overload]  # the service's name is a variable
