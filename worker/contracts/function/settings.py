"""The worker's settings: the only reader of the environment and of the recipes.

`infra/worker/function.py` sets exactly `Settings.VARIABLES` and `PROCESS_VARIABLES`, and `OPTIONAL_VARIABLES` where they apply; a test
asserts that. Lambda itself sets the memory size and the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from worker.contracts.function.memory import MEBIBYTE
from worker.contracts.recipes.by_prefix import Recipes, parse_recipes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RECIPE: Final = "worker/recipe.json"
"""Where in the function's zip the recipes are: an environment has 4 KB, too few for many of them
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""
AUDIT_TICK: Final = 900
"""Seconds between two calls of the auditor: the schedule's and what an audit counts with."""

_T = TypeVar("_T")


class SettingsError(Exception):
    """The environment is not what the Pulumi program sets; names the variable and what it takes."""


@dataclass(frozen=True)
class Settings:
    """What one deployment of the worker works on.

    Attributes:
        source_bucket: Name of the bucket that pictures land in.
        output_bucket: Name of the bucket that renditions and manifests go to.
        queue_url: URL of the queue that S3's messages come from.
        backfill_queue_url: URL of the low-priority queue, which backfills send to.
        queue_retention: Seconds that both queues keep a message.
        max_receive_count: Attempts before they move a message to the dead letters.
        dead_letter_queue_url: URL of the queue that rejected messages go to.
        completion_topic_arn: ARN of the topic of completion messages; None where there is none.
        delivery_origin: Where pages find the outputs, such as `https://images.example.com`; empty where nothing delivers them.
        archives: Whether originals are tagged once they may be archived.
        recipes: What to make of which picture.
        cache_control: Cache-Control header of every output.
        memory_bytes: The function's memory.
        function_name: Of the function itself.
    """

    VARIABLES: ClassVar[tuple[str, ...]] = (
        "SOURCE_BUCKET",
        "OUTPUT_BUCKET",
        "QUEUE_URL",
        "BACKFILL_QUEUE_URL",
        "QUEUE_RETENTION",
        "MAX_RECEIVE_COUNT",
        "DEAD_LETTER_QUEUE_URL",
        "CACHE_CONTROL",
    )
    OPTIONAL_VARIABLES: ClassVar[tuple[str, ...]] = ("COMPLETION_TOPIC_ARN", "ARCHIVES", "DELIVERY_ORIGIN")
    PROCESS_VARIABLES: ClassVar[Mapping[str, str]] = {
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": str(32 * MEBIBYTE),
        "MALLOC_TRIM_THRESHOLD_": str(1024 * MEBIBYTE),
    }
    """For the C library, which reads it when the process starts: one heap for all threads, which keeps what a picture frees for the
    next; fresh memory costs a twentieth of a picture's time (page faults). 32 MB is the most that glibc takes for what is not mapped on
    its own (https://man7.org/linux/man-pages/man3/mallopt.3.html). `worker.process.memory.make_room` gives back."""

    source_bucket: str
    output_bucket: str
    queue_url: str
    backfill_queue_url: str
    queue_retention: int
    max_receive_count: int
    dead_letter_queue_url: str
    completion_topic_arn: str | None
    delivery_origin: str
    archives: bool
    recipes: Recipes
    cache_control: str
    memory_bytes: int
    function_name: str

    def queue_url_of(self, source_arn: str) -> str:
        """Return the URL of the queue that an event's records name as their source; S3's where they name none."""
        name = source_arn.rpartition(":")[2]
        return self.backfill_queue_url if self.backfill_queue_url.endswith(f"/{name}") else self.queue_url

    @classmethod
    def from_env(cls, env: Mapping[str, str], recipe: str) -> Settings:
        """Read the settings from `env`, and the recipes from `recipe`, the text of the file.

        Raises:
            SettingsError: A variable is missing, empty or not of its form, or the recipe is none.
        """
        memory, name_ = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME"
        missing = [name for name in (*cls.VARIABLES, memory, name_) if not env.get(name)]
        if missing:
            raise SettingsError(
                f"environment variable {missing[0]} is missing; the Pulumi program sets it, Lambda sets its own"
            )
        return cls(
            source_bucket=env["SOURCE_BUCKET"],
            output_bucket=env["OUTPUT_BUCKET"],
            queue_url=env["QUEUE_URL"],
            backfill_queue_url=env["BACKFILL_QUEUE_URL"],
            queue_retention=_read("QUEUE_RETENTION", int, env),
            max_receive_count=_read("MAX_RECEIVE_COUNT", int, env),
            dead_letter_queue_url=env["DEAD_LETTER_QUEUE_URL"],
            completion_topic_arn=env.get("COMPLETION_TOPIC_ARN") or None,
            delivery_origin=env.get("DELIVERY_ORIGIN", ""),
            archives=env.get("ARCHIVES") == "true",
            recipes=_read(RECIPE, parse_recipes, {RECIPE: recipe}),
            cache_control=env["CACHE_CONTROL"],
            memory_bytes=_read(memory, int, env) * MEBIBYTE,
            function_name=env[name_],
        )


def _read(name: str, parse: Callable[[str], _T], env: Mapping[str, str]) -> _T:
    try:
        return parse(env[name])
    except ValueError as exc:
        raise SettingsError(f"{name}: {exc}") from exc
