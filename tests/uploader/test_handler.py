"""The uploader's handler: access, routes, and what is logged."""

from __future__ import annotations

import base64
import io
import json

import pytest

from tests.uploader.conftest import CODE, ORIGIN_KEY, REGION, SECRET, STORED, TICKET
from uploader import errors, handler
from uploader.access import AccessCode, Token, access_of, hashed
from uploader.errors import Refusal, Unauthorized
from uploader.request import Request
from uploader.settings import Settings, SettingsError
from uploader.visitor import key_hash

ENVIRONMENT = {
    "SOURCE_BUCKET": "images-source",
    "OUTPUT_BUCKET": "images-output",
    "ACCESS": STORED,
    "ORIGIN": key_hash(ORIGIN_KEY),
    "MAX_BYTES": "1000",
    "UPLOAD_SECONDS": "300",
    "LINK_SECONDS": "900",
}


def request(**headers):
    """Return a request with these headers."""
    return Request("GET", "/", headers, b"", {})


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {CODE}", CODE, f"Bearer {CODE}x",
                                    f"Bearer {CODE.upper()}", "Bearer \ud800"])  # fmt: skip
def test_without_the_right_code_nothing_is_answered(caller, header):
    """The same 401 whatever is wrong with it, on every path that does something."""
    for method, path in (("POST", "/api/uploads"), ("GET", f"/api/images/{SECRET}-cat.jpg")):
        status, answer = caller.ask(method, path, authorization=header)
        assert (status, answer["error"]["code"]) == (401, "wrong-access-code")


def test_the_right_code_is_right_every_time_and_a_wrong_one_never():
    """What a warm function remembers of the right code admits no other code."""
    access = AccessCode(STORED)
    for code, right in ((CODE, True), ("wrong", False), (CODE, True), ("wrong", False), (f"{CODE} ", True)):
        if right:
            access.check(request(authorization=f"Bearer {code}"))
        else:
            with pytest.raises(Unauthorized):
                access.check(request(authorization=f"Bearer {code}"))


def test_the_hash_depends_on_the_salt_and_reveals_nothing_of_the_code():
    """Two stacks with one code have two hashes."""
    assert hashed(CODE, "a") != hashed(CODE, "b")
    assert CODE not in STORED
    assert isinstance(access_of(STORED), AccessCode)


def test_with_tokens_only_what_the_authorizer_passed_gets_in():
    """A function that is reached around its authorizer refuses."""
    access = access_of("jwt")
    assert isinstance(access, Token)
    Token().check(Request("GET", "/", {}, b"", {"sub": "me"}))
    with pytest.raises(Unauthorized):
        access.check(request(authorization=f"Bearer {CODE}"))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/uploads", 405),
        ("PUT", "/api/uploads", 405),
        ("DELETE", f"/api/images/{SECRET}-cat.jpg", 405),
        ("POST", f"/api/images/{SECRET}-cat.jpg", 405),
        ("GET", "/api/images/", 404),
        ("GET", "/api/images/../uploads", 404),
        ("GET", "/api", 404),
        ("GET", "/api/uploads/", 404),
        ("POST", "/", 404),
        ("", "", 404),
    ],
)
def test_there_are_two_paths_with_one_method_each(caller, method, path, status):
    """Everything else is a 404 or a 405 in the one error shape."""
    answered, document = caller.ask(method, path)
    assert answered == status
    assert set(document["error"]) == {"code", "message"}


def test_a_body_in_base64_is_read_and_a_broken_one_refused(caller):
    """API Gateway sends base64 for types that it does not take for text."""
    body = json.dumps({"name": "cat.jpg", "size": 1, "type": "image/png"}).encode()
    event = {
        "rawPath": "/api/uploads",
        "headers": {"Authorization": f"Bearer {CODE}"},
        "isBase64Encoded": True,
        "requestContext": {"http": {"method": "POST"}},
    }
    assert caller.app.answer({**event, "body": base64.b64encode(body).decode()})["statusCode"] == 201
    assert caller.app.answer({**event, "body": "%%%"})["statusCode"] == 400
    assert caller.app.answer({**event, "body": "A" * 4000})["statusCode"] == 413
    assert caller.app.answer({**event, "body": base64.b64encode(b"x" * 2050).decode()})["statusCode"] == 413


def test_no_code_no_token_no_signature_and_no_id_is_logged(caller, capsys):
    """A log is read by more people than may see the pictures."""
    caller.ask("POST", "/api/uploads", {"name": "cat.jpg", "size": 1, "type": "image/png"})
    caller.ask("GET", f"/api/images/{SECRET}-cat.jpg")
    caller.ask("GET", f"/api/images/{SECRET}-cat.jpg", authorization="Bearer guess-number-one")
    lines = capsys.readouterr().out
    assert [json.loads(line)["event"] for line in lines.splitlines()] == [
        "request.answered",
        "request.answered",
        "request.refused",
    ]
    assert lines.count('"visitor": "", "source_ip": "192.0.2.1"') == 3
    for hidden in (CODE, ORIGIN_KEY, key_hash(ORIGIN_KEY), SECRET, TICKET, "guess-number-one", "x-amz-signature"):
        assert hidden not in lines


def test_lambda_s_entry_reads_the_environment_once(monkeypatch):
    """A stray invocation, such as a check that it answers at all, is a 404."""
    for name, value in {**ENVIRONMENT, "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    handler._app.cache_clear()
    assert handler.handle({"Records": []}, None)["statusCode"] == 404
    monkeypatch.delenv("SOURCE_BUCKET")
    assert handler.handle({}, None)["statusCode"] == 404
    handler._app.cache_clear()


@pytest.mark.parametrize("change", [{"SOURCE_BUCKET": ""}, {"MAX_BYTES": "lots"}, {"ACCESS": ""}, {"ORIGIN": ""}])
def test_a_wrong_environment_names_the_variable(change):
    """An open page by accident is not possible: without ACCESS it does not start."""
    with pytest.raises(SettingsError, match=next(iter(change))):
        Settings.from_env({**ENVIRONMENT, **change})


def test_the_family_of_refusals_is_closed_and_drawn():
    """Every class is in the tree of the module's docstring with its status and code, and no two share a code."""
    leaves = Refusal.__subclasses__()
    assert len({leaf.code for leaf in leaves}) == len(leaves)
    for leaf in leaves:
        assert f"{leaf.__name__}" in errors.__doc__
        assert f"{leaf.status} {leaf.code}" in errors.__doc__


def test_the_log_takes_any_text(caller, monkeypatch):
    """A lone surrogate, which JSON can spell, is in no encoding of a stream: the answer would be lost after the work was done."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    monkeypatch.setattr("sys.stdout", out)
    answer = caller.app.answer({"rawPath": "/", "requestContext": {"routeKey": "\ud800", "http": {"method": "\udfff"}}})
    assert answer["statusCode"] == 404
    out.flush()
    assert json.loads(out.buffer.getvalue())["route"] == "\ud800"
