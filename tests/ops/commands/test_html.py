"""`python -m ops html` on a stack: what it prints, and what it says where there is nothing to print."""

from __future__ import annotations

import json
import re

import pytest

from ops.pictures.html.markup import Options, html_of
from ops.stack.outputs import Stack
from tests.ops.pictures.html.test_markup import SQUARE, THUMBNAIL, WEB, of
from tests.ops.support.manifests import ORIGIN
from worker.contracts.keys import manifest_key

pytestmark = pytest.mark.stack
REJECTED = {"type": "image.rejected", "reason": "truncated", "detail": "The file ends early.", "renditions": []}


@pytest.fixture
def run(bench):
    """Return what runs the command on a bucket with a picture, one of a former worker, and a rejected one."""

    def put(key, document):
        body = json.dumps(document).encode()
        bench.client("s3").put_object(Bucket=bench.stack["output_bucket"], Key=manifest_key(key), Body=body)

    put("tom.jpg", of(THUMBNAIL, WEB, SQUARE))
    put("old.jpg", of(WEB, thumbhash=None))
    put("cut.jpg", REJECTED)
    return lambda *words: bench.run("html", "--origin", f"{ORIGIN}/", *words)


def test_it_prints_a_line_for_each_picture(run):
    """Nothing else on standard output, and every option is in it."""
    ended = run(
        "tom.jpg", "tom.jpg", "--alt", "Tom", "--sizes", "50vw", "--picture", "--eager", "--rendition", "square"
    )
    line = html_of(of(SQUARE), Options(ORIGIN, "50vw", "Tom", (), is_picture=True, is_eager=True))
    assert (ended.status, ended.out, ended.err) == (0, f"{line}\n{line}\n", "")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("nobody.jpg", r"nobody\.jpg: there is no such picture, or it is not ready yet\. .* where nobody\.jpg"),
        ("-x.jpg", r"where -- -x\.jpg"),
        ("cut.jpg", r"cut\.jpg: it was rejected: truncated: The file ends early\. .* where cut\.jpg"),
    ],
)
def test_a_picture_without_html_is_told_and_the_others_are_printed(run, key, said):
    """In a sentence, with the command that knows more: exit status 1."""
    ended = run("tom.jpg", "--", key) if key.startswith("-") else run(key, "tom.jpg")
    assert re.search(said, ended.err)
    assert (ended.status, ended.out) == (1, html_of(of(THUMBNAIL, WEB), Options(ORIGIN)) + "\n")


@pytest.mark.parametrize(
    ("names", "said"),
    [(["hero"], "tom.jpg: it has no rendition hero; it has square, thumbnail, web."), (["web", "square"], "shapes")],
)
def test_renditions_that_are_no_choice_are_told(run, names, said):
    """By the name that is wrong, with those that are right."""
    ended = run("tom.jpg", *(word for name in names for word in ("--rendition", name)))
    assert (ended.status, ended.out) == (1, "")
    assert said in ended.err


def test_an_old_manifest_has_html_without_placeholder(run):
    """And the command that adds one."""
    ended = run("old.jpg")
    assert (ended.status, ended.out) == (0, html_of(of(WEB, thumbhash=None), Options(ORIGIN)) + "\n")
    assert "backfill --outdated --looks --prefix old.jpg" in ended.err


def test_sizes_that_no_browser_takes_are_misuse(run):
    """Before any picture is looked at."""
    ended = run("tom.jpg", "--sizes", "50%")
    assert (ended.status, ended.out) == (2, "")
    assert "vw is a share of the window's width" in ended.err


def test_a_stack_that_delivers_nothing_says_what_to_set(bench):
    """Or how to name another way to its outputs."""
    ended = bench.run("html", "tom.jpg")
    assert ended.status == 2
    assert "set delivery.enabled to true and deploy, or name with --origin" in ended.err


def test_a_stack_that_delivers_says_where():
    """By its output; an empty one is none."""
    outputs = dict.fromkeys(
        ("source_bucket", "output_bucket", "queue_url", "dead_letter_queue_url", "worker_function", "alarm_topic_arn"),
        "x",
    )
    assert Stack.from_outputs({**outputs, "delivery_url": ORIGIN}, "--stack dev").delivery_url == ORIGIN
    assert Stack.from_outputs(outputs, "--stack dev").delivery_url is None
