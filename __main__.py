"""Pictures land in a bucket, renditions appear in another: one pipeline, by the stack's configuration."""

from __future__ import annotations

import pulumi

from infra.access.account import in_account
from infra.config.stack_config import StackConfig
from infra.pipeline import MAIN, Pipeline

config = StackConfig.from_pulumi()
pipeline = Pipeline(MAIN, config.pipeline, in_account(config.account))
for name, value in pipeline.outputs.items():
    pulumi.export(name, value)
