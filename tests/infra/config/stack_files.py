"""A stack's file and what the program reads from it, for the tests of the configuration."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from infra.config.problems import ConfigError
from infra.config.stack_config import StackConfig
from tests.infra.config.pulumi_config import SECRET, handed_over

NAMESPACE = "image-pipeline"
CODE: dict[str, Any] = {"page": {"access": {"code": {"secure": SECRET}}}}
TOKENS = {"page": {"access": {"jwt": {"issuer": "https://issuer.example.org", "audience": "page"}}}}
DOMAIN = {"domain": "pictures.example.org", "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a"}


def own(document: dict[str, Any]) -> dict[str, Any]:
    """Return a stack file's `config` with the program's keys as `document` has them."""
    return {f"{NAMESPACE}:{key}": copy.deepcopy(value) for key, value in document.items()}


def read(config: dict[str, Any], stack: str = "prod") -> StackConfig:
    """Read the configuration that a stack's file makes."""
    secret = [key for key, value in config.items() if '"secure"' in json.dumps(value)]
    return StackConfig.read(handed_over(config), stack, secret)


def load(**document: Any) -> StackConfig:
    """Read the configuration of a stack that sets `document`."""
    return read(own(document))


def refusal(config: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the first sentence, and all commands of the refusal."""
    with pytest.raises(ConfigError) as caught:
        read(config)
    lines = str(caught.value).splitlines()
    commands = [line.strip() for line in lines[1:] if line.startswith("    ")]
    return lines[1].strip(), commands
