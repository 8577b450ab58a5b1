from __future__ import annotations

from functools import partial
from typing import Final

import boto3
import pytest
from moto import mock_aws

from worker import handler
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS

REGION: Final = "eu-west-1"


@pytest.fixture
def aws(monkeypatch):
    """Replace AWS by moto: no request leaves the process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def s3(aws):
    """An S3 client with a source and an output bucket."""
    client = boto3.client("s3")
    for bucket in ("pictures", "renditions"):
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


@pytest.fixture
def deployed(s3, monkeypatch, tmp_path):
    """Deploy the worker on moto; return what takes all letters out of its dead-letter queue."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    env = {
        "SOURCE_BUCKET": "pictures",
        "OUTPUT_BUCKET": "renditions",
        "QUEUE_URL": sqs.create_queue(QueueName="queue")["QueueUrl"],
        "BACKFILL_QUEUE_URL": "https://sqs/backfill",
        "QUEUE_RETENTION": "345600",
        "MAX_RECEIVE_COUNT": "5",
        "DEAD_LETTER_QUEUE_URL": url,
        "COMPLETION_TOPIC_ARN": boto3.client("sns").create_topic(Name="completion")["TopicArn"],
        "CACHE_CONTROL": "public, max-age=60",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_NAME": "worker",
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    recipe = tmp_path / "recipe.json"
    recipe.write_text(one_recipe(DEFAULT_RENDITIONS).to_json())
    monkeypatch.setattr(handler, "RECIPE_FILE", recipe)
    handler._batch.cache_clear()
    yield partial(_taken, sqs, url)
    handler._batch.cache_clear()


def _taken(sqs, url):
    """Return the letters, which are gone then."""
    taken = []
    while found := sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], MaxNumberOfMessages=10).get(
        "Messages"
    ):
        for letter in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
        taken += found
    return taken
