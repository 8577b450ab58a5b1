"""The pipeline as a component for any other Pulumi program; docs/component.md."""

from __future__ import annotations

import pulumi

from infra.config.arguments import read_settings
from infra.config.settings import PipelineSettings
from infra.pipeline import Pipeline

__all__ = ["ImagePipeline", "PipelineSettings"]


class ImagePipeline(Pipeline):
    """Pictures land in a bucket, renditions appear in another.

    `name` begins the names of its resources: 2 to 32 of a-z, 0-9 and hyphen. Region, account and tags are those of the provider.

    Attributes:
        outputs: What the operators' commands need to know; export it as a whole.

    Raises:
        SettingsError: With every wrong value, before any resource is registered.
    """

    def __init__(
        self, name: str, settings: PipelineSettings | None = None, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, read_settings(name, settings or {}, pulumi.get_stack()), opts)
