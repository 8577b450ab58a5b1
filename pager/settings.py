"""The pager's settings: the only reader of the environment.

`infra/watch/pager.py` sets exactly `Settings.VARIABLES`; a test asserts that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class SettingsError(Exception):
    """The environment is not what the Pulumi program sets; names the variable."""


@dataclass(frozen=True)
class Settings:
    """What one deployment of the pager tells of.

    Attributes:
        topic: ARN of the topic that people subscribe to.
        prefix: Of the alarms' names: project and stack.
        worker: Name of the worker function.
        output_bucket: The bucket with the index of rejected pictures.
        ops: The operators' commands on this stack, up to the command.
        logs: Log groups by the function that writes them: `worker`, and `auditor` and `uploader` where there are any.
    """

    VARIABLES: ClassVar[tuple[str, ...]] = (
        "OPERATORS_TOPIC_ARN",
        "PREFIX",
        "WORKER_FUNCTION",
        "OUTPUT_BUCKET",
        "OPS",
        "LOGS",
    )

    topic: str
    prefix: str
    worker: str
    output_bucket: str
    ops: str
    logs: Mapping[str, str]

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from `env`.

        Raises:
            SettingsError: A variable is missing or empty.
        """
        missing = [name for name in cls.VARIABLES if not env.get(name)]
        if missing:
            raise SettingsError(f"environment variable {missing[0]} is missing; the Pulumi program sets it")
        return cls(
            topic=env["OPERATORS_TOPIC_ARN"],
            prefix=env["PREFIX"],
            worker=env["WORKER_FUNCTION"],
            output_bucket=env["OUTPUT_BUCKET"],
            ops=env["OPS"],
            logs=json.loads(env["LOGS"]),
        )
