"""`python -m infra.config.deployer Pulumi.dev.yaml`: the policies that `pulumi up`, `refresh` and `destroy` of that stack need.

Each is one line of JSON, for `aws iam create-policy`. Where Pulumi keeps its state is not among them.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any, Final

from infra.config.declaration import PROJECT_FILE
from infra.config.deployer.policies import policies
from infra.config.problems import NAMESPACE
from infra.config.stack_config import StackConfig
from infra.config.stack_file import handed_over, read_config, say, stack_of

_REGION: Final = "aws:region"
_STAND_IN: Final = "x" * 16
"""For what only Pulumi can decrypt: the access code, of which only its being there counts."""


def of_file(path: Path, account: str) -> str:
    """Return the policies of the stack whose file it is, one a line.

    Raises:
        ConfigError: A value is wrong.
        OSError: A file cannot be read.
        ValueError: It is no file of a stack, or a whole key of it is encrypted.
    """
    own = {key if ":" in key else f"{NAMESPACE}:{key}": value for key, value in read_config(path).items()}
    values = {_REGION: read_config(PROJECT_FILE)[_REGION], **{key: _decrypted(key, own[key]) for key in own}}
    secret = [key for key in own if "secure" in str(own[key])]
    config = StackConfig.read({key: handed_over(value) for key, value in values.items()}, stack_of(path), secret)
    return "".join(f"{policy}\n" for policy in policies(config, account))


def _decrypted(key: str, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if set(value) == {"secure"}:
        raise ValueError(f"{key} is encrypted as a whole; set its parts, and encrypt the one that is secret")
    return {
        name: _STAND_IN if isinstance(part, dict) and set(part) == {"secure"} else _decrypted(f"{key}.{name}", part)
        for name, part in value.items()
    }


def _account(text: str) -> str:
    if not re.fullmatch(r"\d{12}|\*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of an account: it has twelve digits")
    return text


def main(argv: list[str]) -> int:
    """Print the policies; exit status 2 with a sentence on standard error where there are none."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.config.deployer",
        description="Print the IAM policies that deploying a stack takes, one a line.",
    )
    parser.add_argument("file", nargs="?", type=Path, default=Path("Pulumi.dev.yaml"), help="the stack's file")
    parser.add_argument(
        "--account", type=_account, default="*", help="number of the account that they are for; any by default"
    )
    arguments = parser.parse_args(argv)
    return say(arguments.file, lambda: of_file(arguments.file, arguments.account))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
