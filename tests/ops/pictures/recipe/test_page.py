"""The page in a real browser: keys are text, nothing is loaded, nothing runs, and it can be read."""

from __future__ import annotations

import re

import pytest

from ops.pictures.recipe import page
from ops.pictures.recipe.change import Group
from ops.pictures.recipe.estimate import Estimate
from ops.pictures.recipe.page import write_page
from ops.pictures.recipe.plan import RecipePlan, Survey
from ops.terminal.page import unfinished_page
from tests.ops.pictures.recipe.plans import BETTER, SMALL, WEB, change, side, trial
from tests.web.chromium import LOOKS, chromium
from tests.web.lone_page import shown_alone
from tests.worker.images.pictures.small import jpeg

HOSTILE = "<script>document.title = 'run'</script><img src=x onerror=alert(1)>\"' &amp;\u202e.jpg"
PICTURE = jpeg()


def a_plan(folder, count=1):
    """Return a plan with a hostile key in every place."""
    of = change((WEB, SMALL), (BETTER,))
    trials = [
        trial(
            of,
            (side(folder / f"{n}-a", WEB, PICTURE), side(folder / f"{n}-b", SMALL, PICTURE)),
            (side(folder / f"{n}-c", BETTER, PICTURE, None),),
            key=HOSTILE,
        )
        for n in range(count)
    ]
    survey = Survey((Group(of, pictures=7),), ())
    return RecipePlan(3, "Pulumi.<b>.yaml", survey, trials, Estimate(7, 0.001, 90, 2), ("next",))


def written(folder, plan):
    """Write a page and return its path."""
    path = folder / "plan.html"
    with unfinished_page(path) as out:
        assert out is not None
        write_page(out, plan)
    return path


@pytest.fixture(scope="module")
def browser():
    """Return the browser."""
    with chromium() as found:
        yield found


@LOOKS
def test_a_key_is_text_and_nothing_is_loaded_or_run(tmp_path, browser, scheme, width):
    """All pictures are shown out of the file alone; axe-core finds nothing, and nothing sticks out."""
    path = written(tmp_path, a_plan(tmp_path))
    with shown_alone(browser, path, scheme, width) as tab:
        assert tab.title() == "Recipe plan: Pulumi.<b>.yaml"
        assert tab.locator("article h3").inner_text().startswith(HOSTILE.replace("\u202e", "\\u202e"))
        assert tab.evaluate("[...document.images].map(image => image.naturalWidth)") == [40, 40, 40]


def test_the_policy_lets_no_script_run(tmp_path, browser):
    """Not even one that got into the page."""
    path = written(tmp_path, a_plan(tmp_path))
    path.write_text(
        path.read_text().replace("<h1>", "<script>document.title = 'run'</script><h1 style='color: red'>", 1)
    )
    tab = browser.new_page()
    tab.goto(path.as_uri())
    assert tab.title() == "Recipe plan: Pulumi.<b>.yaml"
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).color") != "rgb(255, 0, 0)"
    tab.close()


def test_pictures_are_shown_in_actual_size(tmp_path, browser):
    """A wide one is scaled down until the box is checked."""
    path = written(tmp_path, a_plan(tmp_path))
    path.write_text(path.read_text().replace('width="40" height="30"', 'width="4000" height="30"'))
    tab = browser.new_page(viewport={"width": 600, "height": 900})
    tab.goto(path.as_uri())
    before = tab.locator("img").first.bounding_box()
    tab.get_by_label("Actual size").check()
    assert tab.locator(".frame").first.evaluate("frame => getComputedStyle(frame).overflow") == "auto"
    assert before is not None
    assert before["width"] < 600
    tab.close()


def test_the_page_does_not_grow_without_bound(tmp_path, monkeypatch):
    """What comes after the limit has its figures, without pictures."""
    monkeypatch.setattr(page, "MOST", 4 * len(PICTURE))
    path = written(tmp_path, a_plan(tmp_path, count=3))
    text = path.read_text()
    assert len(re.findall("<img ", text)) == 4
    assert text.count("<article>") == 3
    assert text.count("The page is full") == 5


def test_a_page_that_is_not_finished_leaves_the_former_one(tmp_path):
    """It is moved to its place whole; nothing is left beside it."""
    path = tmp_path / "plan.html"
    path.write_text("former")

    def interrupted():
        with unfinished_page(path) as out:
            assert out is not None
            out.write("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [each.name for each in tmp_path.iterdir()] == ["plan.html"]
    assert path.read_text() == "former"
