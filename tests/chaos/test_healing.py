"""Which outputs get a hint when all is quiet: those that no recipe makes, and no others."""

from __future__ import annotations

import json

import boto3
import pytest

from chaos.stack.healing import send_leftovers
from chaos.stack.recipes import CHANGES
from tests.worker.conftest import aws, s3
from worker.contracts.events import keys_of, leftovers_in

__all__ = ["aws", "s3"]

CURRENT = ("thumbnail/1.webp", "web/1.webp", "thumbnail/cats/1.jpg.webp", "hero/cats/1.jpg.jpeg")


class Stack(dict[str, str]):
    """Names of what is in moto."""

    def client(self, service):
        return boto3.client(service)


@pytest.fixture
def stack(s3):
    """Return a stack with two pictures that are current, and one that was rejected."""
    queue = boto3.client("sqs").create_queue(QueueName="backfill")["QueueUrl"]
    for key in CURRENT:
        s3.put_object(Bucket="renditions", Key=key, Body=b"")
    for key, type_ in (("1", "image.ready"), ("cats/1.jpg", "image.ready"), ("2", "image.rejected")):
        s3.put_object(Bucket="renditions", Key=f"manifest/{key}.json", Body=json.dumps({"type": type_}))
    return Stack(source_bucket="pictures", output_bucket="renditions", backfill_queue_url=queue)


def hints(stack):
    """Return the hints by key."""
    answer = stack.client("sqs").receive_message(QueueUrl=stack["backfill_queue_url"], MaxNumberOfMessages=10)
    bodies = [message["Body"] for message in answer.get("Messages", [])]
    return {key: set(leftovers_in(body, key)) for body in bodies for key in keys_of(body, "pictures")}


def test_what_is_current_gets_no_hint(stack, s3):
    """Nor does a rejected picture, which keeps its last good renditions whatever they are called."""
    s3.put_object(Bucket="renditions", Key="hero/2.jpeg", Body=b"")
    assert send_leftovers(stack, CHANGES[-1]) == 0
    assert hints(stack) == {}


def test_every_output_that_no_recipe_makes_is_named_in_one(stack, s3):
    """Of a key that has others, of one that has no manifest, and of one that is ignored now."""
    left = ("hero/1.jpeg", "web/cats/1.jpg.webp", "thumbnail/deep/er/3.gif.png", "web/deep/er/3.gif.webp")
    for key in (*left, "manifest/deep/er/3.gif.json"):
        s3.put_object(Bucket="renditions", Key=key, Body=b'{"type": "image.ready"}')
    assert send_leftovers(stack, CHANGES[-1]) == 3
    assert hints(stack) == {"1": {left[0]}, "cats/1.jpg": {left[1]}, "deep/er/3.gif": set(left[2:])}
