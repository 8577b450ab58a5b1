"""What the embedded AWS keeps at its edge, for how long, and how much of it."""

from __future__ import annotations

import pytest

from local.emulator.amended.edge import Answer, Edge, Key, seconds_kept

YEAR = 31_536_000
FOR_EVER = {"MinTTL": YEAR, "DefaultTTL": YEAR, "MaxTTL": YEAR}
OPTIMIZED = {"MinTTL": 1, "DefaultTTL": 86_400, "MaxTTL": YEAR}
DISABLED = {"MinTTL": 0, "DefaultTTL": 0, "MaxTTL": 0}


def answer(body: bytes = b"x") -> Answer:
    """Return an answer of an origin."""
    return Answer(200, "OK", {"etag": '"e"'}, body)


@pytest.mark.parametrize(
    ("policy", "cache_control", "seconds"),
    [
        (FOR_EVER, "public, max-age=3600", YEAR),
        (FOR_EVER, "private, no-store", YEAR),
        (FOR_EVER, "", YEAR),
        (OPTIMIZED, "public, max-age=31536000, immutable", YEAR),
        (OPTIMIZED, "max-age=99999999", YEAR),
        (OPTIMIZED, "max-age=60, s-maxage=5", 5),
        (OPTIMIZED, "no-cache", 1),
        (OPTIMIZED, "max-age=0", 1),
        (OPTIMIZED, "", 86_400),
        (DISABLED, "max-age=60", 0),
        (DISABLED, "", 0),
        ({"MinTTL": 0}, "", 86_400),
    ],
)
def test_an_answer_is_kept_between_the_policy_s_least_and_most(policy, cache_control, seconds):
    """As the table of CloudFront's page says; the defaults are its own."""
    assert seconds_kept(policy, 200, cache_control) == seconds


@pytest.mark.parametrize(
    ("status", "cache_control", "seconds"),
    [(403, "", 0), (403, "max-age=60", 60), (404, "", 10), (503, "", 10), (503, "max-age=5", 10), (416, "max-age=60", 0)],
)  # fmt: skip
def test_an_error_is_kept_for_a_short_while_whatever_the_policy_says(status, cache_control, seconds):
    """S3's 403 for what is missing has no Cache-Control: it is not kept at all."""
    assert seconds_kept(FOR_EVER, status, cache_control) == seconds


def test_an_answer_has_an_age_until_it_is_too_old():
    """And is then as if it had never been there."""
    edge = Edge()
    edge.keep(at("a"), answer(), 60, now=100)
    found = edge.find(at("a"), now=159.9)
    assert found is not None
    assert found.headers == {"etag": '"e"', "age": "59"}
    assert edge.find(at("a"), now=160) is None
    assert edge.find(at("b"), now=100) is None


def test_no_second_is_not_kept():
    """As with caching disabled."""
    edge = Edge()
    edge.keep(at("a"), answer(), 0, now=100)
    assert edge.find(at("a"), now=100) is None


def test_what_was_asked_for_longest_ago_goes_first():
    """The emulator's memory is bounded; what is larger than all of it is not kept."""
    edge = Edge(most_bytes=10)
    edge.keep(at("a"), answer(b"12345"), 60, now=0)
    edge.keep(at("b"), answer(b"12345"), 60, now=0)
    assert edge.find(at("a"), now=1)
    edge.keep(at("c"), answer(b"12345"), 60, now=2)
    assert [key for key in "abc" if edge.find(at(key), now=3)] == ["a", "c"]
    edge.keep(at("d"), answer(b"12345678901"), 60, now=4)
    assert [key for key in "abcd" if edge.find(at(key), now=5)] == []


def at(name: str, query: str = "", distribution: str = "arn") -> Key:
    """Return the key of an answer."""
    return Key(distribution, "bucket", f"/web/{name}", query)


@pytest.mark.parametrize(
    ("path", "forgotten"),
    [
        ("/web/a", {"a"}),
        ("/web/a?v=1", {"a?v=1"}),
        ("/web/a*", {"a", "a?v=1", "a b"}),
        ("/web/a%20b", {"a b"}),
        ("/*", {"a", "a?v=1", "a b", "c"}),
        ("/web", set()),
    ],
)
def test_an_invalidation_forgets_what_its_paths_name_and_nothing_of_others(path, forgotten):
    """With the query where the path has one; up to the star at its end; encoded or not."""
    edge = Edge()
    kept = {"a": at("a"), "a?v=1": at("a", "v=1"), "a b": at("a%20b"), "c": at("c"), "another's": at("a", "", "other")}
    for key in kept.values():
        edge.keep(key, answer(), 60, now=0)
    edge.forget("arn", [path])
    assert {name for name, key in kept.items() if edge.find(key, now=1) is None} == forgotten
