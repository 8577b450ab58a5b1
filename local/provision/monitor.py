"""What Pulumi's engine does with a registration before a provider sees it: it tells URNs apart, and lets transforms change it.

Never knows what is registered. By pkg/resource/deploy of pulumi/pulumi, source_eval.go and step_generator.go.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import grpc
import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import callback_pb2, resource_pb2
from pulumi.runtime.proto.callback_pb2_grpc import CallbacksStub

if TYPE_CHECKING:
    from collections.abc import Iterator

_STACK: Final = "pulumi:pulumi:Stack"


class Monitor(MockMonitor):
    """Registers resources with mocks for providers. Called from several threads at once.

    Raises from `RegisterResource`:
        RunError: There is a resource of that URN already, or a transform failed.
    """

    def __init__(self, mocks: pulumi.runtime.Mocks) -> None:
        super().__init__(mocks)
        self._lock = threading.Lock()
        self._parents: dict[str, str] = {}
        self._transforms: dict[str, list[callback_pb2.Callback]] = {}
        self._of_the_stack: list[callback_pb2.Callback] = []

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """Return the URN, with the types of all that the resource is in but the stack."""
        above = parent.split("::")[2] if parent else _STACK
        qualified = type_ if above == _STACK else f"{above}${type_}"
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{qualified}::{name}"

    def RegisterResource(  # noqa: N802 - Pulumi's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> Any:
        """Register a resource as its transforms, those of all that it is in, and those of the stack have it."""
        urn = self.make_urn(request.parent, request.type, request.name)
        with self._lock:
            if urn in self._parents:
                raise pulumi.RunError(f"Duplicate resource URN {urn!r}; try giving it a unique name")
            self._parents[urn], self._transforms[urn] = request.parent, list(request.transforms)
        for transform in self._transforms_of(urn):
            _apply(transform, request)
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK's mocks have no types

    def RegisterStackTransform(self, request: callback_pb2.Callback) -> Any:  # noqa: N802 - Pulumi's name
        """Have every resource of the stack transformed."""
        self._of_the_stack.append(request)
        return super().RegisterStackTransform(request)  # type: ignore[no-untyped-call]  # Same.

    def _transforms_of(self, urn: str) -> Iterator[callback_pb2.Callback]:
        while urn:
            yield from self._transforms.get(urn, ())
            urn = self._parents.get(urn, "")
        yield from self._of_the_stack


def _apply(transform: callback_pb2.Callback, request: resource_pb2.RegisterResourceRequest) -> None:
    """Have the program's process run a transform, and change the request by its answer.

    Of the options, those that a first deployment depends on: the others, such as `protect`, are about what comes later.
    """
    asked = resource_pb2.TransformRequest(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        properties=request.object,
        options=resource_pb2.TransformResourceOptions(
            provider=request.provider, aliases=request.aliases, depends_on=request.dependencies
        ),
    )
    call = callback_pb2.CallbackInvokeRequest(token=transform.token, request=asked.SerializeToString())
    with grpc.insecure_channel(transform.target) as channel:
        try:
            answer = CallbacksStub(channel).Invoke(call)
        except grpc.RpcError as exc:
            raise pulumi.RunError(exc.details()) from exc
    changed = resource_pb2.TransformResponse.FromString(answer.response)
    request.object.CopyFrom(changed.properties)
    if changed.HasField("options"):
        request.provider = changed.options.provider
        del request.aliases[:]
        request.aliases.extend(changed.options.aliases)
