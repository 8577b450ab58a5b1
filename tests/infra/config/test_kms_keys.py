"""Keys of one's own: each role may use exactly the keys of what it uses, and a key that AWS cannot work with stops the program."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from tests.infra import recording
from tests.infra.recording import ACCOUNT, GET_KEY, USABLE, record, statements

NAMES = ("source", "output", "queue", "topic")
KEYS = {name: f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/mrk-{name[0].encode().hex() * 16}" for name in NAMES}
CONFIG: dict[str, Any] = {f"{name}KmsKey": arn for name, arn in KEYS.items()}
READ, WRITE = {"kms:Decrypt"}, {"kms:GenerateDataKey"}
MAY = {
    "worker-reads-source": ("source", READ),
    "worker-writes-output": ("output", READ | WRITE),
    "worker-consumes-queue": ("queue", READ),
    "worker-consumes-backfill": ("queue", READ),
    "worker-rejects-to-dead-letters": ("queue", READ | WRITE),
    "worker-publishes-completion": ("topic", READ | WRITE),
    "pager-tells-operators": ("topic", READ | WRITE),
    "auditor-reads-output": ("output", READ | WRITE),
    "auditor-sends-to-backfill": ("queue", READ | WRITE),
    "uploader-signs-uploads": ("source", WRITE),
    "uploader-reads-outputs": ("output", READ),
}
"""By the role's policy: the key, and what may be done with it."""


@pytest.fixture(scope="module")
def encrypted():
    """Return the program with all that there can be, and four keys."""
    return record(
        **CONFIG,
        audit="weekly",
        subscribers={"search": {"protocol": "sqs"}},
        page={"access": {"code": "correct-horse-battery-staple"}},
        delivery={"enabled": True},
        archive={"afterDays": 30},
        renditions={"square": {"width": 64, "height": 64, "fit": "cover"}},
    )


def kms_in(program):
    """Return by policy, key and action what the program allows with keys."""
    return {
        (policy.name, resource, action)
        for policy in program.all("iam/rolePolicy:RolePolicy")
        for statement in statements(policy.inputs["policy"])
        for resource in statement["Resource"]
        for action in statement["Action"]
        if action.lower().startswith("kms:")
    }


def test_each_role_may_do_with_each_key_what_it_does_and_no_more(encrypted):
    """No `kms:*`, no `*` for a resource, and nothing for who only lists, tags or reads metadata."""
    assert kms_in(encrypted) == {
        (policy, KEYS[name], action) for policy, (name, actions) in MAY.items() for action in actions
    }


def test_no_other_policy_mentions_a_key(encrypted):
    """Bucket, queue and topic policies are as they were: what a service of AWS's needs is in the key's own policy."""
    policies = [r for r in encrypted.resources if "policy" in r.inputs and not r.type.startswith("aws:iam/")]
    assert policies
    assert not [policy.name for policy in policies if "kms" in str(policy.inputs["policy"]).lower()]


def test_buckets_are_encrypted_with_their_keys(encrypted):
    """By default, with a key for the bucket; the page's own files have no secret in them."""
    kind = "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    for name in ("source", "output"):
        (rule,) = encrypted.one(kind, f"{name}-encrypts").inputs["rules"]
        assert rule == {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEYS[name]},
            "bucketKeyEnabled": True,
        }
    (rule,) = encrypted.one(kind, "site-encrypts").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}


def test_every_queue_has_the_key(encrypted):
    """Queue, backfill, dead letters, a subscriber's queue and what could not be delivered to it; AWS takes one kind of encryption alone."""
    queues = {r.name.removeprefix("images-dev-"): r.inputs for r in encrypted.all("sqs/queue:Queue")}
    assert set(queues) == {"queue", "backfill", "dead-letters", "search", "search-undelivered"}
    for inputs in queues.values():
        assert inputs["kmsMasterKeyId"] == KEYS["queue"]
        assert 60 <= inputs["kmsDataKeyReusePeriodSeconds"] <= 86_400
        assert "sqsManagedSseEnabled" not in inputs


def test_every_topic_has_the_key(encrypted):
    """Alarms, too: a key of one's own can let CloudWatch use it."""
    topics = {r.name.removeprefix("images-dev-"): r.inputs for r in encrypted.all("sns/topic:Topic")}
    assert {name: inputs["kmsMasterKeyId"] for name, inputs in topics.items()} == {
        "completion": KEYS["topic"],
        "alarms": KEYS["topic"],
        "operators": KEYS["topic"],
    }


def test_without_a_key_nothing_is_asked_and_nothing_is_allowed(program):
    """AWS's own keys need no permission."""
    assert kms_in(program) == set()
    assert "kmsMasterKeyId" not in program.one("sns/topic:Topic", "alarms").inputs


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({**USABLE, "keyState": "Disabled"}, "is disabled: enable it"),
        ({**USABLE, "keyState": "PendingDeletion"}, "is to be deleted: cancel that"),
        ({**USABLE, "keyState": "PendingImport"}, "is PendingImport"),
        ({**USABLE, "keySpec": "RSA_2048"}, "is RSA_2048 for ENCRYPT_DECRYPT: S3, SQS and SNS take symmetric keys"),
        ({**USABLE, "keySpec": "HMAC_256", "keyUsage": "GENERATE_VERIFY_MAC"}, "is HMAC_256 for GENERATE_VERIFY_MAC"),
        ({**USABLE, "keyManager": "AWS"}, "is AWS's own, whose policy nobody can change: make a key"),
        (RuntimeError("operation error KMS: DescribeKey, NotFoundException: Key does not exist"), "does not exist"),
    ],
)
def test_a_key_that_aws_cannot_work_with_stops_the_program_before_anything_is_made(monkeypatch, answer, says):
    """With a line for each key, which names the configuration's key and what to do."""
    monkeypatch.setitem(recording.ANSWERS, GET_KEY, answer)
    with pytest.raises(pulumi.RunError) as refused:
        record(**CONFIG)
    lines = str(refused.value).splitlines()[1:]
    assert [line.split(":")[0].strip() for line in lines] == list(CONFIG)
    assert all(says in line and arn in line for line, arn in zip(lines, KEYS.values(), strict=True))


def test_a_key_that_may_not_be_looked_at_is_a_warning(monkeypatch):
    """Roles use the keys, not who deploys."""
    warned: list[str] = []
    monkeypatch.setattr(pulumi, "warn", warned.append)
    denied = RuntimeError("AccessDeniedException: User: x is not authorized to perform: kms:DescribeKey")
    monkeypatch.setitem(recording.ANSWERS, GET_KEY, denied)
    assert record(**CONFIG).all("sqs/queue:Queue")
    assert [text.split(":")[0] for text in warned] == list(CONFIG)


def test_another_failure_is_not_taken_for_an_answer(monkeypatch):
    """Without credentials, say, nothing is known of a key."""
    monkeypatch.setitem(recording.ANSWERS, GET_KEY, RuntimeError("no credentials"))
    with pytest.raises(Exception, match="no credentials"):
        record(**CONFIG)
