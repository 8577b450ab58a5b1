"""The worker's settings: the only reader of the environment.

`infra/worker.py` sets exactly `Settings.VARIABLES`; a test asserts that. Lambda itself sets the memory size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from worker.recipe import RenditionSpec, parse_renditions, recipe_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEBIBYTE: Final = 1024 * 1024


class SettingsError(Exception):
    """The environment is not what the Pulumi program sets; names the variable and what it takes."""


@dataclass(frozen=True)
class Settings:
    """What one deployment of the worker works on.

    Attributes:
        source_bucket: Name of the bucket that pictures land in.
        output_bucket: Name of the bucket that renditions and manifests go to.
        dead_letter_queue_url: URL of the queue that rejected messages go to.
        completion_topic_arn: ARN of the topic that hears of every finished picture.
        renditions: What to make of every picture.
        cache_control: Cache-Control header of every output.
        memory_bytes: The function's memory.
    """

    VARIABLES: ClassVar[tuple[str, ...]] = (
        "SOURCE_BUCKET",
        "OUTPUT_BUCKET",
        "DEAD_LETTER_QUEUE_URL",
        "COMPLETION_TOPIC_ARN",
        "RENDITIONS",
        "CACHE_CONTROL",
    )

    source_bucket: str
    output_bucket: str
    dead_letter_queue_url: str
    completion_topic_arn: str
    renditions: tuple[RenditionSpec, ...]
    cache_control: str
    memory_bytes: int

    @property
    def recipe(self) -> str:
        """Fingerprint of `renditions`, as stored with every output."""
        return recipe_of(self.renditions)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from `env`.

        Raises:
            SettingsError: A variable is missing, empty or not of its form.
        """
        missing = [name for name in (*cls.VARIABLES, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE") if not env.get(name)]
        if missing:
            raise SettingsError(
                f"environment variable {missing[0]} is missing; the Pulumi program sets it, Lambda sets its own"
            )
        try:
            renditions = parse_renditions(json.loads(env["RENDITIONS"]))
            memory_bytes = int(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) * _MEBIBYTE
        except ValueError as exc:
            raise SettingsError(f"RENDITIONS or AWS_LAMBDA_FUNCTION_MEMORY_SIZE: {exc}") from exc
        return cls(
            source_bucket=env["SOURCE_BUCKET"],
            output_bucket=env["OUTPUT_BUCKET"],
            dead_letter_queue_url=env["DEAD_LETTER_QUEUE_URL"],
            completion_topic_arn=env["COMPLETION_TOPIC_ARN"],
            renditions=renditions,
            cache_control=env["CACHE_CONTROL"],
            memory_bytes=memory_bytes,
        )
