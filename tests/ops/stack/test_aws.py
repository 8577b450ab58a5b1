from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ReadTimeoutError,
)

from ops.stack.aws import translated
from ops.terminal import errors


def answer(code: str, status: int = 400) -> ClientError:
    """Return an answer of AWS's."""
    response: Any = {"Error": {"Code": code, "Message": "Said AWS."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Request")


@pytest.mark.parametrize(
    ("raised", "ours", "advice"),
    [
        (answer("AccessDenied", 403), errors.Denied, "docs/operations.md lists"),
        (answer("AuthorizationError", 400), errors.Denied, "ask for the permission"),
        (answer("KmsAccessDenied", 400), errors.Denied, "ask for the permission"),
        (answer("KMS.AccessDeniedException", 400), errors.Denied, "ask for the permission"),
        (answer("KmsThrottled", 400), errors.Busy, "Try again in a minute"),
        (answer("ExpiredToken"), errors.Denied, "Log in again"),
        (answer("AWS.SimpleQueueService.NonExistentQueue"), errors.Missing, "Is this the right stack"),
        (answer("NoSuchBucket", 404), errors.Missing, "pulumi up"),
        (answer("ThrottlingException"), errors.Busy, "Try again in a minute"),
        (answer("InternalError", 500), errors.Busy, "Try again in a minute"),
        (answer("AWS.SimpleQueueService.BatchRequestTooLong"), errors.Invalid, "takes no such request"),
        (answer("SomethingElse"), errors.Unknown, r"AWS did not ask: Said AWS\.$"),
        (NoCredentialsError(), errors.Denied, "aws sso login"),
        (NoRegionError(), errors.Denied, "AWS_REGION"),
        (EndpointConnectionError(endpoint_url="https://x"), errors.Unanswered, "Check the network"),
        (ReadTimeoutError(endpoint_url="https://x"), errors.Unanswered, "Try again"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_every_error_of_botocore_is_a_sentence_that_says_what_to_do(raised, ours, advice):
    """Each in its class, with botocore's or AWS's own words and its cause."""
    with pytest.raises(ours, match=advice) as caught, translated("ask"):
        raise raised
    assert caught.value.__cause__ is raised


def test_the_family_is_closed():
    """Every leaf is reached by the translation or raised by name; nothing else is in the tree."""
    tree = {leaf.__name__ for parent in errors.OpsError.__subclasses__() for leaf in parent.__subclasses__()}
    assert tree == {"NoStack", "NoLetter", "Denied", "Missing", "Invalid", "Busy", "Unanswered", "Unknown"}
