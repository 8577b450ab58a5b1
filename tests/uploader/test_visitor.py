"""The visitor's address in the log is the one that CloudFront saw, and nobody chooses it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.uploader.conftest import ORIGIN_KEY
from uploader.visitor import HEADER, key_hash, visitor_in

CLOUDFRONT = "130.176.0.1"
VISITOR = "198.51.100.7"


def event(forwarded, **headers):
    """Return a request whose peer is CloudFront."""
    return {
        "rawPath": "/",
        "headers": {"x-forwarded-for": forwarded, **headers},
        "requestContext": {"http": {"method": "GET", "sourceIp": CLOUDFRONT}},
    }


@pytest.mark.parametrize(
    ("forwarded", "visitor"),
    [
        (VISITOR, VISITOR),
        (f"{VISITOR}, 130.176.0.1", VISITOR),
        (f"10.0.0.1, evil, {VISITOR}", VISITOR),
        ("2001:DB8::7,130.176.0.1", "2001:db8::7"),
        ("", ""),
        ("130.176.0.1", ""),
        ("evil", ""),
        (f"evil, {CLOUDFRONT}, {CLOUDFRONT}", CLOUDFRONT),
        (f"{VISITOR}\n{{}}", ""),
        (", ,", ""),
    ],
)
def test_the_log_has_the_visitor_s_address(caller, capsys, forwarded, visitor):
    """The one that CloudFront saw, and not what the visitor says before it; beside it, who was connected."""
    caller.app.answer(event(forwarded, **{HEADER: ORIGIN_KEY}))
    line = json.loads(capsys.readouterr().out)
    assert (line["visitor"], line["source_ip"]) == (visitor, CLOUDFRONT)


@pytest.mark.parametrize("sent", [{}, {HEADER: ""}, {HEADER: "guess"}, {HEADER: key_hash(ORIGIN_KEY)}, {HEADER: "\ud800"},
                                  {HEADER: f"{ORIGIN_KEY},{ORIGIN_KEY}"}, {HEADER: None}, {"via": "1.1 x.cloudfront.net (CloudFront)"}])  # fmt: skip
def test_who_goes_around_the_distribution_has_no_address_in_the_log(caller, capsys, sent):
    """Without its key X-Forwarded-For is the caller's own invention, whatever else looks like CloudFront."""
    caller.app.answer(event("203.0.113.9", **sent))
    line = json.loads(capsys.readouterr().out)
    assert (line["visitor"], line["source_ip"]) == ("", CLOUDFRONT)


@given(st.text(), st.sampled_from(["", f", {CLOUDFRONT}"]))
def test_what_a_visitor_sends_changes_nothing(chosen, added):
    """CloudFront adds to what the visitor sent; API Gateway may add CloudFront."""
    forwarded = ", ".join(part for part in (chosen, VISITOR) if part) + added
    assert visitor_in(event(forwarded, **{HEADER: ORIGIN_KEY}), key_hash(ORIGIN_KEY)) == VISITOR


@pytest.mark.parametrize("odd", [{}, {"headers": None}, {"headers": {HEADER: ORIGIN_KEY}, "requestContext": None}])
def test_an_odd_event_has_no_visitor(odd):
    """A stray invocation is logged like any other request."""
    assert visitor_in(odd, key_hash(ORIGIN_KEY)) == ""
