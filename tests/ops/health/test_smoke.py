"""`smoke` on the embedded AWS, and its golden set through the worker's own renderer."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from local.engine import running
from ops.health.golden_set import broken, fault_in, golden_set
from ops.health.own_keys import own_keys
from ops.health.smoke import names
from ops.terminal.errors import Misuse
from tests.ops.support.workbench import Bench
from worker.contracts.errors import Truncated
from worker.contracts.recipes.by_prefix import Recipes
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS, RenditionSpec
from worker.images import render


@pytest.mark.stack
def test_smoke_proves_a_deployment_and_leaves_nothing(bench):
    """All checks are good on a good stack, and neither pictures, outputs nor letters stay, but for other people's."""
    bench.plant("somebody-else's.jpg", "throttled")
    ended = bench.run("smoke", "--json")
    report = json.loads(ended.out)
    assert report["is_good"], report
    assert ended.status == 0
    names = [check["name"] for check in report["checks"]]
    assert "on its side.jpg: thumbnail" in names
    assert names[-5:] == [
        "broken.jpg: rejected",
        "broken.jpg: dead letter",
        "broken.jpg: replaced",
        "broken.jpg: redriven",
        "clean up: outputs removed",
    ]
    assert report["checks"][-2]["detail"] == "ready 1, failed again 0, still queued 0"
    assert bench.keys("source_bucket") == set()
    assert bench.depth("dead_letter_queue_url") == (1, 0)


@pytest.mark.stack
def test_smoke_reports_what_is_wrong(bench, monkeypatch):
    """A stack whose pictures are not what they should be does not pass, and is cleaned up all the same."""
    monkeypatch.setattr("ops.health.smoke.broken", lambda: golden_set()[0].data)
    ended = bench.run("smoke", "--patience", "3")
    assert ended.status == 1
    assert re.search(r"broken\.jpg: rejected +.? WRONG +.? ready", ended.out)
    assert bench.keys("source_bucket") == set()


@pytest.mark.stack
def test_smoke_works_below_the_prefix_that_is_rendered_by_its_own_recipe(tmp_path, monkeypatch):
    """Where the stack has a prefix and suffixes, and ignores all of the prefix but a folder of squares."""
    square = {"thumbnail": {"width": 96, "height": 96, "fit": "cover"}, "web": False}
    config = {"source": {"prefix": "in/", "suffixes": [".jpg"]}, "recipes": {"in/": False, "in/squares/": square}}
    monkeypatch.chdir(tmp_path)
    with running(directory=tmp_path / "stack", config=config) as stack:
        bench = Bench(stack)
        report = json.loads(bench.run("smoke", "--json").out)
        assert report["is_good"], report
        seen = {check["name"]: check["detail"] for check in report["checks"]}
        assert seen["palette.png: thumbnail"].startswith("96 x 96, ")
        assert "palette.png: web" not in seen
        ended = bench.run("smoke", "--prefix", "in/other/")
        assert (ended.status, ended.out) == (2, "")
        assert (
            "ignores keys that begin with in/other/: take one that is rendered, such as in/squares/smoke-" in ended.err
        )
        (tmp_path / "a.jpg").write_bytes(golden_set()[0].data)
        ended = bench.run("upload", "a.jpg", "--wait")
        assert (ended.out, ended.err) == (
            "ignored   a.jpg\n",
            "1 to upload: none replaces a picture.\n1 uploaded: 1 ignored.\n",
        )
        assert ended.status == 0
        ended = bench.run("upload", "a.jpg")
        assert ended.err.endswith("\n1 uploaded, 1 ignored by the stack's configuration, such as a.jpg.\n")


@pytest.mark.parametrize(
    ("recipes", "prefix"),
    [
        ({"": True}, "smoke/"),
        ({"in/": True}, "in/smoke/"),
        ({"": False, "raw/": False, "a/b/": True, "a/": True}, "a/smoke/"),
        ({"": True, "smoke/": False, "z/": True}, "z/smoke/"),
        ({"": True, "smoke/pal": False, "z/": True}, "z/smoke/"),
    ],
)
def test_smoke_goes_where_all_of_its_pictures_are_rendered(recipes, prefix):
    """The shortest place; one that is wanted stays what it is."""
    found = Recipes({place: DEFAULT_RENDITIONS if made else () for place, made in recipes.items()})
    assert own_keys(found, None, "smoke/", names()).prefix == prefix
    assert own_keys(found, f"{prefix}mine-", "smoke/", names()).prefix == f"{prefix}mine-"


def test_smoke_refuses_what_the_stack_ignores():
    """With a place that is rendered, if there is one."""
    found = Recipes({"": DEFAULT_RENDITIONS, "raw/": ()})
    with pytest.raises(Misuse, match="ignores keys that begin with raw/: take one that is rendered, such as smoke/"):
        own_keys(found, "raw/", "smoke/", names())
    for wanted in ("raw/", "else/"):
        with pytest.raises(Misuse, match=f"ignores keys that begin with {wanted}\\.$"):
            own_keys(Recipes({"raw/": ()}), wanted, "smoke/", names())
    with pytest.raises(Misuse, match="ignores all keys"):
        own_keys(Recipes({"": ()}), None, "smoke/", names())


SPECS = (
    *DEFAULT_RENDITIONS,
    RenditionSpec("square", 96, 96, fit="cover"),
    RenditionSpec("hero", 2400, 150, fit="cover", format="jpeg"),
    RenditionSpec("placeholder", 16, 16, format="png"),
    RenditionSpec("dot", 3, 3, fit="cover", format="png"),
)


@pytest.mark.parametrize("golden", golden_set(), ids=lambda golden: golden.name)
def test_every_golden_picture_comes_out_right(golden):
    """The worker's own renderer passes the check that smoke makes, however the picture is fitted."""
    rendered = render(golden.data, SPECS, wanted=[spec.name for spec in SPECS], memory_bytes=2**29)
    by_name = {spec.name: spec for spec in SPECS}
    found = {each.name: fault_in(each.data, by_name[each.name]) for each in rendered.renditions}
    assert found == dict.fromkeys(by_name)


def test_a_picture_on_its_side_is_not_right():
    """The check sees what it is there for: a renderer that ignores the orientation, another recipe, other colours."""
    lying = next(golden for golden in golden_set() if golden.name == "on its side.jpg")
    as_it_is, square = RenditionSpec("any", 400, 400), RenditionSpec("any", 96, 96, fit="cover")
    assert "300 x 400 pixels and should have 400 x 300" in str(fault_in(lying.data, as_it_is))
    assert fault_in(golden_set()[0].data, as_it_is) is None
    assert "should have 96 x 96" in str(fault_in(golden_set()[0].data, square))
    turned = replace(as_it_is, width=300, height=400)
    assert fault_in(lying.data, turned)


def test_the_broken_picture_is_truncated():
    """The reason that smoke expects is the one that the worker gives."""
    with pytest.raises(Truncated):
        render(broken(), DEFAULT_RENDITIONS, wanted=["thumbnail"], memory_bytes=2**29)
