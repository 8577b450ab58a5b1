"""Foreign messages: whatever somebody who may send to a queue can put into one. Strategies of hypothesis."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

from hypothesis import strategies as st

BUCKET = "pictures"
ALLOWED = st.characters(codec="utf-8", categories=None, exclude_characters="".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])))  # fmt: skip
"""What SQS takes in a body: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""
LONGEST = 2**20 - 100
"""Bytes of a body: there is room for a reason. `test_handler` has those without."""

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
KEYS = st.one_of(
    st.text(min_size=1, max_size=30).map(lambda text: quote_plus(text.encode("utf-8", "surrogatepass"))),
    st.text(st.characters(), max_size=30),  # Not encoded, with whatever JSON can spell: lone surrogates, too.
    st.binary(max_size=12).map(quote_plus),
    st.sampled_from([
        "\ud800", "a%ed%a0%80.jpg", "%", "%zz", "%00", "a%0Ab", "%1b%5B2J", "../../etc/passwd", "/", "//", ".", "..", "+", "%2B",
        "manifest/a.json", "a" * 1024, "a" * 1025, "%C3%B6" * 512, "%C3%B6" * 513, "\u202egpj.exe", "'; rm -rf ~; '", "$(reboot)", "a\nb",
    ]),
)  # fmt: skip
RECORDS = st.one_of(
    KEYS.map(lambda key: {"s3": {"bucket": {"name": BUCKET}, "object": {"key": key}}}),
    st.builds(lambda key, other: {"s3": {"bucket": {"name": other}, "object": {"key": key}}}, KEYS, SCALARS),
    st.builds(lambda value: {"s3": value}, DOCUMENTS),
    st.builds(lambda value: {"eventTime": value, "s3": {"bucket": {"name": BUCKET}, "object": {"key": "gone", "eTag": value}}}, DOCUMENTS),
    DOCUMENTS,
)  # fmt: skip


def event_bridge_body(bucket: Any, key: Any, **changes: Any) -> str:
    """Return an event as EventBridge sends S3's, with `changes` of its envelope."""
    detail = {"version": "0", "bucket": {"name": bucket}, "object": {"key": key, "size": 1, "etag": "e"}}
    event = {
        "version": "0",
        "id": "i",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "time": "2026-01-01T12:00:00Z",
        "detail": detail,
    }
    return json.dumps({**event, **changes})


RAW_KEYS = st.one_of(st.text(max_size=30), st.text(st.characters(), max_size=30), KEYS, SCALARS)
EVENTS = st.one_of(
    st.builds(event_bridge_body, st.just(BUCKET), RAW_KEYS),
    st.builds(event_bridge_body, SCALARS, RAW_KEYS),
    st.builds(lambda name, value: event_bridge_body(BUCKET, "gone", **{name: value}),
              st.sampled_from(["detail-type", "source", "time", "detail", "Records", "Event", "id"]), DOCUMENTS),
    st.builds(lambda value: event_bridge_body(BUCKET, "gone", detail={"bucket": {"name": BUCKET}, "object": value}), DOCUMENTS),
    st.builds(lambda value: event_bridge_body(BUCKET, "", detail={"bucket": {"name": BUCKET}, "object": {"key": "gone", "etag": value}}), DOCUMENTS),
    st.builds(lambda body, at: body[: at % len(body)], st.builds(event_bridge_body, st.just(BUCKET), RAW_KEYS), st.integers(0)).filter(bool),
)  # fmt: skip
"""EventBridge's events, whole and mutated: another value in any place, or cut off."""
DEEP = [opening * 100_000 for opening in ("[", '{"a":', '{"Records":[', '[{"s3":', '{"detail-type":')]
LARGE = st.sampled_from([
    '{"Records": [' + "0" * (LONGEST - 20) + "]}",
    '{"Records": ' + json.dumps([{"s3": {"bucket": {"name": BUCKET}, "object": {"key": f"{n}"}}} for n in range(5000)]) + "}",
    " " * LONGEST,
    event_bridge_body(BUCKET, "k" * (LONGEST - 400)),
    json.dumps({"Records": [{"s3": {"bucket": {"name": "b" * 2**19}, "object": {"key": "k" * 2**18}}}]}),
])  # fmt: skip
BODIES = st.one_of(
    st.text(ALLOWED, min_size=1, max_size=80),
    DOCUMENTS.map(json.dumps),
    st.lists(RECORDS, max_size=3).map(lambda records: json.dumps({"Records": records})),
    st.sampled_from([*DEEP, "1" * 5000, '{"Records": [' + "9" * 5000 + "]}", "NaN", '{"Event": "s3:TestEvent"}',
                     '{"detail-type": "Object Created"}', '{"TopicArn": "t", "Message": "{}"}', "\ufeff{}", "{}", "[]", '""']),
    EVENTS,
    LARGE,
)  # fmt: skip
TEXTS = st.one_of(
    st.text(ALLOWED, min_size=1, max_size=20),
    st.sampled_from(["²", "٣", "9" * 5000, "-1", "1e9", "NaN", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00",
                     "2026-02-30T00:00:00Z", "no-such-reason", "\x1b[2J", "a\nb"]),
)  # fmt: skip
NAMES = ["redrives", "reason", "detail", "failed-at", "attempts", "original-message-id", "request-id", "x",
         "RULE_ARN", "TARGET_ARN", "ERROR_CODE", "ERROR_MESSAGE"]  # fmt: skip


@st.composite
def attributes(draw) -> dict[str, dict[str, Any]]:
    """Draw message attributes in SQS's form; numbers are what SQS takes for one."""
    drawn: dict[str, dict[str, Any]] = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
        kind = draw(st.sampled_from(["String", "Number", "Binary", "String.custom"]))
        if kind == "Binary":
            drawn[name] = {"DataType": kind, "BinaryValue": draw(st.binary(min_size=1, max_size=9))}
        elif kind == "Number":
            drawn[name] = {
                "DataType": kind,
                "StringValue": draw(st.sampled_from(["0", "7", "-1", "1.5", "1e9", "9" * 38])),
            }
        else:
            drawn[name] = {"DataType": kind, "StringValue": draw(TEXTS)}
    return drawn


@st.composite
def lambda_records(draw) -> dict[str, Any]:
    """Draw a record as Lambda hands it over: what is missing there may be missing or null."""
    of_lambda = {
        name: draw(st.just({"stringValue": part.get("StringValue"), "dataType": part["DataType"]}) | st.none())
        for name, part in draw(attributes()).items()
    }
    return {
        "messageId": "foreign",
        "body": draw(BODIES),
        "receiptHandle": "r",
        "attributes": {"ApproximateReceiveCount": str(draw(st.integers(1, 6))), "SentTimestamp": "1767268800000"},
        "messageAttributes": draw(st.just(of_lambda) | st.none()),
    }
