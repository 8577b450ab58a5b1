"""`python -m infra.config.stack_file Pulumi.dev.yaml`: what a stack's file makes of the worker, as JSON, without the Pulumi CLI.

For the operators' commands, which import nothing of this room.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from infra.config.declaration import SECRETS
from infra.config.keys.worker import read_worker
from infra.config.overlay import whole_configuration
from infra.config.problems import NAMESPACE, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

_WRONG: Final = 2
_SECRET: Final = {str(path[0]) for path in SECRETS}
"""Keys that may be encrypted, which only Pulumi can read; nothing here depends on them."""


def of_file(path: Path) -> dict[str, Any]:
    """Return the recipes, and what decides how long a picture takes and what it costs.

    Raises:
        ConfigError: A value of the worker's is wrong, or a key is unknown.
        OSError: The file cannot be read.
        ValueError: It is no file of a stack.
    """
    own = {key.removeprefix(f"{NAMESPACE}:"): value for key, value in read_config(path).items() if _is_own(key)}
    stack = stack_of(path)
    place = whole_configuration({key: handed_over(value) for key, value in own.items() if key not in _SECRET})
    worker, messages = read_worker(place, NAMESPACE, stack), place.at("completionMessages").flag()
    if place.problems:
        raise ConfigError(stack, place.problems)
    return {
        "recipes": json.loads(worker.recipes.to_json()),
        "memory": worker.memory,
        "timeout": worker.timeout,
        "architecture": worker.target.architecture,
        "batch_size": worker.batch_size,
        "backfill_concurrency": worker.backfill_concurrency,
        "completion_messages": messages,
    }


def read_config(path: Path) -> dict[str, Any]:
    """Return the keys of a stack's file as they stand there.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no file of a stack.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    config = document.get("config") or {} if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise ValueError("it has no keys below config:")
    return {str(key): value for key, value in config.items()}


def stack_of(path: Path) -> str:
    """Return the name of the stack whose file it is."""
    return path.stem.removeprefix("Pulumi.")


def _is_own(key: str) -> bool:
    """A key without a namespace is the project's (https://www.pulumi.com/docs/iac/concepts/config/)."""
    return ":" not in key or key.startswith(f"{NAMESPACE}:")


def handed_over(value: Any) -> str:
    """Return a value as the engine hands it over, as text: structured ones, numbers and booleans as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def say(path: Path, answer: Callable[[], str]) -> int:
    """Print what is made of a file and return 0; where nothing can be made of it, say so on standard error and return 2."""
    try:
        sys.stdout.write(answer())
    except OSError as exc:
        sys.stderr.write(f"{path} cannot be read: {exc.strerror}.\n")
    except yaml.YAMLError as exc:
        sys.stderr.write(f"{path} is no YAML: {' '.join(str(exc).split())}\n")
    except (ConfigError, ValueError) as exc:
        sys.stderr.write(f"{path}: {exc}\n")
    else:
        return 0
    return _WRONG


def main(argv: list[str]) -> int:
    """Print the document; exit status 2 with a sentence on standard error where there is none."""
    path = Path(argv[0])
    return say(path, lambda: json.dumps(of_file(path)) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
