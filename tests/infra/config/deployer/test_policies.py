from __future__ import annotations

import ast
import json
from pathlib import Path

import botocore.session
import pytest

from infra.config.deployer import pipeline, web
from infra.config.deployer.__main__ import main
from infra.config.deployer.policies import LONGEST, policies, rows_of
from infra.config.stack_config import StackConfig
from local import ROOT
from local.program import load_stack_config
from tests.infra.recording import record
from tests.infra.storage.adopting import Account

CODE = {"code": "correct-horse-battery-staple"}
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"
JWT = {"jwt": {"issuer": "https://example.org", "audience": "page", "signInUrl": ""}}
CONFIGURATIONS = {
    "nothing": {},
    "the audit": {"audit": "daily"},
    "events of EventBridge": {"source": {"events": "eventbridge"}},
    "a bucket that exists": {"source": {"bucket": "team-pictures"}},
    "keys": {"sourceKmsKey": KEY, "queueKmsKey": KEY},
    "the page": {"page": {"access": CODE}},
    "tokens": {"page": {"access": JWT}},
    "the firewall": {
        "page": {"access": CODE, "firewallRequests": 2000, "domain": "a.example.org", "certificateArn": CERTIFICATE}
    },
    "delivery": {"delivery": {"enabled": True, "manifests": True, "origins": ["*"]}},
    "subscribers": {"subscribers": {"search": {"protocol": "sqs"}}},
    "an address for alarms": {"alarms": {"email": "you@example.org"}},
    "an archive": {"archive": {"afterDays": 30}, "output": {"expireAfterDays": 30}},
    "no messages": {"completionMessages": False},
}
EVERYTHING = {
    "audit": "daily",
    "page": {"access": CODE, "firewallRequests": 2000, "reservedConcurrency": 5},
    "delivery": {"enabled": True},
    "subscribers": {"search": {"protocol": "sqs"}},
}
SPELT_OTHERWISE = {
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
    "s3": {
        "GetAnalyticsConfiguration": "GetBucketAnalyticsConfiguration",
        "GetIntelligentTieringConfiguration": "GetBucketIntelligentTieringConfiguration",
        "GetInventoryConfiguration": "GetBucketInventoryConfiguration",
        "GetMetricsConfiguration": "GetBucketMetricsConfiguration",
        "ListAllMyBuckets": "ListBuckets",
        "GetAccelerateConfiguration": "GetBucketAccelerateConfiguration",
        "GetBucketCORS": "GetBucketCors",
        "PutBucketCORS": "PutBucketCors",
        "GetBucketNotification": "GetBucketNotificationConfiguration",
        "PutBucketNotification": "PutBucketNotificationConfiguration",
        "GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
        "GetBucketPublicAccessBlock": "GetPublicAccessBlock",
        "PutBucketPublicAccessBlock": "PutPublicAccessBlock",
        "GetEncryptionConfiguration": "GetBucketEncryption",
        "PutEncryptionConfiguration": "PutBucketEncryption",
        "GetLifecycleConfiguration": "GetBucketLifecycleConfiguration",
        "PutLifecycleConfiguration": "PutBucketLifecycleConfiguration",
        "GetReplicationConfiguration": "GetBucketReplication",
        "ListBucket": "ListObjects",
        "ListBucketVersions": "ListObjectVersions",
        "DeleteObjectVersion": "DeleteObject",
    },
}
"""Operations by the actions that S3 calls otherwise. Those of tags are S3 Control's."""
NO_OPERATION = {
    "iam:PassRole",
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
    "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html
    *(f"apigateway:{verb}" for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")),
}  # fmt: skip
MODELS = {"s3": ("s3", "s3control"), "cloudformation": ("cloudcontrol",)}
"""Cloud Control has its actions in CloudFormation's name."""


def config_of(**overrides):
    """Return the configuration of the stack `dev` with what is laid over it."""
    return StackConfig.read(load_stack_config("dev", overrides), "dev", ["image-pipeline:page"])


def statements(**overrides):
    """Return all statements of a configuration's policies."""
    return [each for policy in policies(config_of(**overrides)) for each in json.loads(policy)["Statement"]]


@pytest.mark.parametrize("overrides", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_every_type_that_the_program_makes_has_its_row_and_no_other_has(overrides):
    """A new resource needs permissions that somebody has thought about, and none is asked for in vain."""
    made = {
        resource.type
        for resource in record(recorder=Account(), **overrides).resources
        if resource.type.startswith("aws:")
    }
    assert set(rows_of(config_of(**overrides).pipeline)) == made


def test_every_function_of_the_provider_that_the_program_calls_has_its_row():
    """Found in the source, since some are called in an update only."""
    called = set()
    for path in (ROOT / "infra").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name.startswith("aws.") and ".get_" in name:
                called.add(name.removeprefix("aws.").removesuffix("_output"))
    assert called == {*pipeline.CALLS, *pipeline.ADOPTED_CALLS, *pipeline.KEY_CALLS}


def all_actions():
    """Return every action of every row."""
    rows = {
        name: rows
        for name, rows in {**vars(pipeline), **vars(web)}.items()
        if name.isupper() and isinstance(rows, dict)
    }
    assert len(rows) == 11
    return sorted(
        {action for row in rows.values() for each in row.values() for need in each for action in need.actions}
    )


@pytest.mark.parametrize("action", all_actions())
def test_every_action_exists(action):
    """AWS ignores one that is misspelt, and the deployment is refused. Each is an operation, or known to be none."""
    service, _, name = action.partition(":")
    if action in NO_OPERATION:
        return
    operations = {
        operation
        for model in MODELS.get(service, (service,))
        for operation in botocore.session.get_session().get_service_model(model).operation_names
    }
    assert SPELT_OTHERWISE.get(service, {}).get(name, name) in operations


def test_nothing_of_another_stack_can_be_touched_where_aws_lets_names_decide():
    """What is on everything takes no resource, or is asked for on everything; what AWS names has no name of the stack's."""
    unnamed = {
        action: each["Resource"]
        for each in statements(**EVERYTHING)
        if ":images-dev-" not in each["Resource"] and "/images-dev-" not in each["Resource"]
        if "images-dev-" not in str(each.get("Condition"))
        for action in each["Action"]
    }
    services = {action.partition(":")[0] for action in unnamed}
    assert services == {"apigateway", "cloudfront", "cloudwatch", "iam", "lambda", "logs", "sns", "ssm", "wafv2"}
    assert {action for action in unnamed if action.startswith(("iam:", "lambda:", "ssm:", "cloudwatch:", "wafv2:"))} == {
        "iam:CreateServiceLinkedRole",
        "lambda:ListTags", "lambda:TagResource", "lambda:UntagResource",
        "ssm:DescribeParameters",
        "cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:PutCompositeAlarm",
        "wafv2:CreateWebACL", "wafv2:UpdateWebACL",
    }  # fmt: skip


def test_roles_are_passed_to_lambda_alone():
    """Else whoever deploys could give the worker's role to anything."""
    (statement,) = [each for each in statements() if "iam:PassRole" in each["Action"]]
    assert statement == {
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": "arn:aws:iam::*:role/images-dev-*",
        "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    }


@pytest.mark.parametrize("overrides", [{}, EVERYTHING])
def test_each_policy_is_as_short_as_iam_takes_it(overrides):
    """With the longest prefix and region; a role takes ten, and no action stands twice on the same resource."""
    longest = config_of(**overrides, **{"namePrefix": "x" * 32, "aws:region": "ap-southeast-7"})
    documents = policies(longest, "123456789012")
    assert len(documents) <= 10
    assert max(map(len, documents)) <= LONGEST
    assert not [document for document in documents if "{" in document.replace('{"', "")]


def test_no_action_is_a_wildcard():
    """Neither a whole service nor its reads."""
    assert [action for each in statements(**EVERYTHING) for action in each["Action"] if "*" in action] == []


def test_the_file_of_a_stack_is_all_that_it_takes(tmp_path, capsys):
    """What is encrypted stays so: that it is there is enough."""
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text(
        "config:\n  aws:region: eu-west-1\n  page: {access: {code: {secure: v1:abc}}}\n  worker: {memory: 1024}\n"
    )
    assert main([str(path), "--account", "123456789012"]) == 0
    lines = capsys.readouterr().out.splitlines()
    text = "".join(json.dumps(json.loads(line)) for line in lines)
    assert "arn:aws:sqs:eu-west-1:123456789012:images-prod-*" in text
    assert "apigateway:POST" in text
    assert "wafv2" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("config: [", "is no YAML"),
        ("config: {image-pipeline:worker: {memory: 1}}", "pulumi config set --stack prod"),
        ("config: {image-pipeline:page: {secure: v1:abc}}", "image-pipeline:page is encrypted as a whole"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(tmp_path, capsys, text, said):
    """Exit status 2 and a sentence, never a traceback."""
    path = Path(tmp_path / "Pulumi.prod.yaml")
    if text is not None:
        path.write_text(text)
    assert main([str(path)]) == 2
    assert said in capsys.readouterr().err
