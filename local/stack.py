"""A running local stack, as the demo, the tests and the operator's commands see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from local.cloud import Cloud
    from local.emulator.process import Emulator
    from local.monitoring.inbox import Inbox


@dataclass(frozen=True)
class LocalStack:
    """The program's resources on a running emulator.

    Attributes:
        outputs: The stack's outputs, and `endpoint_url` and `region`.
        directory: Where `outputs.json` and `emulator.log` are.
        emulator: The process; its `log` and `port`.
        inbox: The alarms' notifications.
    """

    outputs: Mapping[str, Any]
    directory: Path
    emulator: Emulator
    cloud: Cloud
    inbox: Inbox

    def __getitem__(self, output: str) -> str:
        """Return one output."""
        return str(self.outputs[output])

    def client(self, service: str) -> Any:
        """Return the boto3 client of `service` with root credentials, the same one every time."""
        return self.cloud.client(service)

    def assert_alive(self) -> None:
        """Return if the emulator runs.

        Raises:
            EmulatorError: It has ended; with the last lines of its log.
        """
        self.emulator.assert_alive()

    def wait(self) -> None:
        """Return never: sleep until the emulator ends, or a signal ends this process.

        Raises:
            EmulatorError: It has ended; with the last lines of its log.
        """
        self.emulator.process.wait()
        self.emulator.assert_alive()

    def worker_log_lines(self) -> list[dict[str, Any]]:
        """Return the JSON lines that the worker logged, in order, without Lambda's own lines.

        An invocation's lines appear when it has ended.
        """
        function = self.client("lambda").get_function_configuration(FunctionName=self["worker_function"])
        pages = self.client("logs").get_paginator("filter_log_events")
        group = function["LoggingConfig"]["LogGroup"]
        events = [event for page in pages.paginate(logGroupName=group) for event in page["events"]]
        return [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
