"""Resources with every property that they may have, and what AWS's own API shows of them."""

from __future__ import annotations

import json
from typing import Any

from local.provision.kinds import Nested
from local.provision.registry import KINDS

TAGS = {"project": "image-pipeline"}
TAG_LIST = [{"Key": "project", "Value": "image-pipeline"}]
DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
    }
)


def covers(inputs, table):
    """Whether `inputs` has every property of `table`, at every depth, in some item of a list."""
    return all(
        property_ in inputs and (not isinstance(entry, Nested) or covers(merged(inputs[property_]), entry.table))
        for property_, entry in table.items()
    )


def merged(value):
    """Return an object, or the objects of a list in one, at every depth."""
    result: dict[str, Any] = {}
    for part in value if isinstance(value, list) else [value]:
        for key, item in part.items():
            both = isinstance(item, dict) and isinstance(result.get(key), dict)
            result[key] = merged([result[key], item]) if both else item
    return result


def make(shop, type_, resource, /, **inputs):
    """Make a resource from inputs that have every property that its table has."""
    assert covers(inputs, KINDS[type_].properties), "the test does not set every property"
    return shop.make(type_, resource, **inputs)


def contains(actual, expected):
    """Assert that all of `expected` is in `actual`, numbers compared as numbers."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            contains(actual[key], value)
    elif isinstance(expected, list):
        assert len(actual) == len(expected)
        for left, right in zip(actual, expected, strict=True):
            contains(left, right)
    else:
        assert actual == expected


def attributes(cloud, queue):
    """Return all attributes of `queue`."""
    return cloud.client("sqs").get_queue_attributes(QueueUrl=queue["id"], AttributeNames=["All"])["Attributes"]
