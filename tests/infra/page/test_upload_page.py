"""The upload page's part of the program: closed by default, least privilege, every security header, no open CORS."""

from __future__ import annotations

import json
import re
from bisect import bisect
from pathlib import Path

import pytest

from infra.config.problems import ConfigError
from infra.page.access_log import API_ID, COUNTED, REFUSED, THROTTLED
from infra.page.distribution import CACHING_DISABLED, content_security_policy
from infra.page.site import INDEX, KEPT, read_site
from local.monitoring.metric_filters import Pattern
from tests.infra.config.stack_files import own, read
from tests.infra.program.test_program import OUTPUTS, allowed
from tests.infra.recording import added, record, record_page, statements
from uploader.access import AccessCode
from uploader.settings import Settings
from uploader.visitor import HEADER, key_hash

SNAPSHOT = Path(__file__).parent / "page.txt"
ORIGIN = "https://d111111abcdef8.cloudfront.net"
WITHOUT_FREE_TEXT = {
    "apiId", "requestId", "requestTime", "identity.sourceIp", "routeKey", "status", "responseLatency", "responseLength",
    "error.responseType", "integrationStatus",
}  # fmt: skip
"""What AWS fills with an id, an address, a number or a word of its own: none can hold a quote, which nothing escapes."""
UPLOADER_MAY = {
    "uploader-signs-uploads": {("s3:PutObject", "arn:images-dev-source/uploads/*")},
    "uploader-reads-outputs": {
        ("s3:GetObject", "arn:images-dev-output/manifest/uploads/*"),
        ("s3:GetObject", "arn:images-dev-output/thumbnail/uploads/*"),
        ("s3:GetObject", "arn:images-dev-output/web/uploads/*"),
    },
    "uploader-writes-log": {
        ("logs:CreateLogStream", "arn:images-dev-uploader:*"),
        ("logs:PutLogEvents", "arn:images-dev-uploader:*"),
    },
}


@pytest.fixture(scope="module")
def token_page():
    """Return the program with a page whose API takes tokens, with a domain of its own and the firewall."""
    return record(
        "dev",
        page={
            "access": {
                "jwt": {
                    "issuer": "https://issuer.example.org",
                    "audience": "upload-page",
                    "signInUrl": "https://issuer.example.org/login",
                }
            },
            "domain": "pictures.example.org",
            "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a",
            "firewallRequests": 2000,
        },
    )


def environment(program):
    """Return the uploader's variables, unwrapped: with a secret among them they are one."""
    inputs = program.one("lambda/function:Function", "uploader").inputs["environment"]
    return inputs.get("value", inputs)["variables"]


def distribution(program):
    """Return the inputs of the one distribution."""
    (found,) = program.all("cloudfront/distribution:Distribution")
    return found.inputs


def origins(program):
    """Return the distribution's origins by their ids, unwrapped: with a secret among them they are one."""
    inputs = distribution(program)["origins"]
    assert "value" in inputs
    return {origin["originId"]: origin for origin in inputs["value"]}


def test_a_stack_without_the_page_has_nothing_of_it(program, page):
    """Off is the default; what is on adds to what is there and changes none of it."""
    assert [r.name for r in program.resources if "web" in r.type.split(":")] == []
    assert set(program.snapshot()) < set(page.snapshot())
    assert set(program.exports) == OUTPUTS


def test_what_the_page_adds_is_that_of_the_snapshot(program, page):
    """A name that changes is a resource that an update destroys."""
    regenerate = "python -m tests.infra.recording page > tests/infra/page/page.txt"
    assert added(page, program) == SNAPSHOT.read_text().splitlines(), f"if it is meant: {regenerate}"


def test_the_page_s_addresses_are_outputs(page):
    """Both are HTTPS."""
    assert set(page.exports) == {*OUTPUTS, "page_url", "api_url"}
    assert page.exports["page_url"] == f"{ORIGIN}/"
    assert page.exports["api_url"].startswith("https://")


def test_the_uploader_may_do_exactly_what_it_does(page):
    """It may put under one prefix and read what came of it; it may list, delete and read pictures nowhere."""
    policies = [p for p in page.all("iam/rolePolicy:RolePolicy") if p.inputs["role"] == "id-images-dev-uploader"]
    assert {policy.name: allowed(policy.inputs["policy"]) for policy in policies} == UPLOADER_MAY
    assert {*UPLOADER_MAY} <= page.one("lambda/function:Function", "uploader").after


def test_only_this_api_invokes_the_uploader(page):
    """Neither another API of the account nor any other principal."""
    permissions = page.all("lambda/permission:Permission")
    (permission,) = [each for each in permissions if each.inputs["function"] != "images-dev-pager"]
    assert permission.inputs["principal"] == "apigateway.amazonaws.com"
    assert permission.inputs["sourceArn"] == "arn:execute-api:images-dev-api/*/*"
    assert permission.inputs["function"] == "images-dev-uploader"


def test_the_uploader_s_environment_is_what_it_reads(page):
    """The environment is its settings, no more and no less; the code is in it as a slow hash, and as a secret."""
    variables = environment(page)
    assert set(variables) == set(Settings.VARIABLES)
    settings = Settings.from_env(variables)
    assert AccessCode(settings.access)._admits("correct-horse-battery-staple")
    assert settings.upload_seconds == 300
    assert "value" in page.one("lambda/function:Function", "uploader").inputs["environment"]
    assert "correct-horse-battery-staple" not in json.dumps([r.inputs for r in page.resources], default=str)


def test_the_uploader_knows_its_distribution_by_a_key(page, token_page):
    """AWS draws it; the distribution overwrites the header of that name; both have it as a secret, the function its hash."""
    for program in (page, token_page):
        (key,) = program.all("apigateway/apiKey:ApiKey")
        assert "value" not in key.inputs
        assert origins(program)["api"]["customHeaders"] == [{"name": HEADER, "value": "drawn-by-aws"}]
        assert "customHeaders" not in origins(program)["site"]
        assert environment(program)["ORIGIN"] == key_hash("drawn-by-aws")
        assert "value" in program.one("lambda/function:Function", "uploader").inputs["environment"]
        shown = [r.inputs for r in program.resources if not r.type.startswith("aws:cloudfront/distribution")]
        assert "drawn-by-aws" not in json.dumps(shown, default=str)


def test_only_the_distribution_reads_the_site(page):
    """The bucket is closed like the others, and its policy names one distribution."""
    block = page.one("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "site-blocks-public-access").inputs
    assert all(block[way] is True for way in block if way != "bucket")
    policy = page.one("s3/bucketPolicy:BucketPolicy", "site-denies-plain-http").inputs["policy"]
    allow, deny = statements(policy)
    assert (allow["Action"], allow["Resource"]) == (["s3:GetObject"], ["arn:images-dev-site/*"])
    assert allow["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert allow["Condition"] == {"StringEquals": {"AWS:SourceArn": "arn:images-dev-page"}}
    assert deny["Effect"] == "Deny"
    (control,) = page.all("cloudfront/originAccessControl:OriginAccessControl")
    assert control.inputs["signingBehavior"] == "always"


def test_no_cors_is_open_to_the_world(page):
    """The source bucket lets the page's own origin post, and nothing else has CORS at all."""
    (cors,) = page.all("s3/bucketCorsConfiguration:BucketCorsConfiguration")
    (rule,) = cors.inputs["corsRules"]
    assert (rule["allowedMethods"], rule["allowedOrigins"]) == (["POST"], [ORIGIN])
    assert "allowedHeaders" not in rule
    (api,) = page.all("apigatewayv2/api:Api")
    assert "corsConfiguration" not in api.inputs
    (headers,) = page.all("cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    assert "corsConfig" not in headers.inputs


def test_everything_is_served_over_https_with_every_security_header(page):
    """The page redirects to HTTPS, its API refuses anything else; both have the same headers; nothing of /api is cached."""
    inputs = distribution(page)
    site, (api,) = inputs["defaultCacheBehavior"], inputs["orderedCacheBehaviors"]
    assert (site["viewerProtocolPolicy"], api["viewerProtocolPolicy"]) == ("redirect-to-https", "https-only")
    assert site["responseHeadersPolicyId"] == api["responseHeadersPolicyId"] == "id-images-dev-page-headers"
    assert (api["pathPattern"], api["cachePolicyId"]) == ("/api/*", CACHING_DISABLED)
    assert (site["allowedMethods"], site["compress"]) == (["GET", "HEAD"], True)
    (policy,) = page.all("cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    security = policy.inputs["securityHeadersConfig"]
    assert security["strictTransportSecurity"]["accessControlMaxAgeSec"] >= 365 * 86_400
    assert security["frameOptions"]["frameOption"] == "DENY"
    assert security["referrerPolicy"]["referrerPolicy"] == "no-referrer"
    assert {header["override"] for header in security.values()} == {True}


def test_the_content_security_policy_names_two_hosts_and_no_wildcard(page):
    """Uploads go to the source bucket, pictures come from the output bucket; no inline script, no frame, no eval."""
    (policy,) = page.all("cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")
    csp = policy.inputs["securityHeadersConfig"]["contentSecurityPolicy"]["contentSecurityPolicy"]
    hosts = [f"https://images-dev-{bucket}.s3.eu-central-1.amazonaws.com" for bucket in ("source", "output")]
    assert csp == content_security_policy(*hosts)
    assert re.findall(r"https://\S+", csp.replace(";", " ")) == hosts[::-1]
    assert "*" not in csp
    assert "unsafe" not in csp
    assert "default-src 'none'" in csp
    assert "frame-ancestors 'none'" in csp


def test_every_route_is_throttled_and_one_stage_is_deployed(page):
    """Each route has a limit of its own, and what has none falls under the smallest."""
    (stage,) = page.all("apigatewayv2/stage:Stage")
    limits = {route["routeKey"]: route["throttlingRateLimit"] for route in stage.inputs["routeSettings"]}
    assert limits == {"POST /api/uploads": 10, "GET /api/images/{id}": 50, "ANY /api/{proxy+}": 5}
    assert {route.inputs["routeKey"] for route in page.all("apigatewayv2/route:Route")} == set(limits)
    assert stage.inputs["defaultRouteSettings"]["throttlingRateLimit"] == 5
    assert {"api-invokes-uploader", "api-signs-uploads"} <= stage.after


def test_with_tokens_every_route_has_the_authorizer_and_the_function_knows(token_page):
    """No request without a token reaches the function, and the function would refuse it."""
    (authorizer,) = token_page.all("apigatewayv2/authorizer:Authorizer")
    assert authorizer.inputs["jwtConfiguration"] == {
        "issuer": "https://issuer.example.org",
        "audiences": ["upload-page"],
    }
    for route in token_page.all("apigatewayv2/route:Route"):
        assert (route.inputs["authorizationType"], route.inputs["authorizerId"]) == ("JWT", "id-api-checks-tokens")
    assert environment(token_page)["ACCESS"] == "jwt"


def test_a_domain_of_one_s_own_has_a_tls_floor(page, token_page):
    """With its certificate TLS 1.2 is the least; the page's origin, and so CORS, is that domain."""
    inputs = distribution(token_page)
    assert inputs["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert inputs["aliases"] == ["pictures.example.org"]
    (cors,) = token_page.all("s3/bucketCorsConfiguration:BucketCorsConfiguration")
    assert cors.inputs["corsRules"][0]["allowedOrigins"] == ["https://pictures.example.org"]
    assert distribution(page)["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}


def test_the_firewall_is_cloudfront_s_and_optional(page, token_page):
    """It is made in us-east-1, blocks by rate and by reputation, and is before the distribution."""
    assert page.all("wafv2/webAcl:WebAcl") == []
    (acl,) = token_page.all("wafv2/webAcl:WebAcl")
    assert (acl.inputs["region"], acl.inputs["scope"]) == ("us-east-1", "CLOUDFRONT")
    assert [rule["name"] for rule in acl.inputs["rules"]] == ["too-many-requests", "bad-addresses"]
    assert distribution(token_page)["webAclId"] == "arn:images-dev-firewall"


def test_assets_are_kept_by_content_and_the_page_names_them(page):
    """Every asset lies under the hash that index.html names, for ever; index.html is requested every time, and uploaded last."""
    files = read_site()
    objects = {r.inputs["key"]: r for r in page.all("s3/bucketObjectv2:BucketObjectv2")}
    (folder,) = {key.split("/")[1] for key in objects if key.startswith("assets/")}
    index = objects[INDEX]
    assert set(objects) == {file.key for file in files.values()} | {"config.json"}
    assert set(re.findall(r'"assets/([^/"]+)/', index.inputs["content"])) == {folder}
    assert all(objects[key].inputs["cacheControl"] == KEPT for key in objects if key.startswith("assets/"))
    assert index.inputs["cacheControl"] == objects["config.json"].inputs["cacheControl"] == "no-cache"
    assert {r.name for r in objects.values()} - {index.name} <= index.after


def test_another_byte_is_another_folder(tmp_path):
    """A browser that keeps the old assets for a year never gets them for the new page."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text('<script src="assets/a.js"></script>')
    folders = set()
    for text in ("1", "2"):
        (tmp_path / "assets" / "a.js").write_text(text)
        files = read_site(tmp_path)
        assert files["assets/a.js"].key in files[INDEX].content
        folders.add(files["assets/a.js"].key)
    assert len(folders) == 2


@pytest.mark.parametrize(("asked", "subdomains"), [({}, False), ({"hstsSubdomains": True}, True)])
def test_https_is_for_subdomains_only_where_that_is_asked_for(asked, subdomains):
    """A domain may have other hosts, and one without HTTPS would be out of reach for two years."""
    domain = {"domain": "example.org", "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/0a"}
    program = record(page={"access": {"code": "correct-horse-battery-staple"}, **domain, **asked})
    headers = program.one("cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "page-headers").inputs
    sts = headers["securityHeadersConfig"]["strictTransportSecurity"]
    assert sts["includeSubdomains"] is subdomains


def test_the_api_logs_each_request_and_nothing_secret():
    """Also what it answers itself, such as 401 and 429; no path, since an id is a capability, no header and no query."""
    program = record_page()
    stage = program.one("apigatewayv2/stage:Stage", "api-stage").inputs
    assert "images-dev-api-access" in stage["accessLogSettings"]["destinationArn"]
    fields = json.loads(stage["accessLogSettings"]["format"])
    assert {"requestId", "time", "ip", "route", "status", "error"} <= fields.keys()
    assert {text.removeprefix("$context.") for text in fields.values()} <= WITHOUT_FREE_TEXT
    log = program.one("cloudwatch/logGroup:LogGroup", "api-access").inputs
    uploader = program.one("cloudwatch/logGroup:LogGroup", "uploader").inputs
    assert log["retentionInDays"] == uploader["retentionInDays"]


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 405, 413, 415, 429, 500, 503])
def test_throttles_and_refusals_are_two_figures(status):
    """A status is in one of them at most, and every 4xx in one."""
    found = [
        metric
        for metric, pattern in COUNTED.items()
        if Pattern.parse(pattern).matches({"api": "a1", "status": str(status)})
    ]
    assert found == ([THROTTLED] if status == 429 else [REFUSED] if status // 100 == 4 else [])


@pytest.mark.parametrize(("asked", "reserved"), [({}, None), ({"reservedConcurrency": 20}, 20)])
def test_the_uploader_has_a_concurrency_of_its_own_where_that_is_asked_for(asked, reserved):
    """Not by default: a new account has none to reserve, and its first deployment would fail."""
    program = record(page={"access": {"code": "correct-horse-battery-staple"}, **asked})
    assert program.one("lambda/function:Function", "uploader").inputs.get("reservedConcurrentExecutions") == reserved


def test_the_page_has_alarms_and_pages_nobody():
    """Errors, throttles of API and function, refusals; without a page there are none of them."""
    alarms = {
        "page-errors": "5xx",
        "page-throttles": THROTTLED,
        "page-refusals": REFUSED,
        "uploader-throttles": "Throttles",
    }
    program = record_page()
    filters = program.all("cloudwatch/logMetricFilter:LogMetricFilter")
    made = {f.inputs["metricTransformation"]["name"]: f.inputs for f in filters}
    for metric in (THROTTLED, REFUSED):
        assert made[metric]["logGroupName"] == "images-dev-api-access"
        assert made[metric]["metricTransformation"]["dimensions"] == {API_ID: "$.api"}
        assert (
            json.loads(program.one("apigatewayv2/stage:Stage", "api-stage").inputs["accessLogSettings"]["format"])[
                "api"
            ]
            == "$context.apiId"
        )
    found = {name: program.one("cloudwatch/metricAlarm:MetricAlarm", name).inputs for name in alarms}
    assert {name: inputs["metricName"] for name, inputs in found.items()} == alarms
    assert {found[n]["dimensions"][API_ID] for n in alarms if n.startswith("page-")} == {"id-images-dev-api"}
    assert "page-" not in program.one("cloudwatch/compositeAlarm:CompositeAlarm", "unhealthy").inputs["alarmRule"]
    assert not [resource for resource in record().resources if "page-" in resource.name]


def test_a_policy_that_iam_would_not_take_is_refused_before_anything_is_deployed():
    """All inline policies of the uploader's role have room for one more rendition up to the limit; beyond, there is an error."""

    def of(count):
        named = {f"{number:020}": {"width": 9, "height": 9} for number in range(count)}
        return {"page": {"access": {"code": "correct-horse-battery-staple"}}, "renditions": named}

    def refused(count):
        with pytest.raises(ConfigError) as caught:  # The code is not encrypted here.
            read(own(of(count)), "dev")
        return [each.sentence for each in caught.value.problems if "too many for an upload page" in each.sentence]

    most = bisect(range(400), 0, key=lambda count: len(refused(count + 1)))
    policies = [
        each.inputs["policy"]
        for each in record(**of(most)).all("iam/rolePolicy:RolePolicy")
        if each.name.removeprefix("images-dev-") in UPLOADER_MAY
    ]
    real = [policy.replace("arn:images-dev-", "arn:aws:s3:::images-dev-1a2b3c4-") for policy in policies]
    assert len(policies) == 3
    assert 7_900 < max(map(len, real)) <= 8_000
    assert sum(map(len, real)) < 10_240
    assert refused(most + 1)[0].startswith("renditions and recipes have ")
