"""The configuration of this working tree: what the next `pulumi up` would deploy of the worker.

`infra` reads it in a process of its own, since these commands know nothing of Pulumi's program.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.stack.outputs import ROOT
from ops.terminal.errors import Misuse
from ops.terminal.output import say
from worker.contracts.recipes.by_prefix import parse_recipes

if TYPE_CHECKING:
    from pathlib import Path

    from worker.contracts.recipes.by_prefix import Recipes


@dataclass(frozen=True)
class WorkingTree:
    """The worker as it would be deployed; memory in MB, timeout in seconds.

    Attributes:
        name: Of the file, for people.
        completion_messages: Whether a message about each picture is published.
    """

    name: str
    recipes: Recipes
    memory: int
    timeout: int
    architecture: str
    batch_size: int
    backfill_concurrency: int
    completion_messages: bool

    @classmethod
    def read(cls, file: Path | None) -> WorkingTree:
        """Read a stack's file; what is wrong with it is said line by line.

        Raises:
            Misuse: There is none, or the program would refuse it.
        """
        if file is None:
            raise Misuse(
                "Say which configuration to plan with: --config Pulumi.dev.yaml, or name the stack by --stack."
            )
        command = [sys.executable, "-m", "infra.config.stack_file", str(file.resolve())]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if ended.returncode:
            for line in ended.stderr.splitlines():
                say(line)
            raise Misuse(f"There is nothing to plan with: correct {file.name}, or name another file with --config.")
        document = json.loads(ended.stdout)
        return cls(**{**document, "name": file.name, "recipes": parse_recipes(json.dumps(document["recipes"]))})
