"""The plain worker does what AWS's samples do, and does it right while nothing goes wrong."""

from __future__ import annotations

import importlib
import json
import sys

import pytest

from chaos.pictures.poison import POISON
from chaos.pictures.versions import draw, version_of
from tests.worker.conftest import aws, s3
from worker.contracts.events import event_body

__all__ = ["aws", "s3"]


@pytest.fixture
def plain(s3, monkeypatch):
    """Return the module, imported where AWS is moto."""
    monkeypatch.setenv("SOURCE_BUCKET", "pictures")
    monkeypatch.setenv("OUTPUT_BUCKET", "renditions")
    monkeypatch.delitem(sys.modules, "chaos.inside.plain", raising=False)
    yield importlib.import_module("chaos.inside.plain")
    sys.modules.pop("chaos.inside.plain", None)


def outputs(s3):
    listed = s3.list_objects_v2(Bucket="renditions").get("Contents", [])
    return {each["Key"]: s3.get_object(Bucket="renditions", Key=each["Key"])["Body"].read() for each in listed}


def event(*bodies):
    return {"Records": [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]}


def removal(key):
    document = json.loads(event_body("pictures", key))
    document["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    return json.dumps(document)


@pytest.mark.parametrize("version", range(5))
def test_a_picture_gets_two_renditions_until_it_is_removed(plain, s3, version):
    """Of each format of a run; an event of a picture that is gone does nothing."""
    key = "Hündin & Welpe 1.png"
    s3.put_object(Bucket="pictures", Key=key, Body=draw(version))
    assert plain.handle(event(event_body("pictures", key)), None) == {"batchItemFailures": []}
    made = outputs(s3)
    assert set(made) == {f"thumbnail/{key}.webp", f"web/{key}.webp"}
    assert {version_of(data) for data in made.values()} == {version}
    s3.delete_object(Bucket="pictures", Key=key)
    assert plain.handle(event(removal(key), event_body("pictures", key)), None) == {"batchItemFailures": []}
    assert outputs(s3) == {}


def test_a_picture_that_fails_fails_alone(plain, s3):
    """Every poison that kills no process is reported, and its neighbour is done."""
    harmless = [kind for kind in POISON if not kind.startswith("decoder-")]
    for kind in harmless:
        s3.put_object(Bucket="pictures", Key=kind, Body=POISON[kind](3))
    s3.put_object(Bucket="pictures", Key="good", Body=draw(4))
    answer = plain.handle(event(*(event_body("pictures", key) for key in (*harmless, "good"))), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": str(n)} for n in range(len(harmless))]}
    assert set(outputs(s3)) == {"thumbnail/good.webp", "web/good.webp"}
