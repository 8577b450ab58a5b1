from __future__ import annotations

from tests.worker.conftest import aws, s3

__all__ = ["aws", "s3"]
