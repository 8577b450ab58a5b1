"""The worker of AWS's samples: each event is done as it says. A run measures it beside the pipeline's own, under the same faults.

https://docs.aws.amazon.com/lambda/latest/dg/with-s3-tutorial.html resizes the picture of each event, and
https://docs.aws.amazon.com/lambda/latest/dg/example_serverless_SQS_Lambda_batch_item_failures_section.html reports the messages of a
batch that failed. What both leave out and a careful engineer adds is here: removals, upright pictures, keys that are gone.
"""

from __future__ import annotations

import io
import json
import os
from typing import Any, Final
from urllib.parse import unquote_plus

import boto3
from PIL import Image, ImageOps

SIDES: Final = {"thumbnail": 256, "web": 1600}
s3 = boto3.client("s3")


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle each message, and report those that failed: they come back, and after the last attempt SQS moves them away."""
    failures = []
    for message in event["Records"]:
        try:
            for record in json.loads(message["body"]).get("Records", []):
                _handle(record.get("eventName", ""), unquote_plus(record["s3"]["object"]["key"]))
        except Exception as exc:  # noqa: BLE001 - one picture must not fail its neighbours
            print(f"{message['messageId']} failed: {exc!r}")  # noqa: T201 - into the log
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}


def _handle(name: str, key: str) -> None:
    if name.startswith("ObjectRemoved"):
        for rendition in SIDES:
            s3.delete_object(Bucket=os.environ["OUTPUT_BUCKET"], Key=f"{rendition}/{key}.webp")
        return
    try:
        data = s3.get_object(Bucket=os.environ["SOURCE_BUCKET"], Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return  # Its removal has an event of its own.
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGBA" if image.has_transparency_data else "RGB")
    for rendition, side in SIDES.items():
        small, out = upright.copy(), io.BytesIO()
        small.thumbnail((side, side))
        small.save(out, "WEBP")
        s3.put_object(
            Bucket=os.environ["OUTPUT_BUCKET"],
            Key=f"{rendition}/{key}.webp",
            Body=out.getvalue(),
            ContentType="image/webp",
        )
