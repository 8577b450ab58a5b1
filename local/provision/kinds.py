"""What the provisioner must know about one resource type, and the strict translation of its properties.

A table maps Pulumi's property names to boto3's parameter names. Being in the table is being applied: what is in no
table and not on the list in `unmodelled.py` is an error, at any depth.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from local.errors import NotApplied
from local.provision.unmodelled import LEFT_OUT

if TYPE_CHECKING:
    from local.cloud import Cloud


@dataclass(frozen=True)
class Nested:
    """A property that is an object, or a list of objects, with a table of its own."""

    parameter: str
    table: Table


Table = Mapping[str, "str | Nested"]
ID: Final = "id"
"""Stands for a resource's physical id where a request's member takes it."""


@dataclass(frozen=True)
class Made:
    """A resource that exists.

    Attributes:
        id: Its physical id as pulumi-aws has it: a queue's is its URL.
        outputs: What the resource has besides its inputs.
    """

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Order:
    """One resource to make.

    Attributes:
        type: Pulumi's type token.
        name: The resource's name in the program.
        request: Its properties under boto3's names.
    """

    type: str
    name: str
    request: dict[str, Any]


Remove = Callable[["Cloud", Order, str], None]
"""Deletes a resource, given its order and its physical id."""


@dataclass(frozen=True)
class Kind:
    """How resources of one type are made and deleted.

    Attributes:
        properties: Every property that is applied.
        make: Creates the resource.
        named_by: The property that Pulumi fills with the resource's name and a random suffix where the program does not.
        remove: Deletes it; None where it is a part of another resource and ends with that.
    """

    properties: Table
    make: Callable[[Cloud, Order], Made]
    named_by: str | None = None
    remove: Remove | None = None

    @property
    def taggable(self) -> bool:
        """Whether the provider's default tags apply."""
        return "tags" in self.properties


def translate(type_: str, name: str, inputs: Mapping[str, Any], table: Table, path: str = "") -> dict[str, Any]:
    """Return `inputs` under boto3's names.

    Raises:
        NotApplied: A property is neither in `table` nor listed as left out.
    """
    request: dict[str, Any] = {}
    for property_, value in inputs.items():
        here = f"{path}.{property_}" if path else property_
        if value is None or (type_, here) in LEFT_OUT:
            continue
        entry = table.get(property_)
        if entry is None:
            raise NotApplied(type_, name, here)
        if isinstance(entry, str):
            request[entry] = value
        elif isinstance(value, list):
            request[entry.parameter] = [translate(type_, name, item, entry.table, f"{here}[]") for item in value]
        else:
            request[entry.parameter] = translate(type_, name, value, entry.table, here)
    return request


def removal(service: str, operation: str, **members: str) -> Remove:
    """Return what deletes a resource by one request, each member of which is `ID` or a member of the order's request."""

    def remove(cloud: Cloud, order: Order, id_: str) -> None:
        values = {member: id_ if source == ID else order.request[source] for member, source in members.items()}
        getattr(cloud.client(service), operation)(**values)

    return remove


def texts(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return attributes in SQS's and SNS's form: each as a string."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in attributes.items()}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags in most services' form."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
