"""What stays is said, with why, and the exit status is 1: locked versions, refusals, what comes meanwhile, and what time alone removes."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ops.pictures.erasure.letters import Place, wait_until_worked_off
from ops.queues.queue import Queue
from tests.ops.pictures.erasure.world import QUEUES, World
from worker.contracts.names import AUDIT_STATE

KEY = "cats/tom.jpg"


@pytest.fixture
def world(worlds):
    """Return a world with one picture of two versions, an output, and a neighbour."""
    world = World(worlds.directory)
    for body in (b"old", b"new"):
        world.put(world.source, KEY, body)
    world.put(world.output, f"web/{KEY}.webp")
    world.put(world.source, f"{KEY}.jpg")
    return world


@pytest.fixture
def when(worlds):
    """Return what does something once, right before the first request of a name."""
    clients = []

    def register(service, name, act):
        client: Any = worlds.clients(service)
        done: list[bool] = []

        def once(**_):
            if not done:
                done.append(True)
                act()

        client.meta.events.register(f"before-call.{service}.{name}", once, name)
        clients.append((client, f"before-call.{service}.{name}", name))

    yield register
    for client, event, name in clients:
        client.meta.events.unregister(event, unique_id=name)


def denied(name, *, only=lambda _: True):
    """Raise what AWS answers to whom a request is not allowed."""

    def deny(params, **_):
        if only(params):
            raise ClientError(
                {
                    "Error": {
                        "Code": "AccessDenied",
                        "Message": "Access Denied because object protected by object lock.",
                    },
                    "ResponseMetadata": {"HTTPStatusCode": 403},  # type: ignore[typeddict-item]  # the rest says nothing
                },
                name,
            )

    return deny


@pytest.fixture
def deny(worlds):
    """Return what has requests refused."""
    registered = []

    def register(service, name, only=lambda _: True):
        client, event = worlds.clients(service), f"before-call.{service}.{name}"
        client.meta.events.register(event, denied(name, only=only), f"deny-{name}")
        registered.append((client, event, f"deny-{name}"))

    yield register
    for client, event, name in registered:
        client.meta.events.unregister(event, unique_id=name)


def test_a_locked_version_stays_hidden_and_is_said(world, deny):
    """Object Lock, a legal hold, MFA delete: it stays below a delete marker, its outputs go, the receipt says so."""
    old = min(world.things_of(KEY) & {each for each in world.things() if each[0] == world.source})
    deny("s3", "DeleteObject", lambda params: params["query_string"].get("versionId") == old[2])

    ended = world.erase(KEY)

    assert ended.status == 1
    receipt = json.loads(ended.out)
    assert receipt["state"] == "incomplete"
    stayed = {each["version_id"]: each["why"] for each in receipt["pictures"][0]["stayed"]}
    assert "protected by object lock" in stayed.pop(old[2])
    assert [*stayed.values()] == ["it hides what stayed"]
    assert old[2] not in {each.get("version_id") for each in receipt["pictures"][0]["removed"]["objects"]}
    assert {each[0] for each in world.things_of(KEY)} == {world.source}
    with pytest.raises(ClientError, match="404"):
        world.s3.head_object(Bucket=world.source, Key=KEY)


def test_where_hiding_is_refused_the_versions_go_all_the_same(world, deny):
    """The current one last, so that no older one is rendered meanwhile."""
    removed: list[dict[str, Any]] = []

    def is_not_of_a_version(params: dict[str, Any]) -> bool:
        removed.append(params)
        return "versionId" not in params["query_string"]

    deny("s3", "DeleteObject", is_not_of_a_version)

    ended = world.erase(KEY)

    assert ended.status == 0, ended.out
    named = [each for each in removed if "versionId" in each["query_string"] and world.source in each["url"]]
    latest = named[-1]["query_string"]["versionId"]
    assert latest in {each.get("version_id") for each in json.loads(ended.out)["pictures"][0]["removed"]["objects"]}
    assert world.things_of(KEY) == set()


@pytest.mark.parametrize("request_", ["DeleteObject", "AbortMultipartUpload"])
def test_an_upload_that_comes_meanwhile_stays_and_is_said(world, when, request_):
    """Nobody has confirmed that; the planned versions are gone, and the new one is what readers get."""
    world.s3.create_multipart_upload(Bucket=world.source, Key=KEY)
    planned = world.things_of(KEY)
    when("s3", request_, partial(world.put, world.source, KEY, b"anew"))

    ended = world.erase(KEY)

    assert ended.status == 1
    assert "uploaded anew" in ended.out
    assert not world.things_of(KEY) & {each for each in planned if each[0] == world.source}
    assert world.s3.get_object(Bucket=world.source, Key=KEY)["Body"].read() == b"anew"
    assert world.erase(KEY).status == 0
    assert world.things_of(KEY) == set()


def test_outputs_that_a_worker_makes_meanwhile_are_removed_too(world, when):
    """It had read the original before; its HEAD of the source would end it, unless it is killed right then."""
    world.send("queue", world.event(KEY))
    when("sqs", "DeleteMessageBatch", partial(world.put, world.output, f"thumbnail/{KEY}.webp"))

    ended = world.erase(KEY)

    assert ended.status == 0, ended.out
    assert world.things_of(KEY) == set()
    assert f"thumbnail/{KEY}.webp" in ended.out


def test_a_letter_that_others_hide_is_not_called_gone(world):
    """Another command looks at the dead letters: they may be about it."""
    world.send("dead-letters", world.event(KEY))
    world.sqs.receive_message(QueueUrl=world.urls["dead-letters"], VisibilityTimeout=60)

    ended = world.erase(KEY)

    assert ended.status == 1
    assert "1 message in other hands, not looked at" in ended.out
    world.show_hidden()
    assert world.erase(KEY).status == 0


@pytest.mark.parametrize("queue", QUEUES)
def test_a_letter_that_nobody_understands_stays_and_is_named(world, queue):
    """Its text may be about a neighbour; a person has to look before anybody may call it done."""
    world.send(queue, f"no event, but {KEY}.jpg")

    ended = world.erase(KEY)

    (id_,) = world.ids(queue, f"no event, but {KEY}.jpg")
    receipt = json.loads(ended.out)
    assert (ended.status, receipt["state"]) == (1, "incomplete")
    assert [each["why"] for each in receipt["stayed"] if each["message"] == id_] == [
        "no reader understands it, and it may name the key: look at it"
    ]
    assert receipt["next"].startswith("see to what stayed, then run it again: ")


def test_an_export_of_a_letter_that_nobody_understands_is_named(world):
    """No command takes a part of it out."""
    world.send("dead-letters", f"no event, but {KEY}")
    assert world.run("dlq", "export", "letters.jsonl").status == 0

    receipt = json.loads(world.erase(KEY).out)

    assert any("letters.jsonl, which may name it" in each["what"] for each in receipt["remains"])


@pytest.mark.parametrize("queue", [QUEUES[0], *(pytest.param(queue, marks=pytest.mark.soak) for queue in QUEUES[1:])])
def test_a_message_in_other_hands_all_the_time_leaves_the_receipt_incomplete(world, queue):
    """It may be about the picture: the end says so, and when to look again; then it is done."""
    world.sqs.set_queue_attributes(QueueUrl=world.urls[queue], Attributes={"VisibilityTimeout": "180"})
    world.send(queue, world.event(KEY))
    world.sqs.receive_message(QueueUrl=world.urls[queue])

    ended = world.erase(KEY)

    receipt = json.loads(ended.out)
    assert (ended.status, receipt["state"]) == (1, "incomplete")
    (said,) = receipt["stayed"]
    assert said["why"] == "1 message in other hands, not looked at: run it again in about 3 minutes"
    assert said["gone_by"]
    people = world.run("erase", KEY, f"--confirm={KEY}", "--patience=0")
    assert people.status == 1
    last = people.out.splitlines()[-1]
    assert re.fullmatch(rf"incomplete +run it again, in about 3 minutes: \S.* erase -- {KEY}", last)
    world.show_hidden()
    again = world.erase(KEY)
    assert (again.status, json.loads(again.out)["state"], json.loads(again.out)["next"]) == (0, "done", None)
    assert world.bodies(queue) == []


def test_a_letter_that_is_delayed_is_not_called_gone(world):
    """SQS counts it as neither visible nor hidden."""
    world.sqs.send_message(QueueUrl=world.urls["dead-letters"], MessageBody=world.event(KEY), DelaySeconds=900)

    ended = world.erase(KEY)

    assert (ended.status, json.loads(ended.out)["state"]) == (1, "incomplete")
    assert "1 message in other hands" in ended.out


def test_a_subscriber_s_message_in_hand_is_waited_for(world, worlds):
    """Nothing is said of what its reader has deleted before the patience is over."""
    world.send("search", world.completion("b.jpg"))
    (message,) = world.sqs.receive_message(QueueUrl=world.urls["search"], VisibilityTimeout=600)["Messages"]
    those = [Place(Queue(worlds.clients, world.urls["search"], "search"), is_read=True)]
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        world.sqs.delete_message(QueueUrl=world.urls["search"], ReceiptHandle=message["ReceiptHandle"])

    wait_until_worked_off(those, 60, pause)

    assert len(waits) == 1


def test_an_older_stack_s_undelivered_messages_are_not_called_gone(world):
    """Its outputs do not name their queues."""
    del world.outputs["undelivered_queue_urls"]

    ended = world.erase(KEY)

    assert ended.status == 1
    assert "run pulumi up" in ended.out


def test_logs_are_named_with_the_day_on_which_their_lines_are_gone(world):
    """By the retention of each of this stack's log groups, and of no other's."""
    remains = {each["what"]: each["until"] for each in json.loads(world.erase(KEY).out)["remains"]}

    assert remains["log lines in images-dev-auditor-1a2b3c4"] is None
    assert remains["log lines in images-dev-worker-1a2b3c4"]
    assert not any("images-prod" in what for what in remains)


def test_the_audit_s_state_is_named_where_it_names_the_key(world):
    """Until the audit goes on; a worker writes it, and it is no output."""
    world.put(world.output, AUDIT_STATE, json.dumps({"where": {"after": KEY}}).encode())

    receipt = json.loads(world.erase(KEY).out)

    assert any(AUDIT_STATE in each["what"] for each in receipt["remains"])


def test_the_delivery_s_copies_are_invalidated_also_of_former_renditions(world):
    """Each path once, whatever version is asked for."""
    edge = boto3.client("cloudfront")
    origin = {
        "Quantity": 1,
        "Items": [{"Id": "o", "DomainName": "a.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}],
    }
    config = {
        "CallerReference": "r",
        "Origins": origin,
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only"},
        "Comment": "",
        "Enabled": True,
    }
    world.outputs["delivery_distribution"] = id_ = edge.create_distribution(DistributionConfig=config)["Distribution"][
        "Id"
    ]
    world.put(world.output, f"former/{KEY}.png")

    receipt = json.loads(world.erase(KEY).out)

    (invalidation,) = receipt["invalidation"]["ids"]
    batch = edge.get_invalidation(DistributionId=id_, Id=invalidation)["Invalidation"]["InvalidationBatch"]
    assert {f"/former/{KEY}.*", f"/web/{KEY}.*", f"/thumbnail/{KEY}.*"} <= set(batch["Paths"]["Items"])
    assert receipt["invalidation"]["done"] == (receipt["state"] == "done")


def test_outputs_of_an_upload_that_comes_meanwhile_stay(world, when):
    """They have the same keys, and in a bucket without versions the same version; the new picture would lack them."""

    def upload() -> None:
        world.put(world.source, KEY, b"anew")
        world.put(world.output, f"web/{KEY}.webp", b"of the new one")

    when("s3", "DeleteObject", upload)

    ended = world.erase(KEY)

    assert ended.status == 1
    assert "made of what was uploaded anew" in ended.out
    assert world.s3.get_object(Bucket=world.output, Key=f"web/{KEY}.webp")["Body"].read() == b"of the new one"
