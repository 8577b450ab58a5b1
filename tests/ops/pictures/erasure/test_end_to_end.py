"""On the embedded AWS, whose worker, events and subscriber are at it meanwhile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from local.engine import running
from ops.commands.cli import main
from tests.local.processes.waiting import eventually
from tests.ops.conftest import POLLS
from tests.ops.support.workbench import Bench
from tests.worker.images.pictures.small import jpeg
from worker.contracts.events import event_body

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.soak]

KEY: Final = "cats/tom.jpg"
NEIGHBOURS: Final = ("cats/tom.jpg.jpg", "cats/tom.jpg2.jpg", "Cats/tom.jpg")


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Run a stack that delivers, with a subscriber."""
    config = {"subscribers": {"search": {"protocol": "sqs"}}, "delivery": {"enabled": True}}
    with running(config=config, directory=tmp_path_factory.mktemp("erasure")) as stack:
        yield stack


@pytest.fixture
def bench(stack, tmp_path, monkeypatch) -> Iterator[Bench]:
    """Return the stack, commands run in a directory of their own."""
    monkeypatch.chdir(tmp_path)
    for name, seconds in {**POLLS, "ops.pictures.erasure.letters._POLL_SECONDS": 0.25}.items():
        monkeypatch.setattr(name, seconds)
    yield Bench(stack)
    stack.assert_alive()


def objects(bench: Bench) -> dict[tuple[str, str, str], bytes]:
    """Return the bytes of every version and the ids of delete markers, of both buckets."""
    s3, found = bench.client("s3"), {}
    for bucket in (bench.stack["source_bucket"], bench.stack["output_bucket"]):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for each in page.get("Versions", []):
                id_ = each["VersionId"]
                answer = s3.get_object(Bucket=bucket, Key=each["Key"], **({} if id_ == "null" else {"VersionId": id_}))
                found[bucket, each["Key"], id_] = answer["Body"].read()
            found |= {(bucket, each["Key"], each["VersionId"]): b"" for each in page.get("DeleteMarkers", [])}
    return found


def is_of(bench: Bench, thing: tuple[str, str, str]) -> bool:
    """Whether an object is the picture's: no other key of these tests ends in its key and one extension."""
    bucket, key, _ = thing
    stem = key.partition("/")[2].rpartition(".")[0]
    return key == KEY if bucket == bench.stack["source_bucket"] else stem == KEY


def queues(bench: Bench) -> dict[str, str]:
    """Return the URL of each queue."""
    urls = {name: bench.stack[f"{name}_url"] for name in ("queue", "backfill_queue", "dead_letter_queue")}
    return {
        **urls,
        "search": bench.stack.outputs["subscriber_queue_urls"]["search"],
        "search-undelivered": bench.stack.outputs["undelivered_queue_urls"]["search"],
    }


def bodies(bench: Bench, url: str) -> list[str]:
    """Return the bodies of all messages in a queue, without hiding one."""
    found: dict[str, str] = {}
    while True:
        answer = bench.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=5)
        if not answer.get("Messages"):
            break
        found |= {each["MessageId"]: each["Body"] for each in answer["Messages"]}
    return [*found.values()]


def is_all_visible(bench: Bench) -> bool:
    """Whether no message of any queue is hidden, as those are that these tests have looked at."""
    name: Any = "ApproximateNumberOfMessagesNotVisible"
    sqs = bench.client("sqs")
    answers = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name]) for url in queues(bench).values()]
    return all(answer["Attributes"][name] == "0" for answer in answers)


def is_quiet(bench: Bench) -> bool:
    """Whether no worker has anything to do."""
    return bench.depth("queue_url") == (0, 0) == bench.depth("backfill_queue_url")


def fill(bench: Bench) -> None:
    """Leave of the picture all that there can be: versions, a marker, a former recipe's output, an upload, letters."""
    source, output = bench.stack["source_bucket"], bench.stack["output_bucket"]
    s3, sqs = bench.client("s3"), bench.client("sqs")
    bench.upload(KEY, jpeg(8, 9))
    bench.delete(KEY)
    for key in (KEY, *NEIGHBOURS):
        bench.upload(key, jpeg(31, 17))
        s3.put_object(Bucket=output, Key=f"former/{key}.png", Body=key.encode())
        s3.create_multipart_upload(Bucket=source, Key=key)
        bench.plant(key, "throttled")
        sqs.send_message(QueueUrl=queues(bench)["search-undelivered"], MessageBody=completion(bench, key))
    bench.plant(KEY, "throttled", body=event_body(source, KEY, NEIGHBOURS[0]))
    bench.wait_for(KEY, *NEIGHBOURS)
    assert eventually(lambda: is_quiet(bench), 60)


def completion(bench: Bench, key: str) -> str:
    """Return what SNS keeps of a message that nobody took."""
    inner = json.dumps({"type": "image.ready", "source": {"bucket": bench.stack["source_bucket"], "key": key}})
    return json.dumps({"Type": "Notification", "Message": inner})


def names_it(body: str) -> bool:
    """Whether a message is about the picture, and no neighbour."""
    return f'{KEY}\\"' in body or f'{KEY}"' in body or f'{KEY.replace("/", "%2F")}"' in body


def test_nothing_is_left_of_a_picture_in_buckets_and_queues_and_its_receipt_is_true(bench):
    """The worker meanwhile gets events of every deletion, and makes nothing of them."""
    fill(bench)
    before = objects(bench)
    of_it = {each for each in before if is_of(bench, each)}
    assert len(of_it) > 6
    assert any(names_it(body) for body in bodies(bench, queues(bench)["search"]))
    assert eventually(lambda: is_all_visible(bench), 30)

    ended = bench.run("erase", KEY, "--confirm", KEY, "--json")

    assert ended.status == 0, (ended.out, ended.err)
    receipt = json.loads(ended.out)
    assert eventually(lambda: is_quiet(bench), 60)
    assert objects(bench) == {thing: data for thing, data in before.items() if thing not in of_it}
    for name, url in queues(bench).items():
        left = bodies(bench, url)
        assert not [body for body in left if names_it(body)], name
        expected = {
            "search": len(NEIGHBOURS),
            "search-undelivered": len(NEIGHBOURS),
            "dead_letter_queue": len(NEIGHBOURS) + 1,
        }
        assert len(left) == expected.get(name, 0), (name, left)
    uploads = bench.client("s3").list_multipart_uploads(Bucket=bench.stack["source_bucket"])["Uploads"]
    assert {each["Key"] for each in uploads} == set(NEIGHBOURS)
    (picture,) = receipt["pictures"]
    gone = {
        (each["bucket"], each["key"], each["version_id"])
        for each in picture["removed"]["objects"]
        if "version_id" in each
    }
    assert of_it <= gone
    assert not gone & set(objects(bench))
    assert receipt["invalidation"]["done"]
    assert any("-worker-" in each["what"] and each["until"] for each in receipt["remains"])


def test_where_no_worker_runs_messages_are_taken_out_of_its_queues(bench):
    """As they would wait there for days; the others are as they were."""
    functions = bench.client("lambda")
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    for mapping in mappings:
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    try:
        for name in ("queue", "backfill_queue"):
            for key in (KEY, NEIGHBOURS[0]):
                bench.client("sqs").send_message(
                    QueueUrl=bench.stack[f"{name}_url"], MessageBody=event_body(bench.stack["source_bucket"], key)
                )
        bench.upload(KEY)
        assert eventually(lambda: is_all_visible(bench), 30)
        ended = bench.run("erase", KEY, "--confirm", KEY, "--json", "--patience", "0")
        assert ended.status == 0, (ended.out, ended.err)
        for name in ("queue", "backfill_queue"):
            left = bodies(bench, bench.stack[f"{name}_url"])
            assert event_body(bench.stack["source_bucket"], NEIGHBOURS[0]) in left
            assert event_body(bench.stack["source_bucket"], KEY) not in left
    finally:
        for mapping in mappings:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    assert eventually(lambda: is_quiet(bench), 60)


def erase_in(bench: Bench, bucket: str, directory: Path, capsys: Any) -> tuple[int, dict[str, Any]]:
    """Erase from another source bucket, as one that is adopted."""
    outputs = json.loads((bench.stack.directory / "outputs.json").read_text())
    path = directory / "outputs.json"
    path.write_text(json.dumps({**outputs, "source_bucket": bucket}))
    status = main(["--outputs", str(path), "erase", KEY, "--confirm", KEY, "--json", "--patience", "0"])
    return status, json.loads(capsys.readouterr().out)


def versions_in(bench: Bench, bucket: str) -> list[dict[str, Any]]:
    """Return every version and delete marker."""
    answer = bench.client("s3").list_object_versions(Bucket=bucket)
    return [*answer.get("Versions", []), *answer.get("DeleteMarkers", [])]


@pytest.mark.parametrize("then", [["put"], ["put", "delete"], ["delete"], ["delete", "put", "put"]])
def test_a_bucket_whose_versions_are_suspended_keeps_none(bench, tmp_path, capsys, then):
    """Its current version is called null, as is the delete marker that takes its place, above versions with ids."""
    s3, bucket = bench.client("s3"), f"suspended-{len(then)}-{then[0]}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": bench.stack["region"]})
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"with an id")
    s3.put_object(Bucket=bucket, Key=NEIGHBOURS[0], Body=b"neighbour")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    for number, how in enumerate(then):
        if how == "put":
            s3.put_object(Bucket=bucket, Key=KEY, Body=str(number).encode())
        else:
            s3.delete_object(Bucket=bucket, Key=KEY)

    status, receipt = erase_in(bench, bucket, tmp_path, capsys)

    assert (status, receipt["state"]) == (0, "done"), receipt
    assert [each["Key"] for each in versions_in(bench, bucket)] == [NEIGHBOURS[0]]


def test_a_version_under_legal_hold_stays_out_of_sight(bench, tmp_path, capsys):
    """S3's own words say why; when the hold is over, another run removes it."""
    s3, bucket = bench.client("s3"), "held"
    s3.create_bucket(
        Bucket=bucket,
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": bench.stack["region"]},
    )
    held = s3.put_object(Bucket=bucket, Key=KEY, Body=b"held")["VersionId"]
    s3.put_object_legal_hold(Bucket=bucket, Key=KEY, VersionId=held, LegalHold={"Status": "ON"})
    s3.put_object(Bucket=bucket, Key=KEY, Body=b"free")

    status, receipt = erase_in(bench, bucket, tmp_path, capsys)

    assert (status, receipt["state"]) == (1, "incomplete")
    assert held in [each.get("version_id") for each in receipt["pictures"][0]["stayed"]]
    assert "object lock" in json.dumps(receipt)
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=bucket, Key=KEY)
    s3.put_object_legal_hold(Bucket=bucket, Key=KEY, VersionId=held, LegalHold={"Status": "OFF"})
    assert erase_in(bench, bucket, tmp_path, capsys)[0] == 0
    assert versions_in(bench, bucket) == []
