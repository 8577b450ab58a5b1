from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from worker.contracts.errors import AccessDenied, Archived, Conflict, ServiceUnavailable, Throttled, Unexpected
from worker.process.aws import OutdatedSdk, check_sdk, client, translated


def raised_for(status: int, code: str) -> type[Exception]:
    """Return what a ClientError of this status and code is raised as."""
    answer = {"Error": {"Code": code, "Message": "said so"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(Exception, match=r"s3:PutObject k: (K.*: )?said so") as caught, translated("s3:PutObject k"):
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
        (400, "KMS.DisabledException", AccessDenied),
        (400, "KMS.KMSInvalidStateException", AccessDenied),
        (400, "KMS.NotFoundException", AccessDenied),
        (400, "KMS.InvalidKeyUsageException", AccessDenied),
        (400, "KMS.ThrottlingException", Throttled),
        (500, "KMS.InternalException", ServiceUnavailable),
        (503, "KMS.DependencyTimeoutException", ServiceUnavailable),
        (500, "KMS.KeyUnavailableException", ServiceUnavailable),
        (400, "KMSAccessDenied", AccessDenied),
        (400, "KMSDisabled", AccessDenied),
        (400, "KMSThrottling", Throttled),
        (400, "KmsAccessDenied", AccessDenied),
        (400, "KmsInvalidState", AccessDenied),
        (400, "KmsThrottled", Throttled),
    ],
)
def test_each_answer_of_aws_becomes_one_of_ours(status, code, becomes):
    """Status and code decide; the request and AWS's own sentence are in the detail."""
    assert raised_for(status, code) is becomes


def test_no_answer_at_all_is_service_unavailable():
    """A connection that cannot be made is worth another attempt."""
    with pytest.raises(ServiceUnavailable, match="Could not connect"), translated("s3:GetObject k"):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")


KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a"
ROLE = "arn:aws:sts::123456789012:assumed-role/images-dev-worker/images-dev-worker"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDenied", f"User: {ROLE} is not authorized to perform: kms:Decrypt on resource: {KEY} because no ..."),
        ("KMS.DisabledException", f"{KEY} is disabled."),
        ("KMS.KMSInvalidStateException", f"{KEY} is pending deletion."),
    ],
)
def test_what_kms_refuses_names_the_key_and_what_is_missing(code, message):
    """So that an operator sees which key, and whether a grant is missing or the key itself is off."""
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    with pytest.raises(AccessDenied, match="GetObject") as caught, translated("s3:GetObject a.jpg"):
        raise ClientError(answer, "GetObject")
    assert message in caught.value.detail
    assert code == "AccessDenied" or code in caught.value.detail


def test_a_parameter_that_the_sdk_does_not_know_is_not_an_outage():
    """No service is down, and waiting changes nothing: the detail says which botocore it is."""
    with pytest.raises(Unexpected, match=r"This botocore, \d+\.\d+"), translated("s3:PutObject k"):
        client("s3").put_object(Bucket="b", Key="k", IfNoMatch="*")


@pytest.mark.parametrize("version", ["1.35.68", "1.34.200", "0.99.99"])
def test_an_sdk_below_the_floor_stops_the_function(version):
    """At its start and with what to do, instead of failing every picture."""
    with pytest.raises(OutdatedSdk, match=f"botocore {version} is older than 1.35.69"):
        check_sdk(version)


@pytest.mark.parametrize("version", ["1.35.69", "1.35.100", "1.43.106", "2.0.0"])
def test_an_sdk_from_the_floor_on_will_do(version):
    """Compared by numbers, not by letters."""
    check_sdk(version)


def test_what_is_not_botocore_s_passes():
    """Only botocore's errors are translated."""
    with pytest.raises(KeyError), translated("s3:GetObject k"):
        raise KeyError
