"""What a report shows of a picture."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime

import pytest
from PIL import Image

from ops.dead_letters.report import gallery
from ops.dead_letters.report.gallery import Gallery, type_of
from ops.stack.deployment import Deployment
from ops.stack.picture import RenditionState, SourceState
from ops.terminal.errors import Denied
from tests.worker.images.pictures import factories
from worker.contracts.recipes.by_prefix import one_recipe
from worker.contracts.recipes.specs import DEFAULT_RENDITIONS

LARGE = factories.encode(factories.scene(1600, 1200), "JPEG")


class Buckets:
    """One original, and renditions by name."""

    def __init__(self, original=None, renditions=None, **state):
        self.data, self.renditions, self.state = original, renditions or {}, state

    def source(self, _key):
        if self.data is None:
            return None
        facts = {"size": len(self.data), "storage_class": "STANDARD", "is_archived": False, **self.state}
        return SourceState("etag", None, modified_at=datetime.now(UTC), **facts)

    def rendition(self, spec, key):
        data = self.renditions.get(spec.name)
        return RenditionState(spec.name, f"{spec.name}/{key}", data and len(data), None, None)

    def download(self, _key, path):
        path.write_bytes(self.data)

    def download_output(self, key, path):
        path.write_bytes(self.renditions[key.partition("/")[0]])


def pair(folder, buckets, **more):
    """Return what is shown of a key in `buckets`, of a worker with 512 MB."""
    deployment = Deployment(one_recipe(DEFAULT_RENDITIONS), 512, 90, datetime.now(UTC), "log")
    found = Gallery(buckets, deployment, folder, **more).pair("a.jpg")
    assert list(folder.iterdir()) == []
    return found


def decoded(shown):
    """Return media type and bytes of what is shown."""
    assert shown.words == ""
    head, _, data = shown.address.partition(";base64,")
    return head.removeprefix("data:"), base64.b64decode(data)


def test_a_small_picture_is_shown_as_it_is(tmp_path):
    """The very bytes: what is odd about them is what the reader wants to see. The smallest rendition stands beside it."""
    small, thumbnail = (
        factories.encode(factories.scene(60, 40), "PNG"),
        factories.encode(factories.scene(20, 10), "WEBP"),
    )
    original, good = pair(tmp_path, Buckets(small, {"web": LARGE, "thumbnail": thumbnail}))
    assert decoded(original) == ("image/png", small)
    assert decoded(good) == ("image/webp", thumbnail)


def test_a_large_picture_is_made_smaller_here(tmp_path):
    """Within the side, as WebP."""
    original, good = pair(tmp_path, Buckets(LARGE, {"web": LARGE}))
    for type_, data in (decoded(original), decoded(good)):
        assert (type_, Image.open(io.BytesIO(data)).size) == ("image/webp", (320, 240))


def test_as_much_of_a_broken_picture_as_there_is(tmp_path):
    """Half of a large JPEG, which the worker rejects, is half a picture."""
    type_, data = decoded(pair(tmp_path, Buckets(LARGE[: len(LARGE) // 2]))[0])
    image = Image.open(io.BytesIO(data)).convert("L")
    assert type_ == "image/webp"
    assert image.size == (320, 240)
    assert len(image.crop((0, 0, 320, 60)).getcolors() or []) > 10


def test_what_no_browser_shows_is_shown_by_the_worker(tmp_path):
    """A TIFF."""
    type_, data = decoded(pair(tmp_path, Buckets(factories.encode(factories.scene(640, 480), "TIFF")))[0])
    assert (type_, Image.open(io.BytesIO(data)).size) == ("image/webp", (320, 240))


@pytest.mark.parametrize(
    ("buckets", "words"),
    [
        (Buckets(), "deleted"),
        (Buckets(b""), "empty"),
        (Buckets(LARGE, is_archived=True), "archived"),
        (Buckets(LARGE, size=100_000_000), "100,000,000 bytes"),
        (Buckets(b"no picture at all"), "Nothing of it can be decoded"),
        (Buckets(b"\xff\xd8\xff" + bytes(100_000)), "Nothing of it can be decoded"),
    ],
)
def test_words_stand_for_what_is_not_shown(tmp_path, buckets, words):
    """Never a gap without a reason."""
    original, good = pair(tmp_path, buckets)
    assert words in original.words
    assert original.address == ""
    assert good.words == "There is no rendition of it."


def test_the_page_has_room_for_so_much(tmp_path):
    """What does not fit says so, and how to see it."""
    original, _ = pair(tmp_path, Buckets(LARGE), left=1000)
    assert "--reason" in original.words


def test_what_aws_refuses_is_said_in_its_place(tmp_path):
    """The other letters are shown all the same."""

    class Closed(Buckets):
        def download(self, _key, _path):
            raise Denied("You are not allowed to read it.")

    assert pair(tmp_path, Closed(LARGE))[0].words == "You are not allowed to read it."


def test_a_decoder_that_does_not_end_is_stopped(tmp_path, monkeypatch):
    """After the seconds that a picture has."""
    monkeypatch.setattr(gallery, "_SECONDS", 0.01)
    assert "Nothing of it" in pair(tmp_path, Buckets(LARGE))[0].words


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP"])
def test_what_every_browser_shows_is_known_by_its_first_bytes(format_):
    """By the bytes: a key's ending may lie."""
    assert type_of(factories.encode(factories.scene(20, 20), format_)) == f"image/{format_.lower()}"
