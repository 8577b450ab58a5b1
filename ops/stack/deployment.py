"""A stack's worker as Lambda has it now: its configuration, and the recipes in its package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ops.stack.aws import translated
from ops.stack.package import read_file
from ops.terminal.errors import NoStack, Unanswered
from worker.contracts.function.settings import RECIPE
from worker.contracts.recipes.by_prefix import parse_recipes

if TYPE_CHECKING:
    from ops.stack.aws import Clients
    from worker.contracts.recipes.by_prefix import Recipes


@dataclass(frozen=True)
class Deployment:
    """The worker as it is deployed.

    Attributes:
        recipes: What it makes of which picture. A current output says which recipe made it; this checkout's renderer must be the
            deployed one.
        memory: MB.
        timeout: Seconds.
        changed_at: When its code or configuration was last changed, UTC: what it rejected before may succeed now.
        log_group: Where it logs.
        origin: Of the delivery that it names in manifests; empty where there is none.
        architecture: `arm64` or `x86_64`.
    """

    recipes: Recipes
    memory: int
    timeout: int
    changed_at: datetime
    log_group: str
    origin: str = ""
    architecture: str = "arm64"

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
            recipes = parse_recipes(read_file(address, RECIPE, proxies=clients.endpoint_url is None).decode())
        except (KeyError, ValueError) as exc:
            raise NoStack(f"The function {function} is no worker of this program: {exc}. Is this the stack?") from exc
        except OSError as exc:
            host = urlsplit(address).hostname
            raise Unanswered(f"{host} did not give the worker's package: {exc}. Try again.") from exc
        return cls(
            recipes=recipes,
            memory=answer["MemorySize"],
            timeout=answer["Timeout"],
            changed_at=datetime.fromisoformat(answer["LastModified"]).astimezone(UTC),
            log_group=answer.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{function}",
            origin=answer.get("Environment", {}).get("Variables", {}).get("DELIVERY_ORIGIN", ""),
            architecture=answer.get("Architectures", ["x86_64"])[0],
        )
