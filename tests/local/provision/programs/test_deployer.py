"""A stack with everything that the embedded AWS has is deployed and destroyed by a role that has exactly the printed policies."""

from __future__ import annotations

import json
import secrets

import pytest

from infra.config.deployer.policies import policies
from infra.config.stack_config import StackConfig
from local.cloud import Cloud
from local.emulator.process import running_emulator
from local.engine import stack_config
from local.errors import ProvisionError
from local.program import run_program
from local.provision.provisioner import Provisioner

pytestmark = [pytest.mark.stack, pytest.mark.soak]

REGION = "eu-central-1"
EVERYTHING = {
    "audit": "daily",
    "page": {"access": {"code": "correct-horse-battery-staple"}, "reservedConcurrency": 5},
    "delivery": {"enabled": True},
    "subscribers": {"search": {"protocol": "sqs"}},
    "archive": {"afterDays": 30},
    "alarms": {"email": "you@example.org"},
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """Return an embedded AWS of its own, in which what is left behind is seen."""
    with running_emulator(tmp_path_factory.mktemp("deployer"), region=REGION) as emulator:
        cloud = Cloud(emulator.endpoint_url, REGION)
        yield cloud
        cloud.close()


@pytest.fixture
def deployer(cloud, request):
    """Return what has the policies' role deploy: a function of settings and policies."""

    def as_deployer(documents):
        iam, name = cloud.client("iam"), f"deployer-{secrets.token_hex(4)}"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        for number, document in enumerate(documents):
            policy = iam.create_policy(PolicyName=f"{name}-{number}", PolicyDocument=document)["Policy"]
            iam.attach_role_policy(RoleName=name, PolicyArn=policy["Arn"])
        opened.append(cloud.as_role(role["Arn"]))
        return Provisioner(opened[-1])

    opened: list[Cloud] = []
    yield as_deployer
    for each in opened:
        each.close()


def settings_of(**overrides):
    """Return the stack's settings, and its policies."""
    settings = stack_config(overrides)
    return settings, policies(StackConfig.read(settings, "local", ["image-pipeline:page"]))


def left(cloud):
    """Return what there is of the stack's."""
    return [
        *(each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]),
        *cloud.client("sqs").list_queues().get("QueueUrls", []),
        *(each["FunctionName"] for each in cloud.client("lambda").list_functions()["Functions"]),
        *(each["UUID"] for each in cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]),
        *(each["RoleName"] for each in cloud.client("iam").list_roles()["Roles"] if "images" in each["RoleName"]),
        *(each["AlarmName"] for each in cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]),
    ]


def test_the_printed_policies_are_enough(cloud, deployer):
    """To deploy everything, and to destroy it; nothing is left."""
    settings, documents = settings_of(**EVERYTHING)
    provisioner = deployer(documents)
    outputs = run_program(provisioner, settings, stack="local")
    assert outputs["page_url"]
    provisioner.destroy()
    assert left(cloud) == []


@pytest.mark.parametrize(
    ("action", "of"),
    [
        ("lambda:CreateEventSourceMapping", "aws:lambda/eventSourceMapping:EventSourceMapping"),
        ("cloudwatch:PutDashboard", "aws:cloudwatch/dashboard:Dashboard"),
        ("cloudfront:PublishFunction", "aws:cloudfront/function:Function"),
    ],
)
def test_without_one_action_the_deployment_is_refused(deployer, action, of):
    """So IAM is enforced here, and the policies are not enough for nothing."""
    settings, documents = settings_of(**EVERYTHING)
    missing = [document.replace(f'"{action}"', '"sts:GetSessionToken"') for document in documents]
    assert missing != documents
    provisioner = deployer(missing)
    with pytest.raises(ProvisionError, match=rf"(?s){of}.*(AccessDenied|not authorized)"):
        run_program(provisioner, settings, stack="local")
    provisioner.destroy()


def test_a_stack_of_another_prefix_is_not_theirs(deployer):
    """Its very first resource is refused, whichever that is."""
    _, documents = settings_of(namePrefix="others")
    provisioner = deployer(documents)
    with pytest.raises(ProvisionError, match=r"AccessDenied|not authorized"):
        run_program(provisioner, stack_config({}), stack="local")
    provisioner.destroy()
