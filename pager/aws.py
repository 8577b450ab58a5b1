"""The clients, impatient: the page must go out before the function's time is over."""

from __future__ import annotations

from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

UNREADABLE: Final = (ClientError, BotoCoreError)
"""What a request that fails raises."""


def client(service: str) -> Any:
    """Return a client of the function's own credentials."""
    import boto3  # noqa: PLC0415 - Most of the time that the function takes to start.
    from botocore.config import Config  # noqa: PLC0415

    config = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})
    make: Any = boto3.client  # Its overloads have no service that is not known before.
    return make(service, config=config)


def why(error: Exception) -> str:
    """Return what to write of a request that failed: AWS's code, or the kind of failure."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown error"))
    return type(error).__name__
