from __future__ import annotations

import io
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageColor

from tests.worker.fakes import StoppedClock
from tests.worker.images.pictures import factories
from tests.worker.images.pictures.small import jpeg
from worker import images
from worker.contracts.errors import Reject, TooLarge, UnsupportedFormat
from worker.contracts.function.memory import BASE
from worker.contracts.recipes.focus import CENTRE
from worker.contracts.recipes.specs import RenditionSpec
from worker.images.admission.estimate import estimate
from worker.images.headers.reading import read_header
from worker.images.planning.plan import plan
from worker.process.clock import Clock
from worker.process.overlap import NeedsExclusive, Overlap, Reservation
from worker.reconcile.sources import Source
from worker.rendering import renderer
from worker.rendering.parent import render_in_child
from worker.rendering.renderer import Budget, Renderer

SPECS = (RenditionSpec("thumbnail", 16, 16),)
IMAGES = Path(images.__file__).parent


def source(data: bytes) -> Source:
    """Return a source of these bytes."""
    return Source("a.jpg", '"etag"', None, len(data), lambda: data)


@pytest.mark.parametrize("how", ["here", "overlapped", "in a child"])
@pytest.mark.parametrize(("focus", "colour"), [("", "lime"), ("0,0.5", "red"), ("1,0.5", "blue"), ("ignored", "lime")])
def test_the_original_s_own_focus_wins(how, focus, colour):
    """Wherever it is rendered; the recipe's is in the middle."""
    image = Image.new("RGB", (90, 30), "lime")
    image.paste("red", (0, 0, 30, 30))
    image.paste("blue", (60, 0, 90, 30))
    specs = (RenditionSpec("square", 30, 30, fit="cover", format="png", focus=CENTRE),)
    reservation = Reservation(Overlap(2, 100), Clock(StoppedClock(90))) if how == "overlapped" else None
    budget = Budget(60, in_child=how == "in a child", reservation=reservation)
    picture = replace(source(factories.encode(image, "PNG")), focus=focus)
    (made,) = Renderer(specs, 512 * 2**20)(picture, ["square"], budget).renditions
    square = Image.open(io.BytesIO(made.data)).convert("RGB")
    assert square.getcolors() == [(900, ImageColor.getrgb(colour))]


@pytest.mark.parametrize("in_child", [True, False])
def test_the_budget_decides_where_a_picture_is_rendered(monkeypatch, in_child):
    """A child process is started only if the budget says so, and the renditions are the same."""
    children = []

    def watch(*arguments, **options):
        children.append(arguments)
        return render_in_child(*arguments, **options)

    monkeypatch.setattr(renderer, "render_in_child", watch)
    rendered = Renderer(SPECS, 512 * 2**20)(source(jpeg()), ["thumbnail"], Budget(60, in_child=in_child))
    assert [(each.name, each.width, each.height) for each in rendered.renditions] == [("thumbnail", 16, 12)]
    assert len(children) == in_child


@pytest.mark.parametrize("in_child", [True, False])
def test_a_file_of_more_than_half_the_memory_is_refused_unread(in_child):
    """The bytes alone would fill the memory, wherever they are rendered."""
    large = Source("a.jpg", '"etag"', None, 2**20, lambda: pytest.fail("downloaded"))
    with pytest.raises(TooLarge, match=r"worker\.memory"):
        Renderer(SPECS, 2**20)(large, ["thumbnail"], Budget(60, in_child=in_child))


def overlapped(data: bytes, *, memory_bytes: int = 512 * 2**20, limit: int = 2**20, in_child: bool = False):
    """Return the outcome of rendering these bytes in an overlap that reads `limit` bytes ahead, and the overlap."""
    overlap = Overlap(2, limit)
    budget = Budget(60, in_child=in_child, reservation=Reservation(overlap, Clock(StoppedClock(90))))
    try:
        return Renderer(SPECS, memory_bytes)(source(data), ["thumbnail"], budget), overlap
    except (NeedsExclusive, TooLarge, UnsupportedFormat) as exc:
        return type(exc), overlap


def test_an_overlapped_picture_is_rendered_the_same():
    """Afterwards the bytes of its renditions are reserved instead of those of its file, until they are uploaded."""
    rendered, overlap = overlapped(jpeg())
    assert rendered == Renderer(SPECS, 512 * 2**20)(source(jpeg()), ["thumbnail"], Budget(60))
    assert overlap.reserved == len(rendered.renditions[0].data)


def test_room_is_made_for_the_file_and_then_for_the_picture(monkeypatch):
    """Each before it is there: what is kept of pictures before might be too much beside it."""
    rooms: list[object] = []
    data, memory = jpeg(), 512 * 2**20

    def read() -> bytes:
        rooms.append("read")
        return data

    monkeypatch.setattr(renderer, "make_room", lambda needed, memory_bytes: rooms.append((needed, memory_bytes)))
    file = Source("a.jpg", '"etag"', None, len(data), read)
    Renderer(SPECS, memory)(file, ["thumbnail"], Budget(60))
    estimated = estimate(plan(read_header(data), SPECS), len(data))
    assert rooms == [(BASE + 2 * len(data), memory), "read", (estimated, memory)]


def test_a_picture_that_does_not_fit_beside_others_needs_exclusive_memory():
    """It is too large for what the others leave, and not too large for the whole function's memory."""
    data = jpeg()
    memory = BASE + 4 * len(data)
    while isinstance(overlapped(data, memory_bytes=memory, limit=0)[0], type):
        memory += 2**12
    assert overlapped(data, memory_bytes=memory, limit=2**13)[0] is NeedsExclusive
    Renderer(SPECS, memory)(source(data), ["thumbnail"], Budget(60))


def test_a_picture_that_ends_its_process_needs_exclusive_memory():
    """Its child process may take all of the function's memory."""
    assert overlapped(jpeg(), in_child=True)[0] is NeedsExclusive


def test_a_verdict_is_the_same_overlapped():
    """What can never be rendered is rejected at once."""
    assert overlapped(b"no picture")[0] is UnsupportedFormat


def test_a_verdict_does_not_keep_the_picture():
    """A verdict is kept while it is published: its traceback would hold the picture."""
    cut = jpeg(400, 300)
    with pytest.raises(Reject) as caught:
        Renderer(SPECS, 512 * 2**20)(source(cut[: len(cut) // 2]), ["thumbnail"], Budget(60))
    frames = []
    traceback = caught.value.__traceback__
    while traceback:
        frames.append(Path(traceback.tb_frame.f_code.co_filename))
        traceback = traceback.tb_next
    assert not [frame for frame in frames if IMAGES in frame.parents]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


class OpenAnswer:
    """S3's answer to a GET whose body is not read yet: what happened to it, in order."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.events: list[str] = []
        self.closed = threading.Event()

    def source(self) -> Source:
        return Source("a.jpg", '"etag"', None, len(self.data), self.read, self.let_go)

    def read(self) -> bytes:
        self.events.append("read")
        return self.data

    def let_go(self) -> None:
        self.events.append("let go")
        self.closed.set()


def test_no_answer_is_open_while_its_picture_waits_for_room():
    """S3 would end it, and the picture would be given up for its neighbours; where there is room it is read at once."""
    overlap, clock, answer = Overlap(2, 100), Clock(StoppedClock(90)), OpenAnswer(jpeg())
    other = Reservation(overlap, clock)
    other.replace(100)
    budget = Budget(60, reservation=Reservation(overlap, clock))
    rendering = overlap.start(lambda: Renderer(SPECS, 512 * 2**20)(answer.source(), ["thumbnail"], budget))
    assert answer.closed.wait(20)
    assert answer.events == ["let go"]
    other.replace(0)
    assert rendering.result(20).renditions
    assert answer.events == ["let go", "read", "let go"]


@pytest.mark.parametrize(
    ("memory_bytes", "in_child", "error"), [(BASE + 10, False, TooLarge), (512 * 2**20, True, NeedsExclusive)]
)
def test_no_answer_is_left_open(memory_bytes, in_child, error):
    """Of a picture that is refused unread, or that waits for the others to be done."""
    answer = OpenAnswer(jpeg())
    budget = Budget(60, in_child=in_child, reservation=Reservation(Overlap(2, 100), Clock(StoppedClock(90))))
    with pytest.raises(error):
        Renderer(SPECS, memory_bytes)(answer.source(), ["thumbnail"], budget)
    assert answer.events == ["let go"]
