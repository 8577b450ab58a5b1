"""The auditor's settings: the only reader of its environment, which `infra/worker/auditor.py` sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from worker.contracts.function.settings import SettingsError
from worker.contracts.recipes.by_prefix import Recipes, parse_recipes

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class AuditSettings:
    """What one deployment of the auditor works on.

    Attributes:
        source_bucket: Name of the bucket that pictures land in.
        output_bucket: Name of the bucket that renditions and manifests go to.
        backfill_queue_url: URL of the queue that takes the hints.
        period: Seconds from one audit's beginning to the next one's.
        settled_after: Seconds in which a message of a picture may still be under way.
        expire_after: Seconds after which the output bucket deletes outputs; 0 for never.
        recipes: What is to be made of which picture.
        function_name: Of the function itself.
    """

    VARIABLES: ClassVar[tuple[str, ...]] = (
        "SOURCE_BUCKET",
        "OUTPUT_BUCKET",
        "BACKFILL_QUEUE_URL",
        "AUDIT_PERIOD",
        "SETTLED_AFTER",
        "EXPIRE_AFTER",
    )

    source_bucket: str
    output_bucket: str
    backfill_queue_url: str
    period: int
    settled_after: int
    expire_after: int
    recipes: Recipes
    function_name: str

    @classmethod
    def from_env(cls, env: Mapping[str, str], recipe: str) -> AuditSettings:
        """Read the settings from `env`, and the recipes from `recipe`, the text of their file.

        Raises:
            SettingsError: A variable is missing or not of its form, or the recipe is none.
        """
        try:
            return cls(
                source_bucket=env["SOURCE_BUCKET"],
                output_bucket=env["OUTPUT_BUCKET"],
                backfill_queue_url=env["BACKFILL_QUEUE_URL"],
                period=int(env["AUDIT_PERIOD"]),
                settled_after=int(env["SETTLED_AFTER"]),
                expire_after=int(env["EXPIRE_AFTER"]),
                recipes=parse_recipes(recipe),
                function_name=env["AWS_LAMBDA_FUNCTION_NAME"],
            )
        except KeyError as exc:
            raise SettingsError(f"environment variable {exc.args[0]} is missing; the Pulumi program sets it") from None
        except ValueError as exc:
            raise SettingsError(f"the auditor's environment or recipe: {exc}") from exc
