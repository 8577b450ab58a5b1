"""Runs the Pulumi program with mocks that make nothing and remember everything.

`python -m tests.infra.recording` prints the snapshot that `test_program` compares with, and with `page` or `delivery` behind it
what that adds, which its own test compares with.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pulumi
from pulumi.runtime.mocks import MockMonitor

from local import ROOT
from local.program import load_stack_config, run_program

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "123456789012"
GET_KEY = "aws:kms/getKey:getKey"
USABLE = {
    "keyState": "Enabled",
    "keyManager": "CUSTOMER",
    "keySpec": "SYMMETRIC_DEFAULT",
    "keyUsage": "ENCRYPT_DECRYPT",
}
ANSWERS: dict[str, Any] = {GET_KEY: USABLE}
"""Of provider functions, by their tokens; an exception is what the provider has failed with."""
REGION = "eu-central-1"


@dataclass(frozen=True)
class Resource:
    """One registration: `after` are the names of the resources that it waits for, `before_update` those of its hooks."""

    urn: str
    parent: str
    aliases: tuple[Any, ...]
    type: str
    name: str
    inputs: dict[str, Any]
    provider: str
    after: frozenset[str]
    before_update: tuple[str, ...]


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Answers with the inputs and an ARN that names the resource."""

    inputs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def new_resource(self, args):
        self.inputs[args.typ, args.name] = dict(args.inputs)
        named = {"name": args.name, "bucket": args.name, "arn": f"arn:{args.name}", "url": f"https://{args.name}"}
        hosts = {
            "bucketRegionalDomainName": f"{args.name}.s3.eu-central-1.amazonaws.com",
            "domainName": "d111111abcdef8.cloudfront.net",
            "apiEndpoint": "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
            "executionArn": f"arn:execute-api:{args.name}",
            "version": 1,
            "value": "drawn-by-aws",
        }
        return f"id-{args.name}", {**named, **hosts, **args.inputs}

    def call(self, args):
        self.calls.append(args.token)
        self.asked.add(args.provider)
        answer = ANSWERS.get(args.token)
        if isinstance(answer, Exception):
            return {}, [("keyId", str(answer))]
        if answer is not None:
            return dict(answer)
        answers = {"accountId": ACCOUNT, "account_id": ACCOUNT, "id": ACCOUNT, "arn": "arn:caller", "userId": "caller"}
        return {**answers, "region": REGION}


@dataclass(frozen=True)
class Program:
    """What one run of the program registered, in order, and what it exported; `asked` are the providers whose functions it called."""

    resources: tuple[Resource, ...]
    exports: dict[str, Any]
    asked: frozenset[str]

    def all(self, type_: str) -> list[Resource]:
        """Return the resources of a type, such as `sqs/queue:Queue`."""
        return [resource for resource in self.resources if resource.type == f"aws:{type_}"]

    def one(self, type_: str, name: str) -> Resource:
        """Return the resource of a type by its name without the prefix."""
        (found,) = [resource for resource in self.all(type_) if resource.name.removeprefix("images-dev-") == name]
        return found

    def snapshot(self) -> list[str]:
        """Return `type name` of every resource, sorted: what changes here is created or destroyed by an update."""
        return sorted(f"{resource.type} {resource.name}" for resource in self.resources)


def record(stack: str = "dev", recorder: Recorder | None = None, **overrides: Any) -> Program:
    """Run the program of a stack with `overrides` laid over the stack's own keys, on a `recorder` that answers as it likes.

    Its bundles have no wheels, which would be fetched for Lambda: what they hold is another test's matter.
    """
    return record_project(ROOT, load_stack_config(stack, overrides), stack, recorder)


def record_project(root: Path, config: dict[str, str], stack: str = "dev", recorder: Recorder | None = None) -> Program:
    """Run the program of the project in `root`; its configuration has a namespace at each key."""
    recorder, requests = recorder or Recorder(), []
    register = MockMonitor.RegisterResource

    def remember(self: MockMonitor, request: Any) -> Any:
        requests.append((self.make_urn(request.parent, request.type, request.name), request))
        return register(self, request)

    without_wheels = patch("infra.worker.bundle._wheel_files", return_value={})
    with patch.object(MockMonitor, "RegisterResource", remember), without_wheels:
        exports = run_program(recorder, config, stack=stack, root=root)
    resources = [
        Resource(
            urn,
            request.parent,
            tuple(request.aliases),
            request.type,
            request.name,
            recorder.inputs[request.type, request.name],
            request.provider,
            frozenset(urn.rpartition("::")[2] for urn in request.dependencies),
            tuple(request.hooks.before_update),
        )
        for urn, request in requests
        if request.type != "pulumi:pulumi:Stack"
    ]
    return Program(tuple(resources), exports, frozenset(recorder.asked))


def statements(policy: str) -> list[dict[str, Any]]:
    """Return the statements of a policy document, actions and resources as lists."""
    listed = []
    for statement in json.loads(policy)["Statement"]:
        lists = {key: [statement[key]] if isinstance(statement[key], str) else statement[key]
                 for key in ("Action", "Resource") if key in statement}  # fmt: skip
        listed.append({**statement, **lists})
    return listed


def record_page() -> Program:
    """Run the program of the stack `dev` with the upload page."""
    return record("dev", page={"access": {"code": "correct-horse-battery-staple"}})


def record_delivery() -> Program:
    """Run the program of the stack `dev` with delivery."""
    return record("dev", delivery={"enabled": True})


def added(more: Program, program: Program) -> list[str]:
    """Return what of the snapshot of `more` is not in that of `program`."""
    return sorted(set(more.snapshot()) - set(program.snapshot()))


PARTS = {"page": record_page, "delivery": record_delivery}

if __name__ == "__main__":
    lines = added(PARTS[sys.argv[1]](), record()) if sys.argv[1:] else record().snapshot()
    print("\n".join(lines))  # noqa: T201 - a program for the terminal
