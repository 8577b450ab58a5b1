"""What every command works with: the stack, its clients, queues and buckets, each made when it is first needed."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from ops.dead_letters.verdict import Judge
from ops.queues.queue import Queue
from ops.stack.aws import Clients
from ops.stack.buckets import Pictures
from ops.stack.deployment import Deployment
from ops.stack.outputs import LOCAL, ROOT, Stack
from ops.stack.worker_log import WorkerLog
from ops.terminal.errors import NoStack
from ops.terminal.text import command_of

_WHICH: Final = (
    "Say which stack: --stack dev asks the Pulumi CLI, --stack local takes the one that make up runs, --outputs FILE"
    " reads what pulumi stack output --stack NAME --json wrote. They go before the command."
)


def _python() -> str:
    """Return how to call this interpreter: by its path where it is that of a virtual environment that is not active."""
    executable, here = Path(sys.executable), Path.cwd()
    active = os.environ.get("VIRTUAL_ENV") == sys.prefix
    return str(executable.relative_to(here)) if executable.is_relative_to(here) and not active else "python"


class Session:
    """One call of `python -m ops`."""

    def __init__(self, stack_name: str | None, outputs: Path | None) -> None:
        self._stack_name = stack_name
        self._outputs = outputs

    @cached_property
    def stack(self) -> Stack:
        """The stack that was named.

        Raises:
            NoStack: None was, or there is no such stack.
        """
        if self._outputs is not None:
            return Stack.from_file(self._outputs)
        if self._stack_name is None:
            raise NoStack(_WHICH)
        return Stack.named(self._stack_name)

    @cached_property
    def clients(self) -> Clients:
        """Of the stack's region."""
        return Clients(self.stack.region, self.stack.endpoint_url)

    @cached_property
    def queue(self) -> Queue:
        """What S3 and the redrive send to."""
        return Queue(self.clients, self.stack.queue_url, "queue")

    @cached_property
    def dead_letters(self) -> Queue:
        """What the worker rejected, and what SQS gave up."""
        return Queue(self.clients, self.stack.dead_letter_queue_url, "dead-letter queue")

    @cached_property
    def backfill_queue(self) -> Queue:
        """The low-priority queue.

        Raises:
            NoStack: The stack is older than it.
        """
        if self.stack.backfill_queue_url is None:
            raise NoStack(f"The stack {self.stack.name} has no backfill queue yet: deploy it, and try again.")
        return Queue(self.clients, self.stack.backfill_queue_url, "backfill queue")

    @cached_property
    def pictures(self) -> Pictures:
        """The two buckets."""
        return Pictures(self.clients, self.stack.source_bucket, self.stack.output_bucket)

    @cached_property
    def deployment(self) -> Deployment:
        """What the worker is configured to do.

        Raises:
            Refusal: AWS does not say.
        """
        return Deployment.read(self.clients, self.stack.worker_function)

    @cached_property
    def worker_log(self) -> WorkerLog:
        """Of this stack's worker.

        Raises:
            Refusal: AWS does not say where it is.
        """
        return WorkerLog(self.clients, self.deployment.log_group)

    @cached_property
    def judge(self) -> Judge:
        """Of this stack's letters."""
        return Judge(self.pictures, self.deployment)

    def now(self) -> datetime:
        """Return the time, UTC."""
        return datetime.now(UTC)

    def command(self, *words: str) -> str:
        """Return a command line for this stack, for the reader to copy."""
        return f"{_python()} -m ops {self.stack.arguments} {command_of(words)}"

    @property
    def stack_file(self) -> Path | None:
        """Where this working tree has the stack's configuration; None where only --outputs names the stack."""
        return None if self._stack_name is None else ROOT / f"Pulumi.{self._stack_name.rpartition('/')[2]}.yaml"

    @property
    def deploy_commands(self) -> tuple[str, ...]:
        """What deploys this working tree, and brings the pictures up to date."""
        if self._stack_name == LOCAL:
            return ("stop make up and start it again: it begins with empty buckets",)
        deploy = "deploy it: pulumi up"
        if self._stack_name is not None:
            deploy = f"pulumi up {command_of(['--stack', self._stack_name])}"
        return deploy, self.command("backfill", "--outdated")

    def close(self) -> None:
        """Close every connection that was opened."""
        if "clients" in self.__dict__:
            self.clients.close()
