"""The provisioner: Pulumi's mocks, which make each registered resource in the embedded AWS instead of inventing it, and destroy it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pulumi
from botocore.exceptions import BotoCoreError, ClientError
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret

from local.errors import NotApplied, ProvisionError, Refused
from local.provision.calls import CALLS, CallFailed, answer
from local.provision.kinds import Kind, Made, Order, translate
from local.provision.registry import KINDS
from local.provision.request_checks import RequestRefused, check
from local.provision.services.function_checks import FUNCTION_TYPE, check_function
from local.provision.unmodelled import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.cloud import Cloud

Transform = Callable[[str, str, dict[str, Any]], dict[str, Any]]
"""Changes a resource's inputs, given its type, name and inputs, before it is made: a seam for tests."""

_PROVIDER: Final = "pulumi:providers:aws"
_PROVIDER_PROPERTIES: Final = frozenset({"defaultTags", "region"})


class Provisioner(pulumi.runtime.Mocks):
    """Makes resources in `cloud`. Called from several threads at once.

    Attributes:
        cloud: Where they are made.

    Raises from `new_resource`, `call` and `destroy`:
        NotApplied: A type, property or function that would have to be skipped.
        Refused: AWS would refuse it.
        ProvisionError: The emulator refused it.
    """

    def __init__(self, cloud: Cloud, transform: Transform | None = None) -> None:
        self.cloud = cloud
        cloud.check_requests(check)
        self._transform = transform
        self._default_tags: dict[str, dict[str, str]] = {}
        self._functions: dict[str, str] = {}
        self._made: list[tuple[Order, str]] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Make one resource; a component is only a name for others."""
        if not args.custom:
            return "", dict(args.inputs)
        if args.typ == _PROVIDER:
            return self._take_provider(args.name, args.inputs)
        kind = KINDS.get(args.typ)
        if kind is None:
            raise NotApplied(args.typ, args.name)
        inputs = self._complete(kind, args)
        order = Order(args.typ, args.name, translate(args.typ, args.name, inputs, kind.properties))
        made = self._make(kind, order)
        self._made.append((order, made.id))
        if args.typ == FUNCTION_TYPE:
            self._functions[args.name] = made.id
        return made.id, {**inputs, **made.outputs, **({"tagsAll": inputs.get("tags", {})} if kind.taggable else {})}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        """Answer one provider function: with its outputs, or with nothing and why it failed, which the program may live with."""
        if args.token not in CALLS:
            raise NotApplied(args.token, "call")
        try:
            return answer(self.cloud, args.token, args.args)
        except CallFailed as exc:
            return {}, [("", str(exc))]

    def check_functions(self) -> None:
        """Check every function that was made; for when the program is through and every policy exists."""
        for name, function_name in self._functions.items():
            check_function(self.cloud.root, name, function_name)

    def destroy(self) -> None:
        """Delete what was made, the newest first; after an error, another call goes on where it happened."""
        while self._made:
            order, id_ = self._made[-1]
            remove = KINDS[order.type].remove
            if remove:
                with _named(order):
                    remove(self.cloud, order, id_)
            self._made.pop()

    def _make(self, kind: Kind, order: Order) -> Made:
        with _named(order):
            return kind.make(self.cloud, order)

    def _complete(self, kind: Kind, args: pulumi.runtime.MockResourceArgs) -> dict[str, Any]:
        """Return the inputs as the provider would see them: named, tagged, whole numbers whole."""
        inputs = {name: _whole(value) for name, value in args.inputs.items() if value is not None}
        if self._transform:
            inputs = self._transform(args.typ, args.name, inputs)
        if kind.named_by:
            inputs.setdefault(kind.named_by, f"{args.name}-{secrets.token_hex(4)[:7]}")
        tags = {**self._default_tags.get(_provider_name(args.provider), {}), **inputs.get("tags", {})}
        if kind.taggable and tags:  # The provider sends no empty map, which AWS refuses in places.
            inputs["tags"] = tags
        return inputs

    def _take_provider(self, name: str, inputs: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        for property_ in inputs:
            if property_ not in _PROVIDER_PROPERTIES and (_PROVIDER, property_) not in LEFT_OUT:
                raise NotApplied(_PROVIDER, name, property_)
        region = inputs.get("region") or self.cloud.region
        if region != self.cloud.region:
            raise ProvisionError(_PROVIDER, name, f"region {region!r}; this embedded AWS is {self.cloud.region!r}")
        default_tags = inputs.get("defaultTags") or {}
        if isinstance(default_tags, str):
            default_tags = json.loads(default_tags)
        self._default_tags[name] = dict(default_tags.get("tags") or {})
        return f"{name}-id", dict(inputs)


@contextmanager
def _named(order: Order) -> Iterator[None]:
    """Name the resource in the error of a request for it."""
    try:
        yield
    except RequestRefused as exc:
        raise Refused(order.type, order.name, str(exc)) from exc
    except (ClientError, BotoCoreError) as exc:
        raise ProvisionError(order.type, order.name, str(exc)) from exc


def _provider_name(reference: str | None) -> str:
    """Return `name` of `urn:pulumi:stack::project::pulumi:providers:aws::name::id`, or nothing."""
    return (reference or "").rpartition("::")[0].rpartition("::")[2]


def _whole(value: Any) -> Any:
    """Pulumi's wire format has floats only; an AWS parameter that takes an integer takes no 5.0. Secrets are unwrapped."""
    if is_rpc_secret(value):
        return _whole(unwrap_rpc_secret(value))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return value
