from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from worker.contracts.errors import AccessDenied, Archived, Conflict, ServiceUnavailable, Throttled, Unexpected
from worker.process.aws import translated


def raised_for(status: int, code: str) -> type[Exception]:
    """Return what a ClientError of this status and code is raised as."""
    answer = {"Error": {"Code": code, "Message": "said so"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(Exception, match="s3:PutObject k: said so") as caught, translated("s3:PutObject k"):
        raise ClientError(answer, "PutObject")  # type: ignore[arg-type]
    assert isinstance(caught.value.__cause__, ClientError)
    return caught.type


@pytest.mark.parametrize(
    ("status", "code", "becomes"),
    [
        (403, "AccessDenied", AccessDenied),
        (400, "AccessDeniedException", AccessDenied),
        (403, "403", AccessDenied),
        (409, "ConditionalRequestConflict", Conflict),
        (412, "PreconditionFailed", Conflict),
        (403, "InvalidObjectState", Archived),
        (404, "NoSuchKey", Conflict),
        (404, "NoSuchBucket", Unexpected),
        (503, "SlowDown", Throttled),
        (400, "ThrottlingException", Throttled),
        (500, "InternalError", ServiceUnavailable),
        (503, "ServiceUnavailable", ServiceUnavailable),
        (400, "InvalidRequest", Unexpected),
    ],
)
def test_each_answer_of_aws_becomes_one_of_ours(status, code, becomes):
    """Status and code decide; the request and AWS's own sentence are in the detail."""
    assert raised_for(status, code) is becomes


def test_no_answer_at_all_is_service_unavailable():
    """A connection that cannot be made is worth another attempt."""
    with pytest.raises(ServiceUnavailable, match="Could not connect"), translated("s3:GetObject k"):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


def test_what_is_not_botocore_s_passes():
    """Only botocore's errors are translated."""
    with pytest.raises(KeyError), translated("s3:GetObject k"):
        raise KeyError
