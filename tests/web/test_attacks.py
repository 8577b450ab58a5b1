"""Attacks on the upload page's API and bucket: each is refused by the part that should refuse it.

With `-s` every answer is printed; `docs/upload-page.md` lists them.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
import time
import urllib.parse
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from local.engine import deploy, stack_config
from local.provision.provisioner import Provisioner
from tests.web.conftest import Answer, Site
from tests.web.visitor import CODE
from uploader.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
CAT = {"name": "cat.jpg", "size": 100, "type": "image/jpeg"}
CONTENT = b"x" * 100


def printed(what: str, answer: Answer) -> Answer:
    """Print what an attack got, and return it."""
    body = re.sub(rb"<(RequestId|HostId)>[^<]*</\1>", b"", answer.body).decode(errors="replace")
    print(f"\n{what}: {answer.status} {body[:300]}")  # noqa: T201 - the list of attacks and answers
    return answer


def signed(site: Site, **change: Any) -> dict[str, Any]:
    """Return a form that the page's API has signed."""
    answer = site.ask("POST", "/api/uploads", {**CAT, **change})
    assert answer.status == 201, answer.body
    return dict(answer.json())


def post(stack, form: dict[str, Any], content: bytes = CONTENT, **change: str) -> Answer:
    """Post a form to S3, with some of its fields changed."""
    boundary = secrets.token_hex(8)
    fields = {**form["upload"]["fields"], **change}
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    path = urllib.parse.urlsplit(form["upload"]["url"]).path
    s3 = Site(stack["endpoint_url"])
    return s3.ask(
        "POST", path, body, {"Authorization": "", "Content-Type": f"multipart/form-data; boundary={boundary}"}
    )


def test_what_is_right_is_taken(stack, site):
    """The attacks below change one thing of this each."""
    assert printed("a right upload", post(stack, signed(site))).status == 201


@pytest.mark.parametrize(
    ("what", "change", "content", "status", "code"),
    [
        ("another key", {"key": "uploads/other/cat.jpg"}, CONTENT, 403, "AccessDenied"),
        ("another prefix", {"key": "manifest/cat.jpg.json"}, CONTENT, 403, "AccessDenied"),
        ("a key with the file's name", {"key": "uploads/${filename}"}, CONTENT, 403, "AccessDenied"),
        ("another type", {"Content-Type": "text/html"}, CONTENT, 403, "AccessDenied"),
        ("another size, larger", {}, CONTENT + b"x", 400, "EntityTooLarge"),
        ("another size, smaller", {}, CONTENT[1:], 400, "EntityTooSmall"),
        ("a public ACL", {"acl": "public-read"}, CONTENT, 403, "AccessDenied"),
        ("a redirect", {"success_action_redirect": "https://evil.example"}, CONTENT, 403, "AccessDenied"),
        ("a focus that was not asked for", {"x-amz-meta-focus": "0.5,0.5"}, CONTENT, 403, "AccessDenied"),
        ("other metadata", {"x-amz-meta-note": "x"}, CONTENT, 403, "AccessDenied"),
        ("a tag", {"tagging": "<Tagging><TagSet/></Tagging>"}, CONTENT, 403, "AccessDenied"),
        ("another signature", {"x-amz-signature": "0" * 64}, CONTENT, 403, "SignatureDoesNotMatch"),
    ],
)
def test_no_part_of_a_form_can_be_changed(stack, site, what, change, content, status, code):
    """S3 itself refuses what was not signed."""
    answer = printed(f"{what} in a signed form", post(stack, signed(site), content, **change))
    assert (answer.status, f"<Code>{code}</Code>".encode() in answer.body) == (status, True)


@pytest.mark.parametrize("focus", ["0.3,0.7", "centre", "", None])
def test_the_focus_of_a_form_cannot_be_changed(stack, site, focus):
    """Neither for another one, nor for what is none, nor left out: it is signed as it was asked for."""
    form = signed(site, focus="0.3,0.75")
    kept = {name: value for name, value in form["upload"]["fields"].items() if name != "x-amz-meta-focus"}
    fields = kept if focus is None else {**kept, "x-amz-meta-focus": focus}
    answer = printed(f"the focus {focus}", post(stack, {"upload": {**form["upload"], "fields": fields}}))
    assert (answer.status, b"AccessDenied" in answer.body) == (403, True)
    assert post(stack, form).status == 201
    key = form["upload"]["fields"]["key"]
    assert stack.client("s3").head_object(Bucket=stack["source_bucket"], Key=key)["Metadata"] == {"focus": "0.3,0.75"}


@pytest.mark.parametrize("known", ["id", "secret", "guess", "ticket of another name"])
def test_who_sees_a_picture_cannot_overwrite_it(site, known):
    """Its address has its id; only the ticket of its first form, which no other answer has, signs for its key again."""
    first = signed(site)
    secret, ticket = first["id"].partition("-")[0], first["ticket"]
    again = {"id": {"id": first["id"]}, "secret": {"ticket": secret}, "guess": {"ticket": ticket[:-1] + "0"},
             "ticket of another name": {"ticket": ticket, "name": "dog.jpg"}}[known]  # fmt: skip
    if known == "guess" and ticket.endswith("0"):
        again = {"ticket": ticket[:-1] + "1"}
    second = signed(site, **again)
    print(f"\na second form by {known}: 201, another key")  # noqa: T201 - the list of attacks and answers
    assert secret not in second["upload"]["fields"]["key"]
    assert signed(site, ticket=ticket)["upload"]["fields"]["key"] == first["upload"]["fields"]["key"]


def test_a_second_form_is_for_its_own_size_type_and_focus(stack, site):
    """Whoever has the ticket gets a form like any other: S3 takes nothing else by it."""
    form = signed(site, ticket=signed(site)["ticket"], size=50, focus="0,0")
    assert post(stack, form, CONTENT).status == 400
    assert post(stack, form, CONTENT[:50], **{"Content-Type": "image/png"}).status == 403
    assert post(stack, form, CONTENT[:50]).status == 201


def test_no_answer_but_a_form_s_has_the_ticket(site):
    """Neither the status nor an error, which others may see."""
    first = signed(site)
    for answer in (site.ask("GET", f"/api/images/{first['id']}"), site.ask("GET", f"/api/images/{first['ticket']}")):
        assert first["ticket"].encode() not in answer.body


def test_a_policy_of_one_s_own_is_not_signed(stack, site):
    """A policy that allows everything under the prefix has another signature."""
    form = signed(site)
    fields = form["upload"]["fields"]
    policy = json.loads(base64.b64decode(fields["policy"]))
    policy["conditions"] = [["starts-with", "$key", "uploads/"] if "$key" in c else c for c in policy["conditions"]]
    forged = base64.b64encode(json.dumps(policy).encode()).decode()
    answer = printed("a policy of one's own", post(stack, form, policy=forged))
    assert (answer.status, b"SignatureDoesNotMatch" in answer.body) == (403, True)


def test_a_form_that_has_expired_is_refused(stack):
    """The very code that signs, with a time that is over."""
    late = Uploads(stack.client("s3"), stack["source_bucket"], 1000, -60, secrets.token_hex)
    answer = printed("a form that has expired", post(stack, late.sign(CAT)))
    assert (answer.status, b"Policy expired" in answer.body) == (403, True)


def test_a_second_use_with_another_size_is_refused(stack, site):
    """A form is good for one size, however often it is used in its five minutes."""
    form = signed(site)
    assert post(stack, form).status == 201
    answer = printed("a second use with another size", post(stack, form, b"x" * 5000))
    assert (answer.status, b"EntityTooLarge" in answer.body) == (400, True)


@pytest.mark.parametrize(
    "name", ["../../manifest/x.json", "..\\..\\web\\x.jpg", "/etc/passwd", "a/../../b.jpg", "%2e%2e%2fb.jpg"]
)
def test_no_name_leads_out_of_its_folder(site, name):
    """The key is `uploads/<id>/<safe name>`, whatever the file calls itself."""
    key = signed(site, name=name)["upload"]["fields"]["key"]
    print(f"\nthe name {name}: 201, key {key}")  # noqa: T201 - the list of attacks and answers
    assert re.fullmatch(r"uploads/[0-9a-f]{32}/[A-Za-z0-9][A-Za-z0-9._-]*", key)


@pytest.mark.parametrize(
    ("what", "headers"),
    [
        ("no access code", {"Authorization": ""}),
        ("a wrong access code", {"Authorization": "Bearer wrong-code-but-long-enough"}),
        ("the code in another scheme", {"Authorization": f"Basic {CODE}"}),
        ("a token of somebody else", {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9."}),
    ],
)
def test_without_the_code_nothing_is_signed_or_revealed(site, what, headers):
    """Neither uploads nor the status of a picture whose id is known."""
    id_ = signed(site)["id"]
    for method, path, body in (("POST", "/api/uploads", CAT), ("GET", f"/api/images/{id_}", None)):
        answer = printed(f"{method} with {what}", site.ask(method, path, body, headers))
        assert (answer.status, answer.code) == (401, "wrong-access-code")


@contextmanager
def uploads_limited(stack, rate: float, burst: int) -> Iterator[None]:
    """Let through `burst` requests for an upload at once and `rate` more a second, from full buckets."""
    apis = stack.client("apigatewayv2")
    api = urllib.parse.urlsplit(stack["api_url"]).netloc.partition(".")[0]
    usual = apis.get_stage(ApiId=api, StageName="$default")["RouteSettings"]
    limits = {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}
    apis.update_stage(ApiId=api, StageName="$default", RouteSettings={**usual, "POST /api/uploads": limits})
    try:
        yield
    finally:
        apis.update_stage(ApiId=api, StageName="$default", RouteSettings=usual)


def test_guessing_codes_runs_into_the_route_s_limit(stack, site):
    """With no request a second and two at once, the third guess is not checked at all, by CloudFront or around it."""
    around, guess = replace(site, url=stack["api_url"]), {"Authorization": "Bearer guess"}
    with uploads_limited(stack, 0.001, 2):
        guesses = [s.ask_once("POST", "/api/uploads", CAT, guess) for s in (site, site, site, around)]
    printed("a third guess within the limit of two", guesses[2])
    assert [answer.status for answer in guesses] == [401, 401, 429, 429]


def test_a_visitor_over_the_limit_may_go_on_after_a_wait(stack, site):
    """The limit refills; every other test here relies on that."""
    with uploads_limited(stack, 1, 1):
        assert [site.ask("POST", "/api/uploads", CAT).status for _ in range(3)] == [201, 201, 201]


def test_guessing_ids_reveals_nothing(site):
    """An id that does not exist, and one whose picture never came, get the same answer; a malformed id gets a 404."""
    never = printed("an id that nobody has", site.ask("GET", f"/api/images/{secrets.token_hex(16)}-cat.jpg"))
    waits = site.ask("GET", f"/api/images/{signed(site)['id']}")
    assert never.json() == waits.json() == {"status": "queued"}
    for wrong in ("1", "..%2f..%2fmanifest", f"{'0' * 32}-..%2fx", f"{'0' * 31}-cat.jpg"):
        answer = printed(f"the id {wrong}", site.ask("GET", f"/api/images/{wrong}"))
        assert (answer.status, answer.code) == (404, "not-found")


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("JSON of 100 KB", {**CAT, "padding": "x" * 100_000}, 413, "body-too-large"),
        ("JSON nested 1,500 deep", b"[" * 1500, 400, "malformed-request"),
        ("no JSON", b"name=cat.jpg", 400, "malformed-request"),
        ("a picture of 26 MB", {**CAT, "size": 26 * 2**20}, 413, "picture-too-large"),
        ("a size below nothing", {**CAT, "size": -1}, 400, "malformed-request"),
        ("HTML instead of a picture", {**CAT, "type": "text/html"}, 415, "unsupported-type"),
        ("a focus beside the picture", {**CAT, "focus": "1.5,0"}, 400, "malformed-request"),
        ("a header in a focus", {**CAT, "focus": "0,0\r\nx: y"}, 400, "malformed-request"),
        ("a ticket that is a path", {**CAT, "ticket": "../../manifest"}, 400, "malformed-request"),
    ],
)
def test_what_is_no_request_is_refused_in_words(site, what, body, status, code):
    """One error shape, no stack trace."""
    answer = printed(what, site.ask("POST", "/api/uploads", body))
    assert (answer.status, answer.code) == (status, code)
    assert b"Traceback" not in answer.body


def test_wrong_methods_and_paths_are_refused(site):
    """405 where the path is right, 404 where it is not; what is not the API's takes no method but GET and HEAD."""
    wanted = [("PUT", "/api/uploads", 405), ("DELETE", f"/api/images/{'0' * 32}-a", 405), ("GET", "/api/secrets", 404)]
    for method, path, status in (*wanted, ("POST", "/", 403), ("DELETE", "/index.html", 403), ("GET", "/.env", 403)):
        answer = printed(f"{method} {path}", site.ask(method, path))
        assert answer.status == status


def test_the_buckets_answer_no_direct_request(stack, site):
    """Neither the page's files nor pictures nor manifests can be read or listed without a signature."""
    s3 = Site(stack["endpoint_url"])
    id_ = signed(site)["id"]
    buckets = [stack["source_bucket"], stack["output_bucket"]]
    buckets += [b["Name"] for b in stack.client("s3").list_buckets()["Buckets"] if "-site-" in b["Name"]]
    assert len(buckets) == 3
    for bucket in buckets:
        for key in ("", "index.html", f"manifest/uploads/{id_.replace('-', '/', 1)}.json"):
            answer = printed(
                f"GET {bucket.rpartition('-')[0]}/{key[:20]} unsigned",
                s3.ask("GET", f"/{bucket}/{key}", None, {"Authorization": ""}),
            )
            assert answer.status == 403


def test_the_uploader_s_role_can_do_nothing_else(stack):
    """With its credentials one could read no source, list nothing, delete nothing, write no manifest."""
    source, output = stack["source_bucket"], stack["output_bucket"]
    functions = stack.client("lambda").list_functions()["Functions"]
    (role,) = [f["Role"] for f in functions if "-uploader-" in f["FunctionName"]]
    allowed = {("s3:PutObject", f"{source}/uploads/0/a.jpg"), ("s3:GetObject", f"{output}/web/uploads/0/a.jpg.webp"),
               ("s3:GetObject", f"{output}/manifest/uploads/0/a.jpg.json")}  # fmt: skip
    actions = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:PutBucketPolicy")
    resources = [resource for _, resource in allowed]
    resources += [
        source,
        output,
        f"{source}/cats/a.jpg",
        f"{output}/web/cats/a.jpg.webp",
        f"{output}/manifest/cats/a.jpg.json",
    ]
    decisions = {
        (action, resource)
        for resource in resources
        for action in actions
        for result in stack.client("iam").simulate_principal_policy(
            PolicySourceArn=role, ActionNames=[action], ResourceArns=[f"arn:aws:s3:::{resource}"]
        )["EvaluationResults"]
        if result["EvalDecision"] == "allowed"
    }
    assert decisions == allowed


@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 403), ("POST", 403)])
def test_another_origin_gets_no_cors_headers(stack, site, method, status):
    """S3's CORS is for the page's origin alone: a script elsewhere gets no permission and may read no answer."""
    s3, form = Site(stack["endpoint_url"]), signed(site)
    path = urllib.parse.urlsplit(form["upload"]["url"]).path
    asked = {"Authorization": "", "Access-Control-Request-Method": "POST"}
    foreign = printed(
        f"{method} to S3 from another origin", s3.ask(method, path, None, {**asked, "Origin": "https://evil.example"})
    )
    own = s3.ask("OPTIONS", path, None, {**asked, "Origin": stack["page_url"].rstrip("/")})
    assert "access-control-allow-origin" not in foreign.headers
    assert own.headers["access-control-allow-origin"] == stack["page_url"].rstrip("/")
    assert method != "OPTIONS" or foreign.status == status


def test_every_answer_has_the_security_headers(stack, site):
    """The page, its assets, its API's answers and errors."""
    index = site.ask("GET", "/")
    (script,) = re.findall(r'src="(assets/[0-9a-f]{16}/page\.js)"', index.body.decode())
    for answer in (
        index,
        site.ask("GET", f"/{script}"),
        site.ask("GET", "/config.json"),
        site.ask("GET", "/api/nothing"),
    ):
        csp = answer.headers["content-security-policy"]
        assert "default-src 'none'" in csp
        assert "unsafe-inline" not in csp
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["strict-transport-security"].startswith("max-age=63072000")
        assert "access-control-allow-origin" not in answer.headers
    assert index.headers["cache-control"] == "no-cache"
    assert "immutable" in site.ask("GET", f"/{script}").headers["cache-control"]
    plain = printed("plain HTTP", site.ask("GET", "/", None, {"X-Forwarded-Proto": "http"}))
    assert (plain.status, plain.headers["location"].startswith("https://")) == (301, True)
    assert site.ask("POST", "/api/uploads", CAT, {"X-Forwarded-Proto": "http"}).status == 403
    assert site.ask("GET", "/").body.count(b"<script") == 1


def test_an_api_without_permission_cannot_invoke_the_uploader(stack, site):
    """Only the page's own API is named in the function's policy."""
    client = stack.client("lambda")
    (name,) = [f["FunctionName"] for f in client.list_functions()["Functions"] if "-uploader-" in f["FunctionName"]]
    (statement,) = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    client.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    try:
        answer = printed("an API that may not invoke", site.ask("POST", "/api/uploads", CAT))
        assert answer.status == 500
    finally:
        source = statement["Condition"]["ArnLike"]["AWS:SourceArn"]
        client.add_permission(FunctionName=name, StatementId=statement["Sid"], Action="lambda:InvokeFunction",
                              Principal="apigateway.amazonaws.com", SourceArn=source)  # fmt: skip


def encoded(value: bytes) -> str:
    """Return base64 as JWTs have it."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def token(key: rsa.RSAPrivateKey, issuer: str, **claims: Any) -> str:
    """Return a signed token for the page."""
    claimed = {"iss": issuer, "aud": "upload-page", "sub": "somebody", "exp": int(time.time()) + 600, **claims}
    head = encoded(json.dumps({"alg": "RS256", "kid": "key"}).encode())
    body = f"{head}.{encoded(json.dumps(claimed).encode())}"
    return f"{body}.{encoded(key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


@contextmanager
def issuing(key: rsa.RSAPrivateKey) -> Iterator[str]:
    """Serve the public key as an issuer does, and return its address."""
    numbers = key.public_key().public_numbers()
    n, e = (encoded(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e))
    keys = json.dumps({"keys": [{"kty": "RSA", "kid": "key", "n": n, "e": e}]}).encode()

    class Issuer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/.well-known/jwks.json" else 404)
            self.end_headers()
            self.wfile.write(keys)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_with_tokens_only_this_issuer_s_for_this_page_get_in(stack):
    """Missing, foreign, expired, for another audience, signed by another key or by none: API Gateway refuses each."""
    ours, theirs = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    tokens = {"issuer": "https://issuer.example.org", "audience": "upload-page"}
    config = stack_config({"namePrefix": "tokens", "page": {"access": {"jwt": tokens}}})
    with issuing(ours) as issuer:
        # The configuration takes HTTPS alone; the issuer of this test is on the loopback.
        def local(type_, _name, inputs):
            jwt = {"jwtConfiguration": {"issuer": issuer, "audiences": ["upload-page"]}}
            return {**inputs, **jwt} if type_.endswith(":Authorizer") else inputs

        site = Site(deploy(Provisioner(stack.cloud, local), config)["page_url"])
        assert site.ask("GET", "/config.json").json()["access"] == "token"
        attempts = {
            "no token": ("", 401),
            "an access code instead of a token": (CODE, 401),
            "a token that another key has signed": (token(theirs, issuer), 401),
            "an expired token": (token(ours, issuer, exp=int(time.time()) - 1), 401),
            "a token for another audience": (token(ours, issuer, aud="other"), 401),
            "a token of another issuer": (token(ours, "https://evil.example"), 401),
            "a token without a signature": (token(ours, issuer).rpartition(".")[0] + ".", 401),
            "a right token": (token(ours, issuer), 201),
        }
        for what, (bearer, status) in attempts.items():
            headers = {"Authorization": f"Bearer {bearer}" if bearer else ""}
            assert printed(what, site.ask("POST", "/api/uploads", CAT, headers)).status == status, what


def test_the_uploader_s_credentials_write_under_the_prefix_alone(stack, site):
    """What a form is signed with may not even be used to sign another prefix: the role's policy refuses the signer."""
    functions = stack.client("lambda").list_functions()["Functions"]
    (role,) = [f["Role"] for f in functions if f["FunctionName"].startswith("images-uploader-")]
    assumed = stack.client("sts").assume_role(RoleArn=role, RoleSessionName="thief")["Credentials"]
    import boto3  # noqa: PLC0415 - a client of the thief's

    thief = boto3.client(
        "s3", endpoint_url=stack["endpoint_url"], region_name=stack["region"],
        aws_access_key_id=assumed["AccessKeyId"], aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )  # fmt: skip
    form = {"upload": thief.generate_presigned_post(stack["source_bucket"], "cats/tom.jpg")}
    answer = printed("a form that the stolen role signs for another prefix", post(stack, form))
    assert (answer.status, b"AccessDenied" in answer.body) == (403, True)
    with pytest.raises(ClientError, match="AccessDenied"):
        thief.list_objects_v2(Bucket=stack["source_bucket"])
