"""Delivery's part of the program: off by default, least privilege, what it tells browsers, and how long it is kept."""

from __future__ import annotations

from bisect import bisect
from pathlib import Path

import pytest

from infra.config.problems import ConfigError
from infra.delivery.caching import YEAR
from tests.infra.config.stack_files import own, read
from tests.infra.program.test_program import OUTPUTS
from tests.infra.recording import added, record, record_delivery, statements

SNAPSHOT = Path(__file__).parent / "delivery.txt"
DOMAIN = {"domain": "cdn.example.org", "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a"}


@pytest.fixture(scope="module")
def delivery():
    """Return the program with delivery."""
    return record_delivery()


def distribution(program):
    """Return the inputs of the one distribution."""
    (found,) = program.all("cloudfront/distribution:Distribution")
    return found.inputs


def reader(program):
    """Return the statement of the output bucket's policy that allows something."""
    policy = program.one("s3/bucketPolicy:BucketPolicy", "output-denies-plain-http").inputs["policy"]
    (allow,) = [statement for statement in statements(policy) if statement["Effect"] == "Allow"]
    return allow


def test_delivery_adds_what_the_snapshot_says_and_changes_no_name(program, delivery):
    """It is off by default; to enable it destroys nothing."""
    regenerate = "python -m tests.infra.recording delivery > tests/infra/delivery/delivery.txt"
    assert added(delivery, program) == SNAPSHOT.read_text().splitlines(), f"if it is meant: {regenerate}"
    assert set(program.snapshot()) <= set(delivery.snapshot())
    assert program.all("cloudfront/distribution:Distribution") == []


def test_the_stack_says_where_it_is(delivery):
    """And the worker knows; without delivery it has no such variable."""
    assert set(delivery.exports) == OUTPUTS | {"delivery_url", "delivery_distribution"}
    assert delivery.exports["delivery_url"] == "https://d111111abcdef8.cloudfront.net"
    assert delivery.exports["delivery_distribution"] == "id-images-dev-delivery"
    variables = delivery.one("lambda/function:Function", "worker").inputs["environment"]["variables"]
    assert variables["DELIVERY_ORIGIN"] == delivery.exports["delivery_url"]


def test_one_distribution_reads_renditions_and_nothing_else(delivery):
    """Of every recipe; it lists nothing, and manifests are not served unless that is asked for."""
    allow = reader(delivery)
    assert (allow["Action"], allow["Resource"]) == (
        ["s3:GetObject"],
        ["arn:images-dev-output/thumbnail/*", "arn:images-dev-output/web/*"],
    )
    assert allow["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allow["Condition"] == {"StringEquals": {"AWS:SourceArn": "arn:images-dev-delivery"}}
    policy = delivery.one("s3/bucketPolicy:BucketPolicy", "source-denies-plain-http").inputs["policy"]
    assert [statement["Effect"] for statement in statements(policy)] == ["Deny"]
    (control,) = delivery.all("cloudfront/originAccessControl:OriginAccessControl")
    assert control.inputs["signingBehavior"] == "always"


def test_manifests_and_the_renditions_of_folders_are_served_where_that_is_configured():
    """A recipe's own renditions have their folders, too."""
    program = record(
        delivery={"enabled": True, "manifests": True}, recipes={"avatars/": {"tiny": {"width": 32, "height": 32}}}
    )
    folders = [arn.partition("/")[2] for arn in reader(program)["Resource"]]
    assert sorted(folders) == ["manifest/*", "thumbnail/*", "tiny/*", "web/*"]


def test_the_edge_keeps_by_path_and_version_alone(delivery):
    """For a year, whatever header, cookie or other parameter a request has; nothing is compressed again."""
    (policy,) = delivery.all("cloudfront/cachePolicy:CachePolicy")
    inputs = policy.inputs
    assert inputs["minTtl"] == inputs["defaultTtl"] == inputs["maxTtl"] == YEAR
    assert inputs["parametersInCacheKeyAndForwardedToOrigin"] == {
        "queryStringsConfig": {"queryStringBehavior": "whitelist", "queryStrings": {"items": ["v"]}},
        "headersConfig": {"headerBehavior": "none"},
        "cookiesConfig": {"cookieBehavior": "none"},
        "enableAcceptEncodingGzip": False,
        "enableAcceptEncodingBrotli": False,
    }
    behavior = distribution(delivery)["defaultCacheBehavior"]
    assert "originRequestPolicyId" not in behavior
    assert behavior["compress"] is False


def test_it_is_read_over_https_by_functions_of_its_own(delivery):
    """Every request and every answer passes one; only GET and HEAD are taken."""
    inputs = distribution(delivery)
    behavior = inputs["defaultCacheBehavior"]
    assert (inputs["httpVersion"], inputs["isIpv6Enabled"]) == ("http2and3", True)
    assert (behavior["viewerProtocolPolicy"], behavior["allowedMethods"]) == ("redirect-to-https", ["GET", "HEAD"])
    assert "orderedCacheBehaviors" not in inputs
    functions = {f.inputs["code"]: f for f in delivery.all("cloudfront/function:Function")}
    assert len(functions) == 2
    assert {each["eventType"]: each["functionArn"] for each in behavior["functionAssociations"]} == {
        "viewer-request": "arn:images-dev-delivery-request",
        "viewer-response": "arn:images-dev-delivery-response",
    }
    assert {(f.inputs["runtime"], f.inputs["publish"]) for f in functions.values()} == {("cloudfront-js-2.0", True)}


@pytest.mark.parametrize("origins", [[], ["https://www.example.org", "https://*.example.com"], ["*"]])
def test_scripts_read_pixels_from_the_origins_alone(origins):
    """None by default; every page may show the pictures."""
    program = record(delivery={"enabled": True, "origins": origins})
    (policy,) = program.all("cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    cors = policy.inputs.get("corsConfig")
    assert (cors["accessControlAllowOrigins"]["items"] if cors else []) == origins
    assert cors is None or cors["accessControlAllowCredentials"] is False
    assert policy.inputs["customHeadersConfig"]["items"] == [
        {"header": "Cross-Origin-Resource-Policy", "value": "cross-origin", "override": True}
    ]


def test_a_domain_of_one_s_own_is_the_address_and_has_a_tls_floor(delivery):
    """With its certificate TLS 1.2 is the least."""
    program = record(delivery={"enabled": True, "priceClass": "PriceClass_All", **DOMAIN})
    inputs = distribution(program)
    assert inputs["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert (inputs["aliases"], inputs["priceClass"]) == (["cdn.example.org"], "PriceClass_All")
    assert program.exports["delivery_url"] == "https://cdn.example.org"
    assert distribution(delivery)["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}


def test_beside_a_page_each_distribution_has_its_own_bucket():
    """Neither reads what the other one serves."""
    program = record(delivery={"enabled": True}, page={"access": {"code": "correct-horse-battery-staple"}})
    policies = {p.name: p.inputs["policy"] for p in program.all("s3/bucketPolicy:BucketPolicy")}
    sources = {
        name: [s["Condition"]["StringEquals"]["AWS:SourceArn"] for s in statements(policy) if s["Effect"] == "Allow"]
        for name, policy in policies.items()
    }
    assert sources == {
        "source-denies-plain-http": [],
        "output-denies-plain-http": ["arn:images-dev-delivery"],
        "site-denies-plain-http": ["arn:images-dev-page"],
    }


def test_names_fit_beside_the_longest_prefix():
    """CloudFront takes 64 characters for a function's and an access control's, and Pulumi appends eight."""
    program = record(namePrefix="p" * 32, delivery={"enabled": True})
    kinds = ("cloudfront/function:Function", "cloudfront/originAccessControl:OriginAccessControl")
    assert [r.name for kind in kinds for r in program.all(kind) if len(r.name) + 8 > 64] == []


def renditions(count, length=20):
    """Return as many renditions, whose names have this length."""
    return {f"{number:0{length}}": {"width": 9, "height": 9} for number in range(count)}


@pytest.mark.parametrize("manifests", [False, True])
def test_a_policy_that_s3_would_not_take_is_refused_before_anything_is_deployed(manifests):
    """Twenty KB: up to there it is read, and real names fit; one more rendition is an error that says what to do."""

    def of(count):
        return {"delivery": {"enabled": True, "manifests": manifests}, "renditions": renditions(count)}

    most = bisect(range(1000), 0, key=lambda count: len(refused(of(count + 1))))
    policy = record(**of(most)).one("s3/bucketPolicy:BucketPolicy", "output-denies-plain-http").inputs["policy"]
    real = policy.replace("arn:images-dev-output", "arn:aws:s3:::images-dev-output-1a2b3c4")
    real = real.replace("arn:images-dev-delivery", "arn:aws:cloudfront::123456789012:distribution/E1234567890ABC")
    assert 20 * 1024 - 100 < len(real) <= 20 * 1024
    (problem,) = refused(of(most + 1))
    assert problem.sentence.startswith(
        "delivery.enabled is true, but the output bucket's policy names the folder of each of"
    )
    assert "leave some out, give them shorter names, or make a second stack" in problem.sentence
    assert refused({"renditions": renditions(most + 1)}) == ()


def refused(config):
    """Return what is wrong with a configuration."""
    try:
        read(own(config), "dev")
    except ConfigError as exc:
        return exc.problems
    return ()
