"""The stack that the commands work on: its outputs, found by name or read from a file."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ops.terminal.errors import NoStack

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parents[2]
LOCAL: Final = "local"
LOCAL_OUTPUTS: Final = ROOT / ".local" / "outputs.json"
INBOX: Final = "inbox.jsonl"
"""Beside the outputs of the embedded AWS."""
_NEEDED: Final = (
    "source_bucket",
    "output_bucket",
    "queue_url",
    "dead_letter_queue_url",
    "worker_function",
    "alarm_topic_arn",
)
_PULUMI_SECONDS: Final = 60
_DAY: Final = 86_400


@dataclass(frozen=True)
class BackfillLimits:
    """How fast the worker takes a backfill: batches at the same time, messages in each, and seconds after which SQS drops them."""

    concurrency: int
    batch_size: int
    retention: int


@dataclass(frozen=True)
class Stack:
    """One deployment of the pipeline.

    Attributes:
        arguments: Of `python -m ops` that name this stack again, for commands to copy.
        backfill_queue_url: None where the stack is older than the backfill queue.
        backfill: None where the stack does not say it yet.
        delivery_url: Origin of the renditions' addresses; None where the stack delivers none.
        expire_after: Seconds after which the output bucket deletes outputs; 0 for never.
        source_events: How the queue gets the source bucket's events: `notification` or `eventbridge`.
        source_adopted: Whether that bucket is another's.
        region: None where only the environment knows it.
        endpoint_url: Of the embedded AWS; None on AWS itself.
        inbox: Where the embedded AWS keeps the alarms' notifications; None on AWS itself.
        distribution: Id of the delivery's; None where the stack delivers none.
        subscriber_queue_urls: By subscriber, of those that have a queue of the stack's own.
        undelivered_queue_urls: By subscriber, of what could not be delivered; None where the stack is older than this output.
    """

    arguments: str
    source_bucket: str
    output_bucket: str
    queue_url: str
    dead_letter_queue_url: str
    worker_function: str
    alarm_topic_arn: str
    backfill_queue_url: str | None
    backfill: BackfillLimits | None
    delivery_url: str | None
    expire_after: int
    source_events: str
    source_adopted: bool
    region: str | None
    endpoint_url: str | None
    inbox: Path | None
    distribution: str | None = None
    subscriber_queue_urls: Mapping[str, str] = field(default_factory=dict)
    undelivered_queue_urls: Mapping[str, str] | None = None

    @property
    def name(self) -> str:
        """What people call it: the last of `arguments`."""
        return self.arguments.split(maxsplit=1)[-1]

    @property
    def account(self) -> str:
        """That it is deployed in."""
        return self.alarm_topic_arn.split(":")[4]

    @property
    def queue_arn(self) -> str:
        """Of the queue, whose URL ends in its name."""
        _, partition, _, region, account, _ = self.alarm_topic_arn.split(":", 5)
        return f"arn:{partition}:sqs:{region}:{account}:{self.queue_url.rpartition('/')[2]}"

    @classmethod
    def named(cls, name: str) -> Stack:
        """Find the stack `name`: the local one in the file that its engine writes, others with the Pulumi CLI.

        Raises:
            NoStack: There is none, or the Pulumi CLI is missing.
        """
        if name == LOCAL:
            return cls._local()
        return cls.from_outputs(_ask_pulumi(name), f"--stack {name}")

    @classmethod
    def _local(cls) -> Stack:
        if not LOCAL_OUTPUTS.is_file():
            raise NoStack("The local stack is not running: start it in another terminal with make up, and try again.")
        return cls.from_outputs(_read(LOCAL_OUTPUTS), f"--stack {LOCAL}", LOCAL_OUTPUTS.parent)

    @classmethod
    def from_file(cls, path: Path) -> Stack:
        """Read the outputs from `path`, as `pulumi stack output --stack NAME --json` or the local engine writes them.

        Raises:
            NoStack: The file is missing or is something else.
        """
        return cls.from_outputs(_read(path), f"--outputs {path}", path.parent)

    @classmethod
    def from_outputs(cls, outputs: Any, arguments: str, directory: Path | None = None) -> Stack:
        """Take what is needed of `outputs`, which were in `directory`.

        Raises:
            NoStack: An output is missing.
        """
        missing = [name for name in _NEEDED if not isinstance(outputs, dict) or not outputs.get(name)]
        if missing:
            raise NoStack(
                f"The stack {arguments.split(maxsplit=1)[-1]} has no output {missing[0]}: it is another project's, or"
                " was never brought up. Deploy it, and try again."
            )
        return cls(
            arguments=arguments,
            **{name: outputs[name] for name in _NEEDED},
            backfill_queue_url=outputs.get("backfill_queue_url"),
            backfill=BackfillLimits(**outputs["backfill"]) if outputs.get("backfill") else None,
            delivery_url=outputs.get("delivery_url") or None,
            expire_after=int(outputs.get("outputs_expire_after_days") or 0) * _DAY,
            source_events=outputs.get("source_events") or "notification",
            source_adopted=bool(outputs.get("source_adopted")),
            region=outputs.get("region") or _region_of(outputs["queue_url"]),
            endpoint_url=outputs.get("endpoint_url"),
            inbox=directory / INBOX if directory and outputs.get("endpoint_url") else None,
            distribution=outputs.get("delivery_distribution") or None,
            subscriber_queue_urls=outputs.get("subscriber_queue_urls") or {},
            undelivered_queue_urls=outputs.get("undelivered_queue_urls"),
        )


def _region_of(queue_url: str) -> str | None:
    """Return the region in the host of a queue's URL, such as https://sqs.eu-central-1.amazonaws.com/1/queue."""
    found = re.match(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.com", queue_url)
    return found[1] if found else None


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise NoStack(
            f"{path} cannot be read: {exc.strerror}. Write it with pulumi stack output --stack NAME --json > {path}"
        ) from exc
    except ValueError as exc:
        raise NoStack(f"{path} is no JSON. Write it with pulumi stack output --stack NAME --json > {path}") from exc


def _ask_pulumi(name: str) -> Any:
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise NoStack(
            "The Pulumi CLI is not installed, so nobody knows the stack's outputs: install it, or pass --outputs FILE"
            " with what pulumi stack output --stack NAME --json wrote elsewhere."
        )
    command = [pulumi, "stack", "output", "--json", "--stack", name, "--non-interactive"]
    try:
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_PULUMI_SECONDS, check=False)
    except subprocess.TimeoutExpired as exc:
        raise NoStack(f"pulumi stack output did not end within {_PULUMI_SECONDS} s: is its backend there?") from exc
    if answer.returncode:
        raise NoStack(
            f"Pulumi does not show the stack {name}: {_first_error(answer.stderr)}. pulumi stack ls lists them."
        )
    try:
        return json.loads(answer.stdout)
    except ValueError as exc:
        raise NoStack(f"Pulumi answered what is no JSON: {answer.stdout[:80]!r}. Is it the Pulumi CLI?") from exc


def _first_error(text: str) -> str:
    lines = [line.removeprefix("error: ").strip().rstrip(".") for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "it said nothing"
