"""The focal point on the upload page: people choose what crops keep, and get crops that keep it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from local.engine import running
from tests.web.chromium import LOOKS
from tests.web.conftest import PAGE
from tests.web.visitor import File, picture
from tests.worker.images.pictures.seeds import seeds

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]
CROP = {"thumbnail": {"width": 100, "height": 100, "fit": "cover"}}


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Run the program with the page and a rendition that is a crop."""
    with running(directory=tmp_path_factory.mktemp("focus"), config={**PAGE, "renditions": CROP}) as stack:
        yield stack


def button(visitor, name):
    """Return what opens the dialog."""
    return visitor.page.get_by_role("button", name=f"Focal point of {name}")


def ask(visitor, name):
    """Open the dialog of a picture, and return it with its image loaded."""
    button(visitor, name).click()
    dialog = visitor.page.get_by_role("dialog", name=f"Focal point of {name}")
    expect(dialog).to_be_visible()
    expect(dialog.locator("img")).not_to_have_js_property("naturalWidth", 0)
    return dialog


def click(dialog, x, y):
    """Click on a point of the picture, in fractions of its sides."""
    box = dialog.locator("img").bounding_box()
    dialog.locator("img").click(position={"x": box["width"] * x, "y": box["height"] * y})


def uploads(stack, name):
    """Return the focus of each version of the one key that is called so, newest first."""
    s3, bucket = stack.client("s3"), stack["source_bucket"]
    versions = [v for v in s3.list_object_versions(Bucket=bucket)["Versions"] if v["Key"].endswith(f"/{name}")]
    assert len({version["Key"] for version in versions}) == 1
    heads = [s3.head_object(Bucket=bucket, Key=v["Key"], VersionId=v["VersionId"]) for v in versions]
    return [head["Metadata"].get("focus") for head in heads]


def colour(stack, name):
    """Return the colour of the crop's middle, rounded to pure red, green and blue."""
    s3, bucket = stack.client("s3"), stack["output_bucket"]
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="thumbnail/")["Contents"]]
    (key,) = [key for key in keys if key.endswith(f"/{name}.webp")]
    image = Image.open(io.BytesIO(s3.get_object(Bucket=bucket, Key=key)["Body"].read())).convert("RGB")
    return tuple((np.asarray(image)[50, 50] / 255).round().astype(int).tolist())


def test_a_click_on_the_point_moves_the_crop(visitor, stack):
    """The picture is ready, its crop half and half; with a point in the blue half it is blue, under the same key."""
    visitor.drop(picture("wide.png"))
    visitor.sees("wide.png", "ready")
    dialog = ask(visitor, "wide.png")
    click(dialog, 0.9, 0.25)
    expect(dialog).to_contain_text("90 % from the left, 25 % from the top")
    image, marker = (dialog.locator(each).bounding_box() for each in ("img", "#focus-marker"))
    assert marker["x"] + marker["width"] / 2 == pytest.approx(image["x"] + 0.9 * image["width"], abs=2)
    assert marker["y"] + marker["height"] / 2 == pytest.approx(image["y"] + 0.25 * image["height"], abs=2)
    news = visitor.record(visitor.page.locator("#news"))

    dialog.get_by_role("button", name="Use this point").click()

    visitor.wait_for("wide.png: Ready", news)
    visitor.sees("wide.png", "ready")
    assert uploads(stack, "wide.png") == ["0.9,0.25", None]
    assert colour(stack, "wide.png") == (0, 0, 1)
    click(ask(visitor, "wide.png"), 0.1, 0.25)
    dialog.get_by_role("button", name="Use this point").click()
    visitor.wait_for("10 % from the left", news)
    visitor.sees("wide.png", "ready")
    assert uploads(stack, "wide.png") == ["0.1,0.25", "0.9,0.25", None]
    assert colour(stack, "wide.png") == (1, 0, 0)


def test_a_point_that_is_chosen_before_the_upload_is_sent_with_it(visitor, stack):
    """From the keyboard alone, while four others take their time: it is sent once."""
    held: list[Route] = []

    def hold(route):
        if len(held) < 4:
            held.append(route)
        else:
            route.continue_()

    visitor.page.route("**/api/uploads", hold)
    visitor.drop(*(picture(f"{number}.png", size=(6, 4)) for number in range(4)), picture("keys.png"))
    button(visitor, "keys.png").focus()
    visitor.page.keyboard.press("Enter")
    left, top = visitor.page.get_by_label("From the left"), visitor.page.get_by_label("From the top")
    left.focus()
    for key in ("End", "ArrowLeft"):
        visitor.page.keyboard.press(key)
    visitor.page.keyboard.press("Tab")
    expect(top).to_be_focused()
    visitor.page.keyboard.press("ArrowUp")
    expect(left).to_have_attribute("aria-valuetext", "99 %")
    expect(top).to_have_attribute("aria-valuetext", "51 %")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    expect(button(visitor, "keys.png")).to_be_focused()
    assert len(held) == 4
    for route in held:
        route.continue_()
    visitor.sees("keys.png", "ready")
    assert uploads(stack, "keys.png") == ["0.99,0.51"]
    assert colour(stack, "keys.png") == (0, 0, 1)


def test_a_point_that_is_chosen_while_it_is_processed_counts(visitor, stack, site):
    """What was made with the one before is no outcome, not even after a reload."""
    page, old = visitor.page, []

    def without_focus(answer):
        old.append(answer["status"])
        return {name: value for name, value in answer.items() if name != "focus"}

    page.route("**/api/images/*", lambda route: route.fulfill(json={"status": "queued"}))
    visitor.drop(picture("late.png"))
    visitor.sees("late.png", "processing")
    page.unroute("**/api/images/*")
    page.route("**/api/images/*", site.answering(without_focus))
    click(dialog := ask(visitor, "late.png"), 0.9, 0.5)
    dialog.get_by_role("button", name="Use this point").click()
    page.wait_for_function("() => JSON.parse(sessionStorage.getItem('pictures'))[0].focus === '0.9,0.5'")
    before = len(old)
    with page.expect_response("**/api/images/*"):
        pass
    with page.expect_response(lambda answer: "/api/images/" in answer.url and len(old) > before):
        pass
    visitor.sees("late.png", "processing")
    page.reload()
    visitor.sees("late.png", "processing")
    page.unroute("**/api/images/*")
    visitor.sees("late.png", "ready")
    expect(button(visitor, "late.png")).to_be_hidden()  # The file is gone with the reload.
    assert uploads(stack, "late.png") == ["0.9,0.5", None]


@pytest.mark.parametrize("leave", ["Escape", "Cancel"])
def test_who_changes_their_mind_changes_nothing(visitor, stack, leave):
    """Nothing is sent again, and the dialog opens at the point before."""
    visitor.drop(picture(f"{leave}.png"))
    visitor.sees(f"{leave}.png", "ready")
    dialog = ask(visitor, f"{leave}.png")
    click(dialog, 0.9, 0.9)
    if leave == "Escape":
        visitor.page.keyboard.press("Escape")
    else:
        dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(ask(visitor, f"{leave}.png")).to_contain_text("50 % from the left, 50 % from the top")
    dialog.get_by_role("button", name="Cancel").click()
    visitor.sees(f"{leave}.png", "ready")
    assert uploads(stack, f"{leave}.png") == [None]


def test_what_the_browser_cannot_show_is_pointed_at_once_it_is_rendered(visitor, stack):
    """A HEIC has no preview; its uncropped rendition has the same points."""
    sample = File("phone.heic", "image/heic", seeds()["heic"])
    visitor.page.route("**/api/images/*", lambda route: route.fulfill(json={"status": "queued"}))
    visitor.drop(sample)
    visitor.sees(sample.name, "processing")
    expect(button(visitor, sample.name)).to_be_hidden()
    visitor.page.unroute("**/api/images/*")
    visitor.sees(sample.name, "ready")
    click(dialog := ask(visitor, sample.name), 0.25, 0.75)
    dialog.get_by_role("button", name="Use this point").click()
    visitor.page.wait_for_function("() => JSON.parse(sessionStorage.getItem('pictures'))[0].focus === '0.25,0.75'")
    visitor.sees(sample.name, "ready")
    assert uploads(stack, sample.name) == ["0.25,0.75", None]


def test_what_was_rejected_has_no_focal_point(visitor):
    """It would be rejected again."""
    whole = picture("cut.png")
    visitor.drop(File("cut.png", "image/png", whole.content[: len(whole.content) // 2]))
    visitor.sees("cut.png", "rejected")
    expect(button(visitor, "cut.png")).to_be_hidden()


def test_a_finger_drags_the_point_and_stops_at_the_edge(tab):
    """A touch sets it, and sliding out of the picture leaves it at the edge."""
    visitor = tab(has_touch=True)
    visitor.come_in()
    visitor.drop(picture("touch.png"))
    visitor.sees("touch.png", "ready")
    dialog = ask(visitor, "touch.png")
    box = dialog.locator("img").bounding_box()
    visitor.page.touchscreen.tap(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.4)
    expect(dialog).to_contain_text("20 % from the left, 40 % from the top")
    mouse = visitor.page.mouse
    mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.4)
    mouse.down()
    mouse.move(box["x"] + box["width"] + 200, box["y"] + box["height"] * 0.6)
    expect(dialog).to_contain_text("100 % from the left, 60 % from the top")
    mouse.up()
    mouse.move(box["x"] + 5, box["y"] + 5)
    expect(dialog).to_contain_text("100 % from the left, 60 % from the top")


@LOOKS
def test_axe_finds_nothing_in_the_dialog_and_nothing_sticks_out(tab, scheme, width):
    """In both schemes and at both widths, with a picture that is taller than the screen."""
    visitor = tab(color_scheme=scheme, reduced_motion="reduce")
    visitor.page.set_viewport_size({"width": width, "height": 700})
    visitor.come_in()
    visitor.drop(picture("tall.png", size=(600, 2400)))
    visitor.sees("tall.png", "ready")
    dialog = ask(visitor, "tall.png")
    assert visitor.complaints() == []
    box = dialog.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert dialog.evaluate(
        "(dialog) => dialog.scrollWidth <= dialog.clientWidth && dialog.scrollHeight <= dialog.clientHeight"
    )
