"""The S3 client, set up so that what it signs is for the region's own host name."""

from __future__ import annotations

import gc
from typing import Any

import boto3
from botocore.config import Config


def s3_client() -> Any:
    """Return a client of the function's own credentials, which also sign.

    Virtual addressing, because botocore otherwise signs links for S3's global host name, which answers with a redirect
    for a while after a bucket is new, and which the page's Content-Security-Policy does not name
    (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
    """
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        connect_timeout=2,
        read_timeout=3,
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    # A visitor waits for the first one, and almost half of that went to the garbage collector, which looked in vain at some
    # 100,000 objects that stay (https://docs.python.org/3/library/gc.html#gc.freeze).
    gc.disable()
    try:
        return boto3.client("s3", config=config)
    finally:
        gc.freeze()
        gc.enable()
