"""What AWS would refuse is refused on the embedded AWS, by AWS's own models; what the program accepts is not."""

from __future__ import annotations

from unittest.mock import patch

import botocore.session
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from infra.config.problems import ConfigError
from infra.config.stack_config import StackConfig
from local.cloud import SERVICES
from local.program import load_stack_config, run_program
from local.provision.provisioner import Provisioner
from local.provision.request_checks import RequestRefused, check, compiled

SESSION = botocore.session.get_session()


def refuse(service, operation, **params):
    """Return why a request is refused; nothing where it is not."""
    model = SESSION.get_service_model(service).operation_model(operation)
    try:
        check(params=params, model=model)
    except RequestRefused as exc:
        return str(exc)
    return None


@pytest.mark.parametrize(
    ("service", "operation", "params", "says"),
    [
        ("cloudwatch", "PutDashboard", {"DashboardName": "images-v1.2", "DashboardBody": "{}"}, "AWS takes A-Z"),
        ("events", "PutRule", {"Name": "r", "EventPattern": "x" * 2049}, "EventBridge takes 2048"),
        ("iam", "CreateRole", {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"}, "RoleName is 'a b'"),
        ("iam", "CreateRole", {"RoleName": "a" * 65, "AssumeRolePolicyDocument": "{}"}, "65 is more than 64"),
        ("iam", "CreateRole", {"RoleName": "a", "AssumeRolePolicyDocument": "{}", "Tags": [{"Key": "Project", "Value": ""}, {"Key": "project", "Value": ""}]}, "'project' twice"),
        ("s3", "PutObject", {"Bucket": "b", "Key": "k", "Tagging": "&".join(f"t{n}=x" for n in range(11))}, "11 tags"),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Code": {}, "Runtime": "python2.6"}, "Runtime is 'python2.6'"),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Code": {}, "MemorySize": 40_000}, "40000 is more than"),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Code": {}, "Environment": {"Variables": {"AB": "x" * 4096}}}, "Lambda takes 4096"),
        ("lambda", "CreateEventSourceMapping", {"FunctionName": "f", "BatchSize": 11}, "must be 1 at least"),
        ("lambda", "CreateEventSourceMapping", {"FunctionName": "f", "ScalingConfig": {"MaximumConcurrency": 1}}, "1 is less than 2"),
    ],
)  # fmt: skip
def test_a_request_that_aws_would_refuse_is_refused(service, operation, params, says):
    """Each kind of limit that a model has, and each rule that none has."""
    assert says in (refuse(service, operation, **params) or "accepted")


def test_a_request_that_aws_takes_is_taken():
    """At the very limits."""
    assert refuse("iam", "CreateRole", RoleName="a" * 64, AssumeRolePolicyDocument="{}") is None
    assert refuse("cloudwatch", "PutDashboard", DashboardName="images-dev_1", DashboardBody="{}") is None


def test_nearly_every_pattern_of_the_models_can_be_checked():
    """Python's expressions have what the models' use, but for those of members that nothing here sets."""
    patterns = {
        shape.metadata["pattern"]
        for service in (*SERVICES, "apigatewayv2")
        for shape in map(SESSION.get_service_model(service).shape_for, SESSION.get_service_model(service).shape_names)
        if "pattern" in shape.metadata
    }
    assert len(patterns) > 100
    assert {pattern for pattern in patterns if compiled(pattern) is None} == {
        r"[\w-_]*",
        r"^arn:aws[a-z0-9-]*:iam::\d{12}:role\/[\w-\/.@+=,]{1,1017}$",
        r"^([\p{L}\p{Z}\p{N}\p{P}\p{M}]*)$",
    }


NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,30}[a-z0-9]", fullmatch=True)
TEXTS = st.text(st.sampled_from("abcXYZ019 .:/=+@-_ö"), max_size=20)
SIDES = st.integers(1, 16_383)
RENDITIONS = st.fixed_dictionaries(
    {"width": SIDES, "height": SIDES},
    optional={"fit": st.sampled_from(["inside", "cover"]), "format": st.sampled_from(["webp", "avif", "jpeg", "png"]), "quality": st.integers(1, 100)},
)  # fmt: skip
CONFIGURATIONS = st.fixed_dictionaries(
    {},
    optional={
        "renditions": st.dictionaries(st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True), RENDITIONS | st.just(False), max_size=60),
        "namePrefix": NAMES | st.text(max_size=40),
        "tags": st.dictionaries(st.text(st.sampled_from("abcPT :/=+@-_.ö"), min_size=1, max_size=12), TEXTS, max_size=12),
        "source": st.fixed_dictionaries({}, optional={"prefix": st.sampled_from(["", "in/", "up", "a b", "*", "p" * 500]), "events": st.sampled_from(["", "eventbridge", "sns"]), "suffixes": st.lists(st.sampled_from([".jpg", ".png", "g", ".JPG"]), max_size=3), "keepDeletedDays": st.integers(0, 4000)}),
        "output": st.fixed_dictionaries({}, optional={"cacheControl": st.text(max_size=30), "expireAfterDays": st.integers(0, 3650)}),
        "archive": st.fixed_dictionaries({}, optional={"afterDays": st.integers(0, 3650), "class": st.sampled_from(["deep-archive", "intelligent-tiering", "glacier-flexible-retrieval"])}),
        "worker": st.fixed_dictionaries({}, optional={"memory": st.integers(200, 10_300), "timeout": st.integers(5, 950), "batchSize": st.integers(0, 1001), "maxConcurrency": st.integers(1, 1001), "logRetentionDays": st.integers(0, 40), "runtime": st.sampled_from(["python3.12", "python3.13", "python3.14", "python3.11"])}),
        "queue": st.fixed_dictionaries({}, optional={"maxReceiveCount": st.integers(0, 1001), "retentionDays": st.integers(0, 12)}),
        "subscribers": st.dictionaries(st.sampled_from(["search", "search-undelivered", "s", "Index"]), st.fixed_dictionaries({"protocol": st.sampled_from(["sqs", "fax"])}), max_size=3),
        "alarms": st.fixed_dictionaries({}, optional={"backlog": st.integers(0, 10**9), "messageAge": st.integers(0, 10**6), "email": st.sampled_from(["", "a@b.c", "nobody"])}),
        "delivery": st.fixed_dictionaries({"enabled": st.booleans()}, optional={"manifests": st.booleans(), "origins": st.lists(st.sampled_from(["*", "https://www.example.org", "https://*.example.com", "http://localhost:8000", "example.org", "https://www.example.org/"]), max_size=3), "priceClass": st.sampled_from(["PriceClass_200", "PriceClass_300"])}),
        "page": st.fixed_dictionaries({}, optional={"access": st.just({"code": "correct-horse-battery-staple"}), "maxMegabytes": st.integers(0, 5001), "uploadsPerSecond": st.integers(0, 1001)}),
    },
)  # fmt: skip
STACKS = st.sampled_from(["dev", "v1.2", "Prod", "feature_x", "x" * 100])


@pytest.mark.soak
@settings(max_examples=settings().max_examples // 25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
@given(document=CONFIGURATIONS, stack=STACKS)
def test_a_configuration_that_is_accepted_is_one_that_aws_takes(cloud, counts, document, stack):
    """Every request of its deployment passes the check; one that is refused names key and command."""
    config = load_stack_config("local", {"namePrefix": "", **document})
    counts["configurations"] += 1
    for _ in range(20):
        try:
            StackConfig.read(config, stack, ["image-pipeline:page"])
        except ConfigError as exc:
            counts["problems, each named with its key"] += len(exc.problems)
            # What is refused is named with its key, and taken out, key by key, until the rest is accepted.
            keys = {f"image-pipeline:{problem.path[0]}" for problem in exc.problems}
            config = {key: value for key, value in config.items() if key not in keys}
        else:
            break
    else:
        counts["configurations of which nothing was accepted"] += 1
    with patch("infra.worker.bundle._wheel_files", return_value={}):
        run_program(Provisioner(cloud), config, stack=stack)
    counts["deployments of which AWS takes every request"] += 1
