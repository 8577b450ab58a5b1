"""The page in a real browser: what others wrote is text, nothing is loaded, commands can be copied, and it can be read by everybody."""

from __future__ import annotations

import re
import tracemalloc
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ops.dead_letters.report.gallery import Shown
from ops.dead_letters.report.gathered import Entry, Gathered
from ops.dead_letters.report.page import Report, write_page
from ops.session import Session
from ops.terminal.page import unfinished_page
from tests.web.chromium import LOOKS, chromium
from tests.web.lone_page import shown_alone
from tests.worker.images.pictures.small import jpeg

HOSTILE = "<script>document.title = 'run'</script><img src=x onerror=alert(1)>\"' &amp;\u202e.jpg"
NOW = datetime(2026, 11, 26, 5, 0, tzinfo=UTC)
PICTURE = Shown("data:image/jpeg;base64," + b64encode(jpeg()).decode())


def entry(number, verdict="permanent", reason="truncated", key=HOSTILE, detail=HOSTILE):
    """Return a letter that failed `number` minutes ago."""
    at = NOW - timedelta(minutes=number)
    return Entry(
        at, f"{number:08}-0000-4000-8000-000000000000", (key,), verdict, reason, detail, 5, 1, at + timedelta(days=14)
    )


def session():
    """Return a session of a stack that is never asked anything."""
    found: Any = Session("local", None)
    found.__dict__["stack"] = SimpleNamespace(name="<b>local</b>", arguments="--stack local", source_bucket="pictures")
    return found


def written(folder, entries, pictures=()):
    """Write a page and return its path."""
    gathered = Gathered()
    for each in entries:
        gathered.add(each)
    path = folder / "report.html"
    with unfinished_page(path) as out:
        assert out is not None
        write_page(out, Report(session(), gathered, dict(pictures), NOW, ""))
    return path


@pytest.fixture(scope="module")
def browser():
    """Return the browser."""
    with chromium() as found:
        yield found


@LOOKS
def test_what_others_wrote_is_text_and_nothing_is_loaded(tmp_path, browser, scheme, width):
    """Hostile keys and details; axe-core finds nothing, and nothing sticks out."""
    letters = [entry(1), entry(2, "retry", "conflict"), entry(90, "no-answer", "none")]
    path = written(tmp_path, letters, {letters[0].id: (PICTURE, Shown(words=HOSTILE))})
    with shown_alone(browser, path, scheme, width) as tab:
        assert tab.title() == "Dead letters of <b>local</b>"
        assert tab.locator("article h3").first.inner_text() == HOSTILE.replace("\u202e", "\\u202e")
        assert tab.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 40


def test_who_sent_what_is_nobody_s_event_is_said(tmp_path):
    """In words, with the command that finds the sender; of other letters nothing."""
    foreign = entry(
        1, reason="malformed-event", detail="The message is no JSON. Sent by AROADBQP57FF2AEXAMPLE:nightly."
    )
    page = written(tmp_path, [foreign, entry(2)]).read_text()
    assert page.count("sent by ") == 1
    assert "sent by the role with id AROADBQP57FF2AEXAMPLE, session nightly: <code>aws iam list-roles " in page


def test_commands_are_copied_with_a_keyboard(tmp_path, browser):
    """That of a group, of a letter, and of a selection, which is cleared again."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    tab = context.new_page()
    tab.goto(written(tmp_path, [entry(1, "retry", "conflict"), entry(2, "retry", "conflict")]).as_uri())

    def press(name):
        tab.get_by_role("button", name=name, exact=True).first.press("Enter")
        return tab.evaluate("navigator.clipboard.readText()")

    assert re.search(r"python -m ops --stack local redrive --verdict retry --reason conflict$", press("Copy"))
    tab.get_by_role("button", name="Copy redrive").wait_for(state="hidden")
    for box in tab.get_by_role("checkbox").all():
        box.press("Space")
    assert tab.get_by_role("status").inner_text() == "2 selected"
    assert press("Copy redrive").endswith(
        "redrive --id " + " --id ".join(f"{n:08}-0000-4000-8000-000000000000" for n in (1, 2))
    )
    assert " --export selected-" in press("Copy dlq purge")
    tab.get_by_role("button", name="Clear").press("Enter")
    tab.get_by_role("button", name="Copy redrive").wait_for(state="hidden")
    context.close()


@pytest.mark.soak
def test_ten_thousand_letters_fit(tmp_path, browser):
    """Below 20 MB with all the pictures that a page has room for, and written in less memory than it takes."""
    entries = [entry(number, key="folder/" + "k" * 80 + f"{number}.jpg", detail="d" * 200) for number in range(10_000)]
    full = Shown("data:image/webp;base64," + "A" * 64_000)
    pictures = {each.id: (full, Shown(words="There is no rendition of it.")) for each in entries[:147]}
    tracemalloc.start()
    path = written(tmp_path, entries, pictures)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert path.stat().st_size < 20_000_000
    assert peak < path.stat().st_size / 2
    tab = browser.new_page()
    tab.goto(path.as_uri())
    assert tab.locator("article").count() == 10_000
    tab.close()


def test_nothing_to_do_is_said(tmp_path):
    """A page all the same."""
    assert "There is nothing to do." in written(tmp_path, []).read_text()
