"""A stack's worker as Lambda has it now: its configuration, and the recipe in its package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ops.errors import NoStack, Unanswered
from ops.stack.aws import translated
from ops.stack.package import read_file
from worker.contracts.recipe import parse_renditions, recipe_of
from worker.contracts.settings import RECIPE

if TYPE_CHECKING:
    from ops.stack.aws import Clients
    from worker.contracts.recipe import RenditionSpec


@dataclass(frozen=True)
class Deployment:
    """The worker as it is deployed.

    Attributes:
        specs: The renditions that it makes.
        memory: MB.
        timeout: Seconds.
        changed_at: When its code or configuration was last changed, UTC: what it rejected before may succeed now.
        log_group: Where it logs.
    """

    specs: tuple[RenditionSpec, ...]
    memory: int
    timeout: int
    changed_at: datetime
    log_group: str

    @property
    def recipe(self) -> str:
        """What a current output says that it was made by; this checkout's renderer must be the deployed one."""
        return recipe_of(self.specs)

    @classmethod
    def read(cls, clients: Clients, function: str) -> Deployment:
        """Ask Lambda.

        Raises:
            NoStack: The function is no worker of this program.
            Refusal: AWS does not say.
        """
        with translated("read the worker's configuration", clients.endpoint_url):
            found = clients("lambda").get_function(FunctionName=function)
        answer, address = found["Configuration"], found["Code"]["Location"]
        try:
            specs = parse_renditions(json.loads(read_file(address, RECIPE, proxies=clients.endpoint_url is None)))
        except (KeyError, ValueError) as exc:
            raise NoStack(f"The function {function} is no worker of this program: {exc}. Is this the stack?") from exc
        except OSError as exc:
            host = urlsplit(address).hostname
            raise Unanswered(f"{host} did not give the worker's package: {exc}. Try again.") from exc
        return cls(
            specs=specs,
            memory=answer["MemorySize"],
            timeout=answer["Timeout"],
            changed_at=datetime.fromisoformat(answer["LastModified"]).astimezone(UTC),
            log_group=answer.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function}",
        )
