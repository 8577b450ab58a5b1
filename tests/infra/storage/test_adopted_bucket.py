"""A bucket that exists as the source: looked at before anything is made, read, and never changed."""

from __future__ import annotations

import asyncio
import json
from unittest.mock import patch

import pulumi
import pytest
from pulumi.runtime import set_mocks

from infra.access.kms_key import KmsKey
from infra.storage.adopted_bucket import AdoptedBucketArgs
from infra.storage.adoption import NotUsable
from tests.infra.recording import record, statements
from tests.infra.storage.adopting import BUCKET, FITTING, FOUND, KEY, Account, adopt, encrypted, listed, settings

_ERROR = "invoking aws:s3/getBucket:getBucket: 1 error occurred:\n\t* reading S3 Bucket (team-pictures): "
_HTTP = "operation error S3: HeadBucket, https response error StatusCode: {}, RequestID: 403, HostID: 404, api error {}"
MISSING = f"{_ERROR}couldn't find resource\n\n"
MOVED = _ERROR + _HTTP.format(301, "MovedPermanently: Moved Permanently")
DENIED = _ERROR + _HTTP.format(403, "Forbidden: Forbidden")
BAD_REQUEST = _ERROR + _HTTP.format(400, "BadRequest: Bad Request")
AWAY = {**listed(BUCKET), "buckets": [{**listed(BUCKET)["buckets"][0], "bucketRegion": "us-west-2"}]}
NO_CREDENTIALS = "no valid credential sources found"
STOPS = [
    ({"getBucket": MISSING}, "does not exist"),
    ({"getBucket": MOVED, "getBuckets": AWAY}, "is in us-west-2, and this stack in eu-central-1: S3 sends"),
    ({"getBucket": MOVED, "getBuckets": DENIED}, "is in another region than this stack: S3 sends"),
    ({"getBucket": BAD_REQUEST, "getBuckets": AWAY}, "is in us-west-2, and this stack in eu-central-1"),
    ({"getBucket": {**FOUND, "bucketRegion": "us-west-2"}}, "is in us-west-2, and this stack in eu-central-1"),
    ({"getBucket": DENIED, "getBuckets": listed()}, "is another account's"),
    ({"getBucket": DENIED}, "you may not look at"),
    ({"getBucket": DENIED, "getBuckets": DENIED}, "you may not look at"),
    ({"getBuckets": listed()}, "is another account's"),
    ({"getBuckets": listed(f"{BUCKET}-too")}, "is another account's"),
    ({"getBucket": NO_CREDENTIALS}, "could not be looked at"),
    ({"getResource": encrypted("aws:kms", KEY)}, f"encrypts by the key {KEY}. Set sourceKmsKey"),
    ({"getResource": encrypted("aws:kms:dsse", "alias/pictures")}, "encrypts by the key alias/pictures"),
    (
        {"getResource": settings(Tags=[{"Key": "project", "Value": "image-pipeline"}, {"Key": "stack", "Value": "dev"},
                                       {"Key": "managed-by", "Value": "pulumi"}])},
        "this stack has made",
    ),
]  # fmt: skip


def allowed(program, name):
    """Return what a policy allows, as (action, resource)."""
    (policy,) = [each for each in program.all("iam/rolePolicy:RolePolicy") if each.name == name]
    return {(action, on) for each in statements(policy.inputs["policy"]) for action in each["Action"] for on in each["Resource"]}  # fmt: skip


def test_nothing_of_the_bucket_is_made_and_the_rest_is_as_ever():
    """No bucket, policy, lifecycle, versioning, CORS, encryption, tag or notification; all else keeps its name."""
    (adopted, warnings, _), own = adopt(), record(audit="weekly", source={"events": "eventbridge"})
    gone, new = set(own.snapshot()) - set(adopted.snapshot()), set(adopted.snapshot()) - set(own.snapshot())
    assert all(line.startswith("aws:s3/") for line in gone - {"image-pipeline:storage:SourceBucket source"})
    assert new == {"image-pipeline:storage:AdoptedBucket source"}
    assert not [each.name for each in adopted.all("s3/bucket:Bucket") if "source" in each.name]
    assert not [each.name for each in adopted.resources if each.inputs.get("bucket") == BUCKET]
    assert warnings == []


def test_the_roles_may_read_it_and_nothing_else_of_it():
    """The whole bucket's listing, or a missing key would be a 403; objects below the prefix alone."""
    adopted, _, _ = adopt(prefix="photos/")
    listing, reading = ("s3:ListBucket", FOUND["arn"]), ("s3:GetObject", f"{FOUND['arn']}/photos/*")
    assert allowed(adopted, "worker-reads-source") == {listing, reading}
    assert allowed(adopted, "auditor-lists-source") == {listing}
    on_it = [each.name for each in adopted.resources if BUCKET in json.dumps(each.inputs.get("policy", ""))]
    assert sorted(on_it) == ["auditor-lists-source", "worker-reads-source"]


def test_the_queue_hears_of_the_bucket_by_a_rule_alone():
    """Which waits for nothing of the bucket's: its EventBridge flag is the owner's to set."""
    adopted, _, _ = adopt(prefix="photos/")
    pattern = json.loads(adopted.one("cloudwatch/eventRule:EventRule", "events").inputs["eventPattern"])
    assert pattern["detail"] == {"bucket": {"name": [BUCKET]}, "object": {"key": [{"prefix": "photos/"}]}}
    assert adopted.exports["source_events"] == "eventbridge"


def test_commands_and_the_worker_know_the_bucket():
    """By the outputs and the environment that an own bucket's name is in."""
    adopted, _, _ = adopt()
    assert (adopted.exports["source_bucket"], adopted.exports["source_adopted"]) == (BUCKET, True)
    worker = adopted.one("lambda/function:Function", "worker")
    assert worker.inputs["environment"]["variables"]["SOURCE_BUCKET"] == BUCKET


def test_an_own_bucket_is_no_adopted_one(program):
    """The output is only there where the program does not own the bucket."""
    assert "source_adopted" not in program.exports


@pytest.mark.parametrize(("answers", "sentence"), STOPS, ids=[sentence for _, sentence in STOPS])
def test_a_bucket_that_will_not_do_stops_the_preview_with_a_sentence(answers, sentence):
    """Before anything is registered, and with what the provider said behind it."""
    account = Account(answers=answers)
    with patch("pulumi.warn"), pytest.raises(NotUsable) as caught:
        record(recorder=account, source={"bucket": BUCKET})
    said = str(caught.value)
    assert said.startswith(f"source.bucket is '{BUCKET}', which {sentence}")
    assert isinstance(caught.value, pulumi.RunError)  # Pulumi shows no traceback of one.
    if isinstance(error := answers.get("getBucket"), str):
        assert said.endswith(
            f"\n  The provider said: invoke of aws:s3/getBucket:getBucket failed: {' '.join(error.split())} ()"
        )
    assert {type_ for type_, _ in account.inputs if type_.startswith("aws:")} == set()


def test_the_output_bucket_is_no_source():
    """Each rendition would be a picture to render, without end."""
    output = "images-dev-output"
    answers = {"getBuckets": listed(output), "getBucket": {**FOUND, "bucket": output, "arn": f"arn:aws:s3:::{output}"}}
    with pytest.raises(NotUsable, match="is this pipeline's output bucket"):
        record(recorder=Account(answers=answers), source={"bucket": output})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"getBucketNotification": {"eventbridge": False}}, "python -m ops --stack dev adopt team-pictures"),
        ({"getResource": {"properties": "{}"}}, "keeps no versions"),
        ({"getResource": settings(VersioningConfiguration={"Status": "Suspended"})}, "keeps no versions"),
        ({"getBucketNotification": DENIED}, "sends events to EventBridge"),
        ({"getResource": DENIED}, "set sourceKmsKey"),
        ({"getBuckets": DENIED}, "s3:ListAllMyBuckets"),
    ],
)
def test_what_may_be_so_is_a_warning(answers, words):
    """And so is what whoever deploys may not see: the program goes on, and says what was not seen, and why."""
    adopted, (warning,), _ = adopt(answers)
    assert words in warning
    assert ("StatusCode: 403" in warning) == (DENIED in answers.values())
    assert adopted.exports["source_bucket"] == BUCKET


def test_a_deployment_needs_none_of_the_softer_permissions():
    """Nothing but the right to list the bucket: there are three warnings."""
    _, warnings, account = adopt(dict.fromkeys(("getBuckets", "getBucketNotification", "getResource"), DENIED))
    assert len(warnings) == 3
    assert {call.rpartition(":")[2] for call in account.calls} == {*FITTING, "getCallerIdentity", "getRegion"}


@pytest.mark.parametrize(
    "answer", [encrypted("AES256"), encrypted("aws:kms"), encrypted("aws:kms", "arn:aws:kms:eu-central-1:123456789012:alias/aws/s3")]
)  # fmt: skip
def test_the_keys_of_s3_and_of_aws_need_no_grant(answer):
    """Whoever may read the object may use them."""
    assert adopt({"getResource": answer})[1] == []


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        (KEY, True),
        (KEY.rpartition("/")[2], True),
        ("alias/pictures", True),
        (KEY.replace("1234abcd", "00000000"), False),
    ],
)
def test_the_worker_s_key_has_to_be_the_bucket_s(key, fits):
    """By ARN or id; what an alias stands for nobody can see."""
    args = AdoptedBucketArgs(BUCKET, "", (), KmsKey("sourceKmsKey", KEY))
    with patch("infra.config.keys.source.AdoptedBucketArgs", lambda *_: args):
        if fits:
            assert adopt({"getResource": encrypted("aws:kms", key)})[1] == []
        else:
            with pytest.raises(NotUsable, match=f"and sourceKmsKey is {KEY}"):
                adopt({"getResource": encrypted("aws:kms", key)})


def test_a_bucket_that_is_yet_to_be_made_is_looked_at_by_no_preview():
    """Its name is not known then, and nothing else stops."""

    def unknown(_bucket, *filters):
        value: asyncio.Future[str] = asyncio.Future()
        known: asyncio.Future[bool] = asyncio.Future()
        value.set_result("")
        known.set_result(False)
        return AdoptedBucketArgs(pulumi.Output(set(), value, known), *filters)

    with (
        patch("infra.config.keys.source.AdoptedBucketArgs", unknown),
        patch("local.program.set_mocks", lambda mocks, **how: set_mocks(mocks, **{**how, "preview": True})),
    ):
        program, warnings, account = adopt({"getBucket": MISSING})
    assert not [call for call in account.calls if ":s3/" in call]
    assert (warnings, "source_bucket" in program.exports) == ([], False)


@pytest.mark.parametrize("answers", [{}, {"getBucket": MISSING}])
def test_a_bucket_whose_name_is_an_output_is_looked_at_once_that_is_known(answers):
    """Of a program that makes the bucket itself: the same looks, and the same stops."""

    def later(bucket, *filters):
        return AdoptedBucketArgs(pulumi.Output.from_input(bucket), *filters)

    with patch("infra.config.keys.source.AdoptedBucketArgs", later):
        if answers:
            with pytest.raises(NotUsable, match="does not exist"):
                adopt(answers)
        else:
            adopted, warnings, _ = adopt(answers)
            assert (adopted.exports["source_bucket"], warnings) == (BUCKET, [])
