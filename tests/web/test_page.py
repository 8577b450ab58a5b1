"""The upload page in a real browser, on the whole stack: what people see."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from urllib.parse import parse_qs, urlsplit

import boto3
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from local.cloud import ACCESS_KEY, SECRET_KEY
from tests.web.chromium import LOOKS
from tests.web.conftest import TOO_MANY_REQUESTS
from tests.web.visitor import CODE, PATIENCE, File, picture
from uploader.uploads import Uploads

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]


def colours(content):
    """Return the size of a picture, and its colour left and right, each rounded to pure red, green and blue."""
    image = Image.open(io.BytesIO(content)).convert("RGB")
    width, height = image.size
    pixels = np.asarray(image)[height // 2, [width // 4, width * 3 // 4]]
    return image.size, [tuple(pixel) for pixel in (pixels / 255).round().astype(int).tolist()]


def test_three_pictures_and_a_text_file(visitor):
    """Three become ready by drop, paste and choice; the text is rejected in words; a rendition downloads with its pixels."""
    visitor.drop(picture("dropped.png"), File("notes.txt", "text/plain", b"Dear diary"))
    visitor.paste(picture("pasted.png", "lime", "black"))
    chosen = picture("chosen.png")
    visitor.page.set_input_files("#files", {"name": chosen.name, "mimeType": chosen.type, "buffer": chosen.content})

    for name in ("dropped.png", "pasted.png", "chosen.png"):
        card = visitor.sees(name, "ready")
        expect(card.get_by_text("thumbnail")).to_be_visible()
        expect(card.locator(".renditions li")).to_have_count(2)
    expect(visitor.sees("notes.txt", "rejected")).to_contain_text("This is not a picture. Choose a JPEG")
    expect(visitor.page.locator("#summary")).to_have_text("3 ready, 1 rejected")
    expect(visitor.card("dropped.png")).to_contain_text("256 \u00d7 171")
    expect(visitor.card("dropped.png").locator(".saved").first).to_contain_text("% smaller")

    with visitor.page.expect_download() as downloading:
        visitor.page.get_by_role("link", name="Download thumbnail of dropped.png").click()
    download = downloading.value
    assert download.suggested_filename == "dropped-thumbnail.webp"
    assert colours(download.path().read_bytes()) == ((256, 171), [(1, 0, 0), (0, 0, 1)])
    shown = visitor.card("pasted.png").locator(".picture img")
    expect(shown).to_have_js_property("naturalWidth", 256)


def test_a_text_that_calls_itself_a_picture_is_rejected_by_the_worker_in_words(visitor):
    """The reason is the worker's own sentence, from the manifest; so is a truncated picture's."""
    whole = picture("cut.png")
    visitor.drop(
        File("letter.jpg", "image/jpeg", b"Dear diary"),
        File("cut.png", "image/png", whole.content[: len(whole.content) // 2]),
    )
    why = visitor.sees("letter.jpg", "rejected").locator(".why")
    expect(why).to_contain_text("not a picture that can be rendered; save it as JPEG")
    expect(visitor.sees("cut.png", "rejected").locator(".why")).not_to_be_empty()


def test_with_the_keyboard_alone_a_link_is_copied_and_works(tab):
    """Tab reaches the button, Enter copies; the link shows the rendition without further access."""
    visitor = tab(permissions=["clipboard-read", "clipboard-write"])
    visitor.come_in()
    visitor.drop(picture("cat.png"))
    visitor.sees("cat.png", "ready")
    button = visitor.page.get_by_role("button", name="Copy link to web of cat.png")

    visitor.page.locator("#files").focus()
    for _ in range(12):
        visitor.page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    button_says, news_say = visitor.record(button), visitor.record(visitor.page.locator("#news"))
    visitor.page.keyboard.press("Enter")

    visitor.wait_for("Copied", button_says)
    visitor.wait_for("The link to web is copied", news_say)
    link = visitor.page.evaluate("navigator.clipboard.readText()")
    with urllib.request.urlopen(link, timeout=60) as answer:  # noqa: S310 - the page has made it
        assert colours(answer.read()) == ((600, 400), [(1, 0, 0), (0, 0, 1)])


def test_without_delivery_there_is_no_html(visitor):
    """Links that end after a quarter of an hour belong on no page."""
    visitor.drop(picture("cat.png"))
    card = visitor.sees("cat.png", "ready")
    expect(card.get_by_role("button", name="Copy link to web of cat.png")).to_be_visible()
    expect(card.get_by_role("button", name="Copy HTML")).to_be_hidden()
    expect(card.get_by_role("button", name="Focal point")).to_be_hidden()


def test_too_large_is_refused_by_s3_itself(visitor):
    """A page that lies about the size gets a form for that size, and S3 takes no other."""

    def lie(route):
        body = json.loads(route.request.post_data)
        route.continue_(post_data=json.dumps({**body, "size": 1000}))

    visitor.page.route("**/api/uploads", lie)
    visitor.drop(picture("liar.png"))
    expect(visitor.sees("liar.png", "rejected")).to_contain_text("larger than was agreed")


def test_a_wrong_code_is_an_error_and_the_right_one_goes_on(tab):
    """The picture that was dropped meanwhile is not lost; neither is it when a code expires under one's hands."""
    visitor = tab()
    visitor.come_in("wrong-code-but-long-enough")
    visitor.drop(picture("patient.png"))
    expect(visitor.page.get_by_role("alert")).to_contain_text("not accepted")
    visitor.enter(CODE)
    visitor.sees("patient.png", "ready")
    assert CODE not in visitor.page.content()


def asked_to_sign(answer):
    """Whether it is the API's answer to a picture that is to be uploaded."""
    return answer.url.endswith("/api/uploads")


def test_an_expired_signature_is_signed_anew(visitor, stack):
    """S3 refuses the form that is too old; the page asks for another one, without the visitor."""
    s3 = boto3.client("s3", endpoint_url=stack["endpoint_url"], region_name=stack["region"],
                      aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)  # fmt: skip
    late = picture("late.png")
    old = Uploads(s3, stack["source_bucket"], 10**7, -60, lambda size: "ab" * size)
    form = old.sign({"name": late.name, "size": len(late.content), "type": late.type})
    signed = []
    visitor.page.on("response", lambda answer: signed.append(answer.status) if asked_to_sign(answer) else None)
    visitor.page.route("**/api/uploads", lambda route: route.fulfill(json=form), times=1)

    visitor.drop(late)

    visitor.sees("late.png", "ready")
    assert [status for status in signed if status != TOO_MANY_REQUESTS] == [200, 201]
    old_key = form["upload"]["fields"]["key"]
    assert stack.client("s3").list_objects_v2(Bucket=stack["source_bucket"], Prefix=old_key)["KeyCount"] == 0


def test_what_fails_for_a_moment_is_tried_again(visitor):
    """A throttled API, a busy S3, a lost connection and a failing status each cost time, and no picture."""
    page, met = visitor.page, []

    def once(pattern, answer):
        def meet(route):
            met.append(pattern)
            answer(route)

        page.route(pattern, meet, times=1)

    once("**/api/uploads", lambda route: route.fulfill(status=429, json={"message": "Too Many Requests"}))
    once("http://127.0.0.1:*/**source**", lambda route: route.abort())
    once("http://127.0.0.1:*/**source**", lambda route: route.fulfill(status=503))
    once("**/api/images/*", lambda route: route.fulfill(status=500, json={}))
    visitor.drop(picture("stubborn.png"))
    visitor.sees("stubborn.png", "ready")
    assert len(met) == 4


ISSUER = "https://issuer.example.org"
SIGN_IN = f"{ISSUER}/login?client_id=page&response_type=token"


@pytest.fixture
def stranger(tab):
    """Return a visitor whose page takes tokens, and who has none."""
    visitor = tab()
    settings = {"access": "token", "signInUrl": SIGN_IN, "maxBytes": 10**7}
    visitor.page.route("**/config.json", lambda route: route.fulfill(json=settings))
    visitor.page.goto(visitor.url)
    expect(visitor.page.get_by_label("Access token")).to_be_visible()
    return visitor


def sign_in(visitor, fragment):
    """Sign in at an issuer that sends people back with `fragment`, given the state that the page sent; return that state."""
    asked = []

    def answer(route):
        query = parse_qs(urlsplit(route.request.url).query)
        asked.append(query)
        back = json.dumps(f"{visitor.url}#{fragment(query['state'][0])}")
        route.fulfill(content_type="text/html", body=f"<script>location.replace({back})</script>")

    visitor.page.route(f"{ISSUER}/**", answer, times=1)
    visitor.page.get_by_role("button", name="Sign in").click()
    visitor.page.wait_for_url(visitor.url)
    ((query),) = asked
    assert (query["client_id"], query["response_type"]) == (["page"], ["token"])
    return query["state"][0]


def with_token(state):
    """Return what a right issuer puts behind the address."""
    return f"access_token={CODE}&token_type=Bearer&state={state}"


def test_a_token_comes_from_the_sign_in_and_leaves_no_trace_in_the_address(stranger):
    """The page leads to the sign-in, and takes what comes back with the state that it sent; each state is another one."""
    states = {sign_in(stranger, lambda state: f"error=access_denied&state={state}")}
    expect(stranger.page.get_by_label("Access token")).to_be_visible()
    states.add(sign_in(stranger, with_token))
    expect(stranger.page.get_by_text("Drop pictures anywhere")).to_be_visible()
    assert len(states) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", state) for state in states)
    assert stranger.page.url == stranger.url
    stranger.drop(picture("signed-in.png"))
    stranger.sees("signed-in.png", "ready")


def is_refused(visitor):
    """Wait until the page says that it took no token; nothing of it is kept or left in the address."""
    expect(visitor.page.get_by_role("alert")).to_contain_text("was not taken. Sign in again")
    expect(visitor.page.get_by_text("Drop pictures anywhere")).to_be_hidden()
    assert visitor.page.url == visitor.url
    assert visitor.page.evaluate("sessionStorage.getItem('access')") is None
    return True


@pytest.mark.parametrize("state", ["", "&state=", f"&state={'0' * 32}", "&state=null"])
@pytest.mark.parametrize("kind", ["access_token", pytest.param("id_token", marks=pytest.mark.soak)])
def test_a_token_without_a_state_of_this_tab_is_not_taken(stranger, kind, state):
    """Or a link could sign people in as somebody else, who then sees what they upload; they can sign in right after."""
    stranger.page.goto("about:blank")
    stranger.page.goto(f"{stranger.url}#{kind}={CODE}{state}")
    assert is_refused(stranger)
    sign_in(stranger, with_token)
    expect(stranger.page.get_by_text("Drop pictures anywhere")).to_be_visible()


def test_a_sign_in_that_comes_back_with_another_state_is_not_taken(stranger):
    """A foreign one, and then the right one too late: a state is good for one answer."""
    state = sign_in(stranger, lambda state: with_token(state[::-1] + "0"))
    assert is_refused(stranger)
    stranger.page.goto("about:blank")
    stranger.page.goto(f"{stranger.url}#{with_token(state)}")
    assert is_refused(stranger)


def test_a_state_is_good_for_one_token(stranger):
    """The address of a sign-in, opened again in the same tab, changes nobody's token."""
    state = sign_in(stranger, with_token)
    stranger.page.goto("about:blank")
    stranger.page.goto(f"{stranger.url}#access_token=another-token-than-before&state={state}")
    expect(stranger.page.get_by_text("Drop pictures anywhere")).to_be_visible()
    assert stranger.page.url == stranger.url
    assert stranger.page.evaluate("sessionStorage.getItem('access')") == CODE


def test_twenty_at_once(visitor):
    """All become ready, none twice."""
    visitor.drop(*(picture(f"{number}.png", size=(60, 40)) for number in range(20)))
    expect(visitor.page.locator("#summary")).to_have_text("20 ready", timeout=2 * PATIENCE)
    expect(visitor.page.locator(".card")).to_have_count(20)


def test_a_reload_in_the_middle_loses_nothing_that_s3_has(visitor):
    """What was uploaded is followed on; what was not is said to be lost."""
    page = visitor.page
    page.route("**/api/images/*", lambda route: route.fulfill(json={"status": "queued"}))
    visitor.drop(picture("halfway.png"))
    visitor.sees("halfway.png", "processing")
    page.route(lambda url: url.startswith("http://127.0.0.1"), lambda route: None)
    visitor.drop(picture("stuck.png"))
    visitor.sees("stuck.png", "uploading")

    page.reload()

    expect(visitor.sees("stuck.png", "failed")).to_contain_text("Drop it again")
    visitor.sees("halfway.png", "processing")
    page.unroute("**/api/images/*")
    visitor.sees("halfway.png", "ready")


def test_offline_is_shown_and_everything_goes_on_afterwards(visitor):
    """The banner comes and goes, and what was dropped in between is uploaded."""
    banner = visitor.page.get_by_text("You are offline")
    visitor.page.context.set_offline(True)
    expect(banner).to_be_visible()
    visitor.drop(picture("cave.png"))
    visitor.sees("cave.png", "waiting")
    visitor.page.context.set_offline(False)
    visitor.sees("cave.png", "ready")
    expect(banner).to_be_hidden()


def test_script_in_a_name_is_only_a_name(visitor):
    """It is shown as it is, and nothing of it runs."""
    names = ["<img src=x onerror=alert(1)>.png", '"><script>alert(2)</script>.png', "javascript:alert(3).png"]
    visitor.drop(*(picture(name) for name in names))
    for name in names:
        visitor.sees(name, "ready")
    assert visitor.page.evaluate("document.querySelectorAll('#cards script, #cards [onerror]').length") == 0


@LOOKS
def test_axe_finds_nothing_and_nothing_sticks_out(tab, scheme, width):
    """The form, then the page with cards ready and rejected, in both schemes and at both widths."""
    visitor = tab(color_scheme=scheme, reduced_motion="reduce")
    visitor.page.set_viewport_size({"width": width, "height": 900})
    visitor.page.goto(visitor.url)
    expect(visitor.page.get_by_label("Access code")).to_be_visible()
    assert visitor.complaints() == []
    visitor.enter(CODE)
    visitor.drop(picture("cat.png"), File("notes.txt", "text/plain", b"x"))
    visitor.sees("cat.png", "ready")
    visitor.sees("notes.txt", "rejected")
    assert visitor.complaints() == []
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visitor.page.locator(".card").first.evaluate("card => getComputedStyle(card).animationName") == "none"
