"""An account in which a bucket is there to be adopted, as the provider's functions tell of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from tests.infra.recording import Program, Recorder, record

BUCKET = "team-pictures"
REGION = "eu-central-1"
FOUND = {"bucket": BUCKET, "arn": f"arn:aws:s3:::{BUCKET}", "bucketRegion": REGION, "region": REGION}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def listed(*names: str) -> dict[str, Any]:
    """Return the answer with the account's buckets of these names."""
    buckets = [{"name": name, "bucketRegion": REGION, "bucketArn": "", "creationDate": ""} for name in names]
    return {"buckets": buckets, "region": REGION}


def settings(**properties: Any) -> dict[str, Any]:
    """Return the answer with what CloudFormation would say of the bucket."""
    return {"properties": json.dumps({"VersioningConfiguration": {"Status": "Enabled"}, **properties})}


def encrypted(algorithm: str, key: str | None = None) -> dict[str, Any]:
    """Return the answer for a bucket that encrypts so by default."""
    default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
    return settings(
        BucketEncryption={"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]}
    )


FITTING = {
    "getBucket": FOUND,
    "getBuckets": listed(BUCKET, f"{BUCKET}-too"),
    "getBucketNotification": {"eventbridge": True},
    "getResource": settings(),
}


@dataclass
class Account(Recorder):
    """Answers the provider's functions by name: with outputs, or with the text of an error."""

    answers: dict[str, Any] = field(default_factory=dict)

    def call(self, args):
        name = args.token.rpartition(":")[2]
        if name not in FITTING:
            return super().call(args)
        self.calls.append(args.token)
        answer = {**FITTING, **self.answers}[name]
        return ({}, [("", answer)]) if isinstance(answer, str) else answer


def adopt(answers: dict[str, Any] | None = None, **source: Any) -> tuple[Program, list[str], Account]:
    """Run the program with the bucket as its source; return what it registered, its warnings, and the account."""
    account, warnings = Account(answers=answers or {}), []
    with patch("pulumi.warn", lambda text, resource=None: warnings.append(text)):
        program = record(recorder=account, audit="weekly", source={"bucket": BUCKET, **source})
    return program, warnings, account
