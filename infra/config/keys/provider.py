"""The stack's `aws:` keys: all that the provider knows are passed on, and no other is ignored."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any, Final

import pulumi
import pulumi_aws as aws

from infra.config.nearest import closest
from infra.config.place import Place
from infra.config.problems import Change

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from infra.config.problems import Problem

NAMESPACE: Final = "aws:"
_REGION: Final = r"[a-z]{2}(-[a-z]+)+-\d"
_OWN: Final = {"region", "default_tags"}
"""Arguments that the program sets itself, from `aws:region` and from `tags`."""


def read_region(values: Mapping[str, str], problems: list[Problem]) -> str:
    """Return the region that everything is in."""
    place = Place((f"{NAMESPACE}region",), values.get(f"{NAMESPACE}region"), "eu-central-1", problems)
    return place.matching(_REGION, "an AWS region", "eu-central-1")


def read_settings(values: Mapping[str, str], secret: Collection[str], problems: list[Problem]) -> dict[str, Any]:
    """Return the provider's other arguments, by name; what is encrypted stays a secret."""
    settings: dict[str, Any] = {}
    for key in (key for key in values if key.startswith(NAMESPACE)):
        name = _snake(key.removeprefix(NAMESPACE))
        place = Place((key,), values[key], None, problems)
        if name == "default_tags":
            place.refuse_for("is set; the tags of every resource are image-pipeline:tags", Change((key,)))
        elif name not in _arguments():
            near = closest(name, _arguments())
            meant = f"; did you mean {NAMESPACE}{_camel(near)}?" if near else ""
            place.refuse_for(f"is no setting of the AWS provider{meant}", Change((key,)))
        elif name not in _OWN:
            value = _value(values[key], name)
            settings[name] = pulumi.Output.secret(value) if key in secret else value
    return settings


def _arguments() -> list[str]:
    """Return the names of the arguments that `pulumi_aws.Provider` takes."""
    return [
        name for name in inspect.signature(aws.ProviderArgs.__init__).parameters if name not in {"__self__", "self"}
    ]


def _value(text: str, name: str) -> Any:
    """Lists, objects, numbers and booleans arrive as JSON; a text that looks like a number, such as a key, stays one."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    is_number = "int]" in str(inspect.signature(aws.ProviderArgs.__init__).parameters[name].annotation)
    return value if is_number or isinstance(value, list | dict | bool) else text


def _snake(name: str) -> str:
    return re.sub("([A-Z])", lambda found: f"_{found[1].lower()}", name)


def _camel(name: str) -> str:
    return re.sub("_([a-z0-9])", lambda found: found[1].upper(), name)
