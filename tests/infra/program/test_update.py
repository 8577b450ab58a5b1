"""A stack from before the pipeline was a component is updated: the engine finds each of its resources, and replaces none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.infra.program.projects import project
from tests.infra.recording import Program, Resource, record, record_project

FORMER = frozenset((Path(__file__).parent / "former.txt").read_text().splitlines())
"""What there was, with every part that there can be: the types of all that a resource is in, and its name."""
MOVED = {"image-pipeline:topics:AlarmTopic$aws:sns/topicSubscription:TopicSubscription::alarms-tell-you@example.org"}
"""Who gets e-mails of alarms subscribes to the operators' topic now, and has to confirm that anew."""
EVERYTHING: dict[str, Any] = {
    "page": {"access": {"code": "correct-horse-battery-staple"}, "firewallRequests": 1000},
    "delivery": {"enabled": True},
    "archive": {"afterDays": 30},
    "alarms": {"email": "you@example.org"},
    "subscribers": {
        "search": {"protocol": "sqs"},
        "hook": {"protocol": "https", "endpoint": "https://example.org/pictures"},
    },
}
TOKENS = {"access": {"jwt": {"issuer": "https://issuer.example.org", "audience": "page"}}}


def found(program: Program) -> list[str]:
    """Return which of the former resources the engine takes those of a program for.

    It looks for a resource's URN, then for its aliases, then for what it would be called within the alias by which its parent
    was found: `generateSteps` and `generateAliases` in pkg/resource/deploy/step_generator.go of pulumi/pulumi.
    """
    taken: dict[str, str] = {}
    for resource in program.resources:
        candidates = [place(resource.urn), *explicit(resource), *inherited(resource, taken)]
        former = next((candidate for candidate in candidates if candidate in FORMER), None)
        if former:
            taken[resource.urn] = former
    return list(taken.values())


def place(urn: str) -> str:
    """Return the part of a URN that a program decides about."""
    return urn.split("::", 2)[2]


def aliased(resource: Resource) -> list[tuple[str, str, bool]]:
    """Return the resource's own aliases: type, name, and whether it was in nothing. The provider adds those of types that it renamed."""
    assert not any(alias.urn or alias.spec.parentUrn for alias in resource.aliases)
    specs = [alias.spec for alias in resource.aliases]
    return [(spec.type or resource.type, spec.name or resource.name, spec.noParent) for spec in specs]


def explicit(resource: Resource) -> list[str]:
    """Return what the resource was called by its own aliases."""
    types = place(resource.urn).rpartition("::")[0]
    within = types.removesuffix(resource.type)
    return [f"{'' if alone else within}{type_}::{name}" for type_, name, alone in aliased(resource)]


def inherited(resource: Resource, taken: dict[str, str]) -> list[str]:
    """Return what the resource was called in the former parent; a name that begins as the parent's does changes with it."""
    if taken.get(resource.parent, place(resource.parent)) == place(resource.parent):
        return []
    types, _, former = taken[resource.parent].rpartition("::")
    parent = resource.parent.rpartition("::")[2]
    names = [(resource.type, resource.name), *((type_, name) for type_, name, _ in aliased(resource))]
    return [
        f"{types}${type_}::{former + name.removeprefix(parent) if name.startswith(parent) else name}"
        for type_, name in names
    ]


def test_every_resource_of_a_stack_from_before_is_found():
    """Each once, with a code or with tokens before the page: nothing is made anew, and nothing is left over to delete."""
    with_code = found(record(**EVERYTHING))
    with_tokens = found(record(**{**EVERYTHING, "page": TOKENS}))
    assert len(with_code) == len(set(with_code))
    assert len(with_tokens) == len(set(with_tokens))
    assert {*with_code, *with_tokens} == FORMER - MOVED


def test_a_pipeline_of_another_name_takes_nothing_of_them(tmp_path):
    """Beside a stack from before, a second pipeline has resources of its own."""
    root = project(tmp_path, 'ImagePipeline("photos", {"delivery": {"enabled": True}})')
    assert found(record_project(root, {"aws:region": "eu-central-1"})) == []
