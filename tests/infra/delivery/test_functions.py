"""The two functions at the edge, run by Node.js on events of CloudFront's form."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from ministack.core import cloudfront_js, node_pool

from infra.delivery.caching import source_of
from local.emulator.amended.edge import node
from local.provision.services.cloudfront.functions import MOST_BYTES

VERSION = "0123456789abcdef"


@pytest.fixture(autouse=True)
def playwright_s_node(monkeypatch):
    """As in the emulator."""
    monkeypatch.setattr(node_pool, "_NODE_BINARY", node())


def asked(*values: str) -> dict[str, Any]:
    """Return a query string as CloudFront hands it over: of a parameter that is there twice, the first value, and all."""
    if not values:
        return {}
    several = {"multiValue": [{"value": value} for value in values]} if len(values) > 1 else {}
    return {"v": {"value": values[0], **several}}


def request(query: dict[str, Any]) -> dict[str, Any]:
    """Return a request for a picture."""
    return {"method": "GET", "uri": "/web/a%20b.jpg", "querystring": query, "headers": {}, "cookies": {}}


def to_the_cache(query: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the query string that the cache sees; all else stays as it is."""
    made = cloudfront_js.evaluate(source_of("viewer-request").encode(), {"request": request(query)})
    assert {**made, "querystring": {}} == request({})
    return dict(made["querystring"])


def to_the_viewer(query: dict[str, Any], headers: dict[str, str], status: int = 200) -> dict[str, str]:
    """Return the headers that the viewer sees."""
    response = {"statusCode": status, "headers": {name: {"value": value} for name, value in headers.items()}}
    event = {"request": request(query), "response": response}
    made = cloudfront_js.evaluate(source_of("viewer-response").encode(), event)
    assert made["statusCode"] == status
    return {name: header["value"] for name, header in made["headers"].items()}


def test_a_version_is_the_key():
    """Nothing else of the address is."""
    assert to_the_cache(asked(VERSION)) == {"v": {"value": VERSION}}
    assert to_the_cache({**asked(VERSION), "w": {"value": "1"}}) == {"v": {"value": VERSION}}
    assert to_the_cache(asked(VERSION, "x")) == {"v": {"value": VERSION}}


@pytest.mark.parametrize(
    "values",
    [
        *((), ("",), ("x", VERSION), ("0" * 8000,), (f"{VERSION}\n",), (VERSION.upper(),), (VERSION[:-1],), ("1",)),
        *(("now-1",), ("now-99999999",), ("__proto__",), (f" {VERSION}",), (f"{VERSION}&v={VERSION}",), ("é" * 16,)),
    ],
)
def test_what_is_no_version_is_asked_for_as_it_is_this_minute(values):
    """No client fills the cache with answers of its own, or is given another minute's."""
    before, found, after = time.time(), to_the_cache(asked(*values)), time.time()
    assert found["v"]["value"] in {f"now-{int(moment // 60)}" for moment in (before, after)}


@pytest.mark.parametrize(
    ("query", "version", "kept"),
    [
        (asked(VERSION), VERSION, True),
        (asked(VERSION, "x"), VERSION, True),
        (asked(VERSION), "fedcba9876543210", False),
        (asked(VERSION), None, False),
        (asked(), VERSION, False),
        (asked(""), VERSION, False),
        (asked("now-1"), VERSION, False),
        (asked(""), "", False),
        (asked("now-1"), "now-1", False),
        (asked("now-1"), None, False),
    ],
)
def test_only_bytes_of_the_version_that_was_asked_for_are_for_ever(query, version, kept):
    """Whether CloudFront shows the second function the viewer's request or the first function's."""
    metadata = {} if version is None else {"x-amz-meta-version": version}
    shown = to_the_viewer(query, {"cache-control": "private", "etag": '"e"', "x-amz-meta-recipe": "r", **metadata})
    assert shown == {
        "cache-control": "public, max-age=31536000, immutable" if kept else "public, max-age=60",
        "etag": '"e"',
        "vary": "Origin",
    }


def test_not_modified_changes_nothing_of_what_a_browser_was_told():
    """There is no metadata in such an answer to compare with."""
    assert to_the_viewer(asked(VERSION), {"etag": '"e"', "cache-control": "x"}, 304) == {
        "etag": '"e"',
        "vary": "Origin",
    }


@pytest.mark.parametrize("event", ["viewer-request", "viewer-response"])
def test_cloudfront_takes_the_source(event):
    """Of its runtime 2.0 it uses what ES 5.1 has, const, templates and arrows; and it is short."""
    source = source_of(event)
    assert len(source.encode()) <= MOST_BYTES
    code = re.sub("//.*", "", source)
    assert not re.search(r"\bfor\b|\?\.|\?\?|\bimport\b|\brequire\b|\bclass\b|\blet\b", code)
