"""What the engine does with a registration before its provider sees it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
import pytest

from local.program import run_program

HEAD = """
import pulumi

class Box(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:Box", name, None, opts)

class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Thing", name, {"seen": []}, opts)

def by(who):
    def transform(args):
        return pulumi.ResourceTransformResult({**args.props, "seen": [*args.props.get("seen", []), who]}, args.opts)
    return transform

def within(parent, *transforms):
    return pulumi.ResourceOptions(parent=parent, transforms=list(transforms))
"""


@dataclass
class Seen(pulumi.runtime.Mocks):
    """Remembers the inputs of each resource, and its provider's name."""

    inputs: dict[str, dict[str, object]] = field(default_factory=dict)
    providers: dict[str, str] = field(default_factory=dict)

    def new_resource(self, args):
        self.inputs[args.name], self.providers[args.name] = dict(args.inputs), args.provider.rpartition("::")[0]
        return f"id-{args.name}", dict(args.inputs)

    def call(self, args):
        return {}


def run(root, program):
    """Run a program of things, and return what was seen of them."""
    (root / "Pulumi.yaml").write_text("name: things\nruntime: python\n")
    (root / "__main__.py").write_text(HEAD + program)
    seen = Seen()
    run_program(seen, {}, stack="dev", root=root)
    return seen


def test_a_resource_s_transforms_come_before_its_parents_and_the_stack_s_last(tmp_path):
    """In the engine's order, down to what is in a box in a box."""
    program = """
pulumi.runtime.register_resource_transform(by("stack"))
outer = Box("outer", within(None, by("outer")))
inner = Box("inner", within(outer, by("inner"), by("inner again")))
Thing("deep", within(inner, by("own")))
Thing("beside")
"""
    inputs = run(tmp_path, program).inputs
    assert inputs["deep"]["seen"] == ["own", "inner", "inner again", "outer", "stack"]
    assert inputs["beside"]["seen"] == ["stack"]


def test_a_transform_that_returns_nothing_changes_nothing(tmp_path):
    """It looked, and left all as it was."""
    assert run(tmp_path, 'Thing("thing", within(None, lambda args: None))').inputs == {"thing": {"seen": []}}


def test_a_transform_may_hand_a_resource_to_another_provider(tmp_path):
    """Of the options, the provider is what a first deployment depends on."""
    program = """
class Other(pulumi.ProviderResource):
    def __init__(self, name):
        super().__init__("test", name, {})

other = Other("other")

def moved(args):
    return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(provider=other)))

Thing("thing", within(None, moved))
"""
    assert run(tmp_path, program).providers["thing"].endswith("pulumi:providers:test::other")


def test_a_transform_that_fails_is_the_program_s_error(tmp_path):
    """With what it said, and before the resource is there."""
    with pytest.raises(pulumi.RunError, match="no such luck"):
        run(tmp_path, 'def fail(args):\n    raise ValueError("no such luck")\n\nThing("thing", within(None, fail))\n')


def test_two_resources_of_one_urn_are_an_error(tmp_path):
    """What they are in does not tell them apart, only its type does."""
    urn = r"urn:pulumi:dev::things::test:Box\$test:index:Thing::thing"
    with pytest.raises(pulumi.RunError, match=f"Duplicate resource URN '{urn}'"):
        run(tmp_path, 'Thing("thing", within(Box("a")))\nThing("thing", within(Box("b")))\n')
    assert run(tmp_path, 'Thing("thing", within(Box("a")))\nThing("thing")\n').inputs.keys() == {"a", "thing"}
