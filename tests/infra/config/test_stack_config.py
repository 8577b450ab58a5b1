"""The stack's configuration: every wrong value is reported at once, with the command that corrects it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from infra.config.stack_config import StackConfig
from infra.values import ConfigError
from local.program import load_stack_config, run_program
from tests.infra.recording import Recorder

ROOT = Path(__file__).parents[3]
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
THUMBNAIL = {"name": "thumbnail", "width": 256, "height": 256}


@dataclass
class Keys:
    """Stands in for `pulumi.Config`: the values of one namespace, and which of them were read."""

    name: str
    values: dict[str, str]
    read: set[str] = field(default_factory=set)

    def get(self, key: str) -> str | None:
        self.read.add(key)
        return self.values.get(key)


def keys(stack="dev", **overrides):
    """Return the project's and the provider's keys of a stack."""
    loaded = load_stack_config(stack)
    values = {key.partition(":")[2]: value for key, value in loaded.items() if key.startswith("image-pipeline:")}
    return Keys("image-pipeline", {**values, **overrides}), Keys("aws", {"region": loaded["aws:region"]})


def load(stack="dev", **overrides):
    """Read the configuration of a stack with `overrides`."""
    own, provider = keys(stack, **overrides)
    return StackConfig.from_pulumi(own, provider, stack)


def problems(stack="dev", **overrides):
    """Return the lines of the refusal."""
    with pytest.raises(ConfigError) as caught:
        load(stack, **overrides)
    return [line.strip() for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("stack", ["dev", "local"])
def test_the_stacks_that_come_with_the_project_are_right(stack):
    """Both stack files are accepted as they are."""
    assert load(stack).account.region == "eu-central-1"


def test_only_the_embedded_aws_gets_the_wheels_of_this_computer():
    """Whatever any other stack is called, its functions run on Lambda."""
    assert load("local").worker.target.host
    assert not load("dev").worker.target.host


def test_the_project_s_defaults_are_right_on_their_own():
    """A new stack needs nothing but a region."""
    defaults = {key: entry["default"] for key, entry in PROJECT["config"].items() if isinstance(entry, dict)}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in defaults.items()}
    config = StackConfig.from_pulumi(Keys("image-pipeline", texts), Keys("aws", {"region": "us-east-1"}), "new")
    assert not config.source.force_destroy
    assert config.worker.memory == 512


def test_every_key_is_declared_with_a_type_a_default_and_a_sentence():
    """`Pulumi.yaml` is the manual of the configuration; only the provider's key can have no description there."""
    for key, entry in PROJECT["config"].items():
        if not key.startswith("aws:"):
            assert set(entry) - {"items"} == {"type", "description", "default"}, key
            assert entry["description"].endswith("."), key


def test_what_is_declared_is_what_is_read():
    """Every key that is read can be set, and every key that can be set is read."""
    own, provider = keys()
    StackConfig.from_pulumi(own, provider, "dev")
    assert own.read == {key for key in PROJECT["config"] if ":" not in key}
    assert provider.read == {"region", "profile"}


@pytest.mark.parametrize(
    ("key", "value", "takes", "command"),
    [
        ("workerMemory", "128", "a whole number from 256 to 10240", "pulumi config set --stack dev image-pipeline:workerMemory 256"),
        ("workerMemory", "lots", "a whole number from 256 to 10240", "pulumi config set --stack dev image-pipeline:workerMemory 256"),
        ("queueRetentionDays", "12", "a whole number from 1 to 11", "pulumi config set --stack dev image-pipeline:queueRetentionDays 1"),
        ("webFirewallRequests", "9", "at least 10, or 0 for no firewall", "pulumi config set --stack dev image-pipeline:webFirewallRequests 2000"),
        ("webFirewallRequests", "2000000001", "a whole number from 0 to 2000000000", "pulumi config set --stack dev image-pipeline:webFirewallRequests 0"),
        ("maxConcurrency", "1", "a whole number from 2 to 1000", "pulumi config set --stack dev image-pipeline:maxConcurrency 2"),
        ("architecture", "sparc", "one of arm64, x86_64", "pulumi config set --stack dev image-pipeline:architecture arm64"),
        ("runtime", "python2.7", "one of python3.13, python3.14, python3.12", "pulumi config set --stack dev image-pipeline:runtime python3.13"),
        ("logRetentionDays", "8", "one of 1, 3, 5, 7", "pulumi config set --stack dev image-pipeline:logRetentionDays 1"),
        ("forceDestroy", "yes", "one of true, false", "pulumi config set --stack dev image-pipeline:forceDestroy true"),
        ("namePrefix", "Images", "2 to 20 of a-z", "pulumi config set --stack dev image-pipeline:namePrefix image-pipeline"),
        ("alarmEmail", "nobody", "an e-mail address", "pulumi config set --stack dev image-pipeline:alarmEmail you@example.org"),
        ("sourcePrefix", "*/in", "up to 512 letters", "pulumi config set --stack dev image-pipeline:sourcePrefix photos/"),
        ("cacheControl", "a\nb", "a header's value", "pulumi config set --stack dev image-pipeline:cacheControl no-cache"),
        ("renditions", "[", "a list of renditions", "pulumi config rm --stack dev image-pipeline:renditions"),
        ("renditions", "[]", "at least one", "pulumi config rm --stack dev image-pipeline:renditions"),
        (
            "renditions",
            json.dumps([THUMBNAIL, {"name": "web", "width": 0, "height": 9}]),
            "renditions[1]: width is 0; it takes 1 to 16383",
            "pulumi config set --stack dev --path 'image-pipeline:renditions[1].width' 256",
        ),
        (
            "renditions",
            json.dumps([{"name": "web", "width": 9}]),
            "renditions[0]: height is missing",
            "pulumi config set --stack dev --path 'image-pipeline:renditions[0].height' 256",
        ),
        (
            "renditions",
            json.dumps([{**THUMBNAIL, "widht": 9}]),
            "unknown key 'widht'",
            """pulumi config rm --stack dev --path 'image-pipeline:renditions[0]["widht"]'""",
        ),
        (
            "renditions",
            json.dumps([THUMBNAIL, THUMBNAIL]),
            "two renditions are named 'thumbnail'",
            "pulumi config set --stack dev --path 'image-pipeline:renditions[1].name' thumbnail",
        ),
        (
            "renditions",
            json.dumps([{**THUMBNAIL, "name": f"r{n}"} for n in range(40)]),
            "at most 3396 bytes as JSON",
            "pulumi config rm --stack dev --path 'image-pipeline:renditions[39]'",
        ),
        (
            "sourceSuffixes",
            '[".jpg", "x.jpg"]',
            "'x.jpg' ends in another one",
            "pulumi config rm --stack dev --path 'image-pipeline:sourceSuffixes[1]'",
        ),
        (
            "sourceSuffixes",
            '[".jpg", "*"]',
            "'*' is not 1 to 64",
            "pulumi config set --stack dev --path 'image-pipeline:sourceSuffixes[1]' .jpg",
        ),
        ("sourceSuffixes", "7", "a list of endings", "pulumi config rm --stack dev image-pipeline:sourceSuffixes"),
        ("subscribers", "7", "a list of subscribers", "pulumi config rm --stack dev image-pipeline:subscribers"),
        (
            "subscribers",
            '[{"name": "search", "protocol": "sqs"}, {"name": "search", "protocol": "sqs"}]',
            "two are named 'search'",
            "pulumi config set --stack dev --path 'image-pipeline:subscribers[1].name' search-1",
        ),
        ("subscribers", '["x"]', "no object", "pulumi config rm --stack dev --path 'image-pipeline:subscribers[0]'"),
        (
            "subscribers",
            '[{"name": "X", "protocol": "sqs"}]',
            "2 to 20 of a-z",
            "pulumi config set --stack dev --path 'image-pipeline:subscribers[0].name' search",
        ),
        (
            "subscribers",
            '[{"name": "search", "protocol": "http"}]',
            "'http' is not one of sqs, https, email",
            "pulumi config set --stack dev --path 'image-pipeline:subscribers[0].protocol' sqs",
        ),
        (
            "subscribers",
            '[{"name": "search", "protocol": "https"}]',
            "None is not an address that starts with https://",
            "pulumi config set --stack dev --path 'image-pipeline:subscribers[0].endpoint' https://example.org/pictures",
        ),
        (
            "subscribers",
            '[{"name": "search", "protocol": "https", "endpoint": "https://me:secret@example.org"}]',
            "no password in it",
            "pulumi config set --stack dev --path 'image-pipeline:subscribers[0].endpoint' https://example.org/pictures",
        ),
        (
            "subscribers",
            '[{"name": "search", "protocol": "sqs", "raw": true}]',
            "unknown key 'raw'",
            """pulumi config rm --stack dev --path 'image-pipeline:subscribers[0]["raw"]'""",
        ),
        (
            "subscribers",
            '[{"name": "search", "protocol": "sqs", "filter": {"folder": ["a/"]}}]',
            "no message has 'folder'",
            """pulumi config rm --stack dev --path 'image-pipeline:subscribers[0].filter["folder"]'""",
        ),
        (
            "subscribers",
            '[{"name": "search", "protocol": "sqs", "filter": {"type": []}}]',
            "type is no list of values",
            "pulumi config rm --stack dev --path 'image-pipeline:subscribers[0].filter.type'",
        ),
        (
            "subscribers",
            '[{"name": "search", "protocol": "sqs", "filter": {"prefix": [{"prefix": 7}]}}]',
            "{'prefix': 7} is neither a text nor one of prefix,",
            "pulumi config rm --stack dev --path 'image-pipeline:subscribers[0].filter.prefix[0]'",
        ),
        ("tags", "[]", "an object of texts", "pulumi config rm --stack dev image-pipeline:tags"),
        ("tags", '{"team": 7}', "'team' is not", """pulumi config set --stack dev --path 'image-pipeline:tags["team"]' web"""),
        ("tags", '{"stack": "x"}', "the program's own", """pulumi config rm --stack dev --path 'image-pipeline:tags["stack"]'"""),
    ],
)  # fmt: skip
def test_a_wrong_value_is_an_error_with_its_key_its_file_and_its_command(key, value, takes, command):
    """The refusal says what is wrong where, what would be right, and how to set it."""
    headline, problem, mending = problems(**{key: value})
    assert "Pulumi.dev.yaml" in headline
    assert problem.startswith(f"image-pipeline:{key} is ")
    assert takes in problem
    assert mending == command


@pytest.mark.parametrize(
    ("overrides", "takes"),
    [
        (
            {"maxReceiveCount": "100", "workerTimeout": "900"},
            "image-pipeline:maxReceiveCount is '100'; it takes as many attempts, 5401 s apart, as fit",
        ),
        (
            {"alarmMessageAge": "86400", "queueRetentionDays": "1"},
            "image-pipeline:alarmMessageAge is '86400'; it takes fewer seconds than queueRetentionDays has",
        ),
        (
            {"notify": "false", "subscribers": '[{"name": "search", "protocol": "sqs"}]'},
            "image-pipeline:notify is 'false'; it takes true where there are subscribers",
        ),
    ],
)
def test_values_that_are_wrong_together_are_refused(overrides, takes):
    """What AWS would refuse late, or what would silently never happen, is refused before anything is made."""
    assert problems(**overrides)[1].startswith(takes)


CODE = {"webAccessCode": "correct-horse-battery-staple"}
TOKENS = {"webJwtIssuer": "https://issuer.example.org", "webJwtAudience": "page"}


@pytest.mark.parametrize(
    ("overrides", "takes", "command"),
    [
        (
            {
                "webDomain": "pictures.example.org",
                "webCertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a",
            },
            "image-pipeline:webDomain is 'pictures.example.org'; it takes nothing without webAccessCode or webJwtIssuer",
            "pulumi config rm --stack dev image-pipeline:webDomain",
        ),
        (
            {"webJwtAudience": "page"},
            "image-pipeline:webJwtIssuer is (not set); it takes a value beside webJwtAudience",
            "pulumi config set --stack dev image-pipeline:webJwtIssuer https://issuer.example.org",
        ),
        (
            {**CODE, **TOKENS},
            "image-pipeline:webJwtIssuer is 'https://issuer.example.org'; it takes nothing while webAccessCode is set",
            "pulumi config rm --stack dev image-pipeline:webJwtIssuer",
        ),
        (
            {**TOKENS, "webJwtAudience": ""},
            "image-pipeline:webJwtAudience is (not set); it takes a value beside webJwtIssuer",
            "pulumi config set --stack dev image-pipeline:webJwtAudience upload-page",
        ),
        (
            {**CODE, "webAccessCode": "too-short"},
            "image-pipeline:webAccessCode is a secret that is not shown; it takes 16 to 128 characters",
            "pulumi config set --stack dev --secret image-pipeline:webAccessCode",
        ),
        (
            {**CODE, "sourcePrefix": "photos/"},
            "image-pipeline:sourcePrefix is 'photos/'; it takes a start of uploads/",
            "pulumi config rm --stack dev image-pipeline:sourcePrefix",
        ),
        (
            {**CODE, "sourceSuffixes": '[".jpg"]'},
            "image-pipeline:sourceSuffixes is '[\".jpg\"]'; it takes nothing beside a page",
            "pulumi config rm --stack dev image-pipeline:sourceSuffixes",
        ),
        (
            {**CODE, "webDomain": "pictures.example.org"},
            "image-pipeline:webDomain is 'pictures.example.org'; it takes nothing without webCertificateArn",
            "pulumi config rm --stack dev image-pipeline:webDomain",
        ),
        (
            {**CODE, "webSignInUrl": "https://issuer.example.org"},
            "image-pipeline:webSignInUrl is 'https://issuer.example.org'; it takes nothing without webJwtIssuer",
            "pulumi config rm --stack dev image-pipeline:webSignInUrl",
        ),
        (
            {**TOKENS, "webJwtIssuer": "http://issuer.example.org"},
            "image-pipeline:webJwtIssuer is 'http://issuer.example.org'; it takes an https:// address",
            "pulumi config set --stack dev image-pipeline:webJwtIssuer",
        ),
    ],
)
def test_a_page_with_two_ways_in_or_one_that_waits_for_ever_is_refused(overrides, takes, command):
    """The upload page has one way in, and every upload is announced; secrets are not shown."""
    _, problem, mending = problems(**overrides)
    assert problem.startswith(takes)
    assert mending.startswith(command)
    assert "too-short" not in problem + mending


@pytest.mark.parametrize("overrides", [CODE, TOKENS])
def test_there_is_a_page_only_where_there_is_a_way_in(overrides):
    """Either an access code or a token's issuer and audience; without, there is no page that could be open."""
    assert load(**overrides).page is not None
    assert load().page is None


@pytest.mark.parametrize("requests", [0, 10, 2_000_000_000])
def test_a_number_of_requests_puts_a_firewall_before_the_page(requests):
    """Any that WAF takes, and 0 for none."""
    page = load(**CODE, webFirewallRequests=str(requests)).page
    assert page is not None
    assert page.distribution.requests_per_ip == requests


def test_all_wrong_values_are_reported_at_once():
    """Nobody runs `pulumi up` once for each mistake."""
    lines = problems(workerMemory="1", architecture="sparc", renditions="[]")
    assert sum(line.startswith("image-pipeline:") for line in lines) == 3


def test_a_wrong_region_is_an_error_that_names_the_provider_s_key():
    """`aws:region` is the provider's key and is set like any other."""
    own, _ = keys()
    with pytest.raises(ConfigError) as caught:
        StackConfig.from_pulumi(own, Keys("aws", {"region": "Frankfurt"}), "prod")
    assert "pulumi config set --stack prod aws:region eu-central-1" in str(caught.value)


def test_a_wrong_value_stops_the_program_before_any_resource():
    """Nothing was registered when the refusal comes: there is nothing to clean up."""
    recorder = Recorder()
    config = {**load_stack_config("dev"), "image-pipeline:batchSize": "0"}
    with pytest.raises(ConfigError):
        run_program(recorder, config, stack="dev")
    assert recorder.inputs == {}


def test_the_profile_of_the_stack_is_passed_on():
    """An explicit provider does not read `aws:profile` by itself."""
    own, _ = keys()
    config = StackConfig.from_pulumi(own, Keys("aws", {"region": "eu-west-1", "profile": "work"}), "dev")
    assert config.account.profile == "work"
