"""The component in another Pulumi program: twice in a stack, on any provider, and changed by transforms."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret

from infra.config.problems import SettingsError
from local.program import run_program
from local.provision.registry import KINDS
from tests.infra.program.projects import project
from tests.infra.program.test_program import OUTPUTS
from tests.infra.recording import Program, Recorder, record_project

REGION = {"aws:region": "eu-central-1"}
SETTINGS = """
SETTINGS = {
    "delivery": {"enabled": True, "domain": "", "origins": ["*"]},
    "page": {"access": {"code": "correct-horse-battery-staple"}, "firewallRequests": 1000},
    "subscribers": {"search": {"protocol": "sqs"}},
    "alarms": {"email": "you@example.org"},
    "archive": {"afterDays": 30},
}
"""
TWO = (
    SETTINGS
    + """
shop = ImagePipeline("shop", SETTINGS)
other = aws.Provider("other", region="eu-west-1", default_tags={"tags": {"team": "club"}})
club = ImagePipeline("club", {**SETTINGS, "namePrefix": "members"}, pulumi.ResourceOptions(provider=other))
pulumi.export("shop", shop.outputs)
pulumi.export("club", club.outputs)
"""
)


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> Program:
    """Return a program of two pipelines with all that one can have, recorded."""
    return record_project(project(tmp_path_factory.mktemp("two"), TWO), REGION)


def of(program: Program, pipeline: str) -> list[Any]:
    """Return the resources of one pipeline: all that have it above them."""
    parents = {resource.urn: resource.parent for resource in program.resources}

    def top(urn: str) -> str:
        while parents.get(urn, "").count("::") and "pulumi:pulumi:Stack" not in parents[urn]:
            urn = parents[urn]
        return urn

    return [r for r in program.resources if top(r.urn).endswith(f"::{pipeline}") and "ImagePipeline" in r.urn]


def test_two_pipelines_have_the_same_resources_and_no_name_in_common(two):
    """Neither a URN, at which Pulumi would stop, nor the name that a physical one is made of."""
    shop, club = of(two, "shop"), of(two, "club")
    assert len(shop) == len(club) == (len(two.resources) - 1) / 2  # the provider
    assert sorted(resource.type for resource in shop) == sorted(resource.type for resource in club)
    assert len({resource.urn for resource in two.resources}) == len(two.resources)
    assert not {(r.type, r.name) for r in shop} & {(r.type, r.name) for r in club}


def test_all_of_a_pipeline_is_at_its_provider(two):
    """The program's default one, or the one that it was given, resources and questions alike."""
    custom = {name: [r for r in of(two, name) if r.type.startswith("aws:")] for name in ("shop", "club")}
    assert {resource.provider for resource in custom["shop"]} == {""}
    assert all("::other::" in resource.provider for resource in custom["club"])
    assert {provider.split("::")[-2] if provider else "" for provider in two.asked} == {"", "other"}


def test_each_pipeline_has_the_outputs_of_a_stack(two):
    """Under its own name, so that the operators' commands work on either."""
    for name in ("shop", "club"):
        assert set(two.exports[name]) >= OUTPUTS | {"page_url", "api_url", "delivery_url"}


def test_an_alarm_names_the_file_of_its_pipeline_s_outputs(two):
    """A stack's name alone would not say which of the two."""
    for name in ("shop", "club"):
        alarms = [r for r in of(two, name) if r.type == "aws:cloudwatch/metricAlarm:MetricAlarm"]
        assert alarms
        assert all(f"python -m ops --outputs {name}.json " in alarm.inputs["alarmDescription"] for alarm in alarms)


def test_names_that_people_choose_cannot_meet(tmp_path):
    """`a-b` with a subscriber `c`, and `a` with one `b-c`, are told apart."""
    settings = '{{"namePrefix": "{}", "subscribers": {{"{}": {{"protocol": "sqs"}}}}}}'
    program = f'ImagePipeline("ab", {settings.format("one", "cd-ef")})\nImagePipeline("ab-cd", {settings.format("two", "ef")})\n'
    recorded = record_project(project(tmp_path, program), REGION)
    assert len({resource.urn for resource in recorded.resources}) == len(recorded.resources)


def test_two_of_one_prefix_are_an_error_of_pulumi_s(tmp_path):
    """As in a real deployment: nothing of the one is taken for the other's."""
    program = 'for name in ("shop", "club"):\n    ImagePipeline(name, {"namePrefix": "same"})\n'
    with pytest.raises(pulumi.RunError, match=r"Duplicate resource URN '.*::same-"):
        record_project(project(tmp_path, program), REGION)


def test_a_wrong_setting_stops_the_program_before_any_resource_of_the_pipeline(tmp_path):
    """There is nothing to clean up."""
    recorder = Recorder()
    root = project(tmp_path, 'ImagePipeline("shop", {"worker": {"memory": 1}})')
    with pytest.raises(SettingsError, match=r"set worker.memory to 256"):
        run_program(recorder, REGION, stack="dev", root=root)
    assert recorder.inputs == {}


RENAMED = (
    SETTINGS
    + """
from local.provision.registry import KINDS

def acme(args):
    kind = KINDS.get(args.type_)
    if kind and kind.named_by:
        args.props[kind.named_by] = "acme-" + args.name
    if kind and kind.taggable:
        args.props["tags"] = {**args.props.get("tags", {}), "owner": "acme"}
    return pulumi.ResourceTransformResult(args.props, args.opts)

shop = ImagePipeline("shop", SETTINGS, pulumi.ResourceOptions(transforms=[acme]))
club = ImagePipeline("club", SETTINGS)
pulumi.export("shop", shop.outputs)
pulumi.export("club", club.outputs)
"""
)


def test_transforms_reach_every_resource_of_their_pipeline_and_no_other(tmp_path):
    """Each that has a name or tags gets the program's own; the pipeline beside it stays as it is."""
    program = record_project(project(tmp_path, RENAMED), REGION)
    kinds = {resource.type for resource in of(program, "shop") if resource.type in KINDS}
    assert {type_ for type_ in kinds if KINDS[type_].named_by} >= {"aws:s3/bucket:Bucket", "aws:iam/role:Role"}
    for resource in of(program, "shop"):
        kind = KINDS.get(resource.type)
        if kind and kind.named_by:
            assert plain(resource.inputs[kind.named_by]) == f"acme-{resource.name}"
        if kind and kind.taggable:
            assert resource.inputs["tags"] == {"owner": "acme"}
    assert not [r for r in of(program, "club") if "acme" in str(r.inputs)]


def plain(value: Any) -> Any:
    """Return a value that may be a secret."""
    return unwrap_rpc_secret(value) if is_rpc_secret(value) else value
